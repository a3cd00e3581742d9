"""Tables written one by one are read back as one."""

import pandas as pd
import pytest

from stages.core.results.results import read_results, results_table, write_results
from stages.encode.written import write_as_they_come

OF = {"dataset": "toy", "model": "m", "layer": "layer_00", "kind": "hidden"}


def tables():
    for subject, ceiling in (("s1", None), ("s2", 0.5)):
        rows = [OF | {"subject": subject, "region": f"v{k}", "score": k / 7} for k in range(3)]
        yield results_table(pd.DataFrame(rows).assign(ceiling=ceiling))


def test_parts_are_read_back_as_one_table(tmp_path):
    parts = tmp_path / "parts.parquet", tmp_path / "others.parquet"
    write_as_they_come(parts, zip(tables(), tables(), strict=True))
    assert parts[0].read_bytes() == parts[1].read_bytes()
    write_results(tmp_path / "whole.parquet", pd.concat(tables(), ignore_index=True))
    parts, whole = (
        read_results(tmp_path / f"{name}.parquet", "encode", "") for name in ("parts", "whole")
    )
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    assert len(parts) == 6


def test_nothing_is_left_of_a_run_that_breaks_off(tmp_path):
    def broken():
        yield (next(tables()),)
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write_as_they_come([tmp_path / "parts.parquet"], broken())
    assert not list(tmp_path.iterdir())
