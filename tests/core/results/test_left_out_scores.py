"""Scores without each piece, below each other."""

import numpy as np
import pandas as pd

from stages.core.results.left_out_scores import COLUMNS, jackknife_table, read_jackknife
from stages.core.run.tables import write_table


def test_tables_are_put_below_each_other(tmp_path):
    one = pd.DataFrame(
        {"model": ["a", None], "piece": [0, 1], "score": [0.5, 0.25], "fitted": [2, np.nan]}
    )
    other = pd.DataFrame({"region": ["b"], "piece": [1], "score": [1]}, index=[7])
    found = jackknife_table([one, other])
    assert list(found) == list(COLUMNS)
    assert list(found.index) == [0, 1, 2]
    assert list(found["model"]) == ["a", "", ""]
    assert list(found["region"]) == ["", "", "b"]
    assert list(found["fitted"]) == [2, 0, 0]
    assert list(found["score"]) == [0.5, 0.25, 1]
    assert [found[name].dtype for name in ("piece", "score", "fitted")] == [float] * 3
    assert (found[["target", "dataset"]] == "").all(axis=None)
    write_table(tmp_path / "j.parquet", found)
    pd.testing.assert_frame_equal(read_jackknife(tmp_path / "j.parquet", "Do."), found)


def test_without_tables_it_has_no_rows(tmp_path):
    write_table(tmp_path / "j.parquet", jackknife_table([]))
    found = read_jackknife(tmp_path / "j.parquet", "Do.")
    assert len(found) == 0
    assert list(found) == list(COLUMNS)
