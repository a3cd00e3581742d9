"""The table of results: what is made of rows, and what reading refuses."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.results import (
    COLUMNS,
    NUMBERS,
    read_results,
    records,
    results_table,
    rounded,
    write_results,
)
from stages.core.run.errors import ConcordError, InputError

OF = {"dataset": "toy", "subject": "s1", "region": "IFG", "model": "m", "kind": "hidden"}
ROWS = [OF | {"layer": f"layer_{k}", "score": k / 9, "p": 0.5, "q": 1.0} for k in range(3)]


def test_what_is_absent_is_empty_or_missing():
    table = results_table([*ROWS, {"score": 1, "n": 3, "region": None, "else": 9}])
    assert tuple(table) == COLUMNS
    last = table.iloc[3]
    for name in COLUMNS:
        if name in NUMBERS:
            assert table[name].dtype == float
            np.testing.assert_equal(last[name], {"score": 1.0, "n": 3.0}.get(name, np.nan))
        else:
            assert last[name] == ""
    assert list(table["layer"]) == ["layer_0", "layer_1", "layer_2", ""]
    pd.testing.assert_frame_equal(results_table(pd.DataFrame(ROWS)), results_table(iter(ROWS)))


def test_names_that_are_numbers_become_text():
    assert list(results_table([{"subject": 7, "score": 0.0}])["subject"]) == ["7"]
    categories = pd.DataFrame(ROWS).astype({"layer": "category"})
    assert list(results_table(categories)["layer"]) == ["layer_0", "layer_1", "layer_2"]


@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_none_is_named(score):
    bad = {"score": score, "region": "IFG", "target": "t9", "layer": "last"}
    with pytest.raises(ConcordError, match="score that is not finite in IFGt9, last"):
        results_table([*ROWS, bad, {"score": np.nan, "region": "later"}])


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
@pytest.mark.parametrize("name", ["p", "q"])
def test_probabilities_of_0_and_1_are_read(tmp_path, name, value):
    table = results_table(ROWS).assign(**{name: value})
    write_results(tmp_path / "r.parquet", table)
    pd.testing.assert_frame_equal(read_results(tmp_path / "r.parquet", "encode", "Do."), table)


@pytest.mark.parametrize(("name", "value"), [("p", 1.01), ("p", -0.01), ("q", 1.01), ("q", -0.01)])
def test_what_is_no_probability_is_refused_by_its_row(tmp_path, name, value):
    table = results_table(ROWS).assign(region="IFG", target="t", metric="r")
    table.loc[1, name] = value
    write_results(tmp_path / "r.parquet", table)
    with pytest.raises(InputError, match=r"probability .*r\.parquet: got m, layer_1, IFGt, r\. Do"):
        read_results(tmp_path / "r.parquet", "encode", "Do it.")


def test_the_first_row_that_occurs_twice_is_named(tmp_path):
    table = results_table([*ROWS, ROWS[2], ROWS[0]])
    write_results(tmp_path / "r.parquet", table)
    with pytest.raises(InputError, match="row that occurs twice.*m, layer_2"):
        read_results(tmp_path / "r.parquet", "encode", "Do.")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.12345678, "0.1235"), (-0.00001, "0.0"), (np.float32(2), "2.0"), (-1.5, "-1.5")],
)
def test_numbers_of_metrics_files(value, expected):
    assert repr(rounded(value)) == expected


def test_rows_as_dicts():
    table = pd.DataFrame({"a": [1, 2], 3: ["x", "y"]}, index=[5, 9])
    assert records(table) == [{"a": 1, "3": "x"}, {"a": 2, "3": "y"}]
