"""A table of results that was edited by hand is refused where it shows."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.results import read_results, results_table, write_results
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table

OF = {"dataset": "toy", "subject": "s1", "region": "IFG", "model": "m", "kind": "hidden"}
ROWS = [OF | {"layer": f"layer_{k}", "score": k / 9, "p": 0.5, "q": 1.0} for k in range(4)]


def edited(table, column, value):
    return table.assign(**{column: [value, *table[column][1:]]})


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda t: edited(t, "score", np.nan), "score that is not finite .*m, layer_0"),
        (lambda t: edited(t, "score", np.inf), "score that is not finite"),
        (lambda t: t.assign(score="high"), "wrong kind of values .*column score"),
        (lambda t: t.assign(model=1.0), "wrong kind of values .*column model"),
        (lambda t: edited(t, "region", None), "wrong kind of values .*column region"),
        (lambda t: edited(t, "p", 1.5), "probability outside 0 to 1"),
        (lambda t: edited(t, "q", -0.1), "probability outside 0 to 1"),
        (lambda t: pd.concat([t, t.iloc[[2]]]), "row that occurs twice .*m, layer_2"),
        (lambda t: t.drop(columns="layer"), "column missing .*layer"),
        (lambda t: edited(t, "region", ""), "row that encode does not write .*region ''"),
        (lambda t: edited(t, "kind", "head"), "row that encode does not write .*kind 'head'"),
    ],
)
def test_an_edited_table(tmp_path, edit, message):
    path = tmp_path / "r.parquet"
    write_results(path, results_table(ROWS))
    assert len(read_results(path, "encode", "Do it.")) == 4
    write_table(path, edit(results_table(ROWS)))
    with pytest.raises(InputError, match=rf"{message}.*Do it"):
        read_results(path, "encode", "Do it.")


def test_a_score_that_was_changed_by_hand(tmp_path):
    """As pandas or Arrow write it: the score is possible, and no rule is broken."""
    path = tmp_path / "r.parquet"
    write_results(path, results_table(ROWS), {"recording toy": "1" * 64})
    table = read_results(path, "encode", "Do it.")
    edited(table, "score", 0.9).to_parquet(path, index=False)
    with pytest.raises(InputError, match=r"table that was edited in .*got none\. Do it") as error:
        read_results(path, "encode", "Do it.")
    assert "\n" not in str(error.value)


def test_a_table_without_rows(tmp_path):
    write_results(tmp_path / "r.parquet", results_table([]))
    assert read_results(tmp_path / "r.parquet", "encode", "Do it.").empty


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_bytes_that_are_no_longer_a_table(tmp_path, place):
    """The footer is whole, so that only reading the values shows it."""
    path = tmp_path / "r.parquet"
    rows = [row | {"layer": f"layer_{k}", "n": k} for k, row in enumerate(ROWS * 50)]
    write_results(path, results_table(rows))
    content = bytearray(path.read_bytes())
    footer = int.from_bytes(content[-8:-4], "little")
    start = int(place * (len(content) - footer - 200))
    content[start : start + 120] = b"\xff" * 120
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"r\.parquet"):
        read_results(path, "encode", "Do it.")
