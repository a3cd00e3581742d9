"""Responses as files have them: rows, names, ids, and where something is wrong."""

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_responses import read_measured

VALUES = [[1.5, -2.0], [0.25, 4.0], [3.0, 5.0]]


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
@pytest.mark.parametrize("at", [None, 0, 1, 2])
def test_a_table_has_a_column_for_each_target(tmp_path, ending, at):
    table = pd.DataFrame(VALUES, columns=["x", "y"])
    if at is not None:
        table.insert(at, "id", ["s1", " s2 ", "s1"])
    path = tmp_path / f"responses.{ending}"
    if ending == "parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, sep="," if ending == "csv" else "\t", index=False)
    found = read_measured(path)
    assert found.path == path
    np.testing.assert_array_equal(found.series, VALUES)
    assert found.series.dtype == np.float64
    assert found.names == ["x", "y"]
    assert (found.ids is None) == (at is None)
    assert found.ids is None or [one.strip() for one in found.ids] == ["s1", "s2", "s1"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["x,y", "1,2", "3,nan"], "not a number in .*line 3, y: .*got 'nan'"),
        (["x,y", "1,", "3,4"], "line 2, y: .*got nothing"),
        (["x,y", "inf,a", "3,4"], "line 2, x: .*got 'inf'"),
        (["id,x,y", "a,1,2", ",3,4"], "no text in .*line 3, id: .*got nothing"),
        (["id,x,y", "a,1,2", "b,q,4"], "line 3, x: .*got 'q'"),
        (["x,y,id", "1,2,a", "3,r,b"], "line 3, y: .*got 'r'"),
        (["x,y"], "table without rows"),
        (["id", "a"], "no target in .*a column of numbers"),
        (["x,Run", "1,2"], "column that is no target in .*got 'Run'"),
        (["x,ID", "1,2"], "column that is no target in .*got 'ID'"),
        (["x,index", "1,2"], "column that is no target in .*got 'index'"),
        (["x,x", "1,2"], "x"),
    ],
)
def test_what_is_wrong_is_told_with_its_cell(write_lines, lines, message):
    with pytest.raises(InputError, match=message):
        read_measured(write_lines("responses.csv", *lines))


@pytest.fixture
def arrays(tmp_path):
    def of(**given):
        np.savez(tmp_path / "responses.npz", **given)
        return read_measured(tmp_path / "responses.npz")

    return of


@pytest.mark.parametrize("kind", [np.float32, np.int16, np.uint8])
def test_arrays_may_have_names_and_ids(arrays, kind):
    values = np.array([[1, 2], [3, 4], [5, 6]], dtype=kind)
    found = arrays(responses=values)
    assert (found.names, found.ids) == (None, None)
    assert found.series.dtype == np.float64
    np.testing.assert_array_equal(found.series, values)
    found = arrays(responses=values, targets=["x", "y"], id=[7, 8, 9])
    assert (found.names, found.ids) == (["x", "y"], ["7", "8", "9"])


ONES = np.ones((3, 2))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"responses": ONES, "ids": ["a"]}, "unknown array in .*got 'ids'.*id"),
        ({"targets": ["a"]}, "array missing in .*got .'targets'"),
        ({"responses": np.ones(3)}, "not responses in .*got float64, 3"),
        ({"responses": np.ones((1, 2, 3))}, "got float64, 1 × 2 × 3"),
        ({"responses": np.array(1.0)}, "got float64, one number"),
        ({"responses": np.ones((0, 2))}, "got float64, 0 × 2"),
        ({"responses": np.ones((2, 0))}, "got float64, 2 × 0"),
        ({"responses": np.full((2, 2), "a")}, "not responses .*U1, 2 × 2"),
        ({"responses": np.ones((2, 2), dtype=bool)}, "not responses .*bool"),
        ({"responses": np.ones((2, 2), dtype=complex)}, "not responses .*complex"),
        ({"responses": ONES, "targets": ["a"]}, "npz: targets: expected 2, got 1"),
        ({"responses": ONES, "id": ["a", "b"]}, "npz: id: expected 3, got 2"),
        ({"responses": ONES, "targets": ["a", "a"]}, "a"),
        ({"responses": ONES, "targets": ["a", "run"]}, "column that is no target"),
        ({"responses": ONES, "targets": ["a", " "]}, "no text in .*npz: targets, 2: "),
        ({"responses": ONES, "targets": [["a", "b"]]}, "not names .*got <U1, 2 dimensions"),
        ({"responses": ONES, "id": [0.5, 1, 2]}, "not names .*got float64, 1 dimensions"),
    ],
)
def test_arrays_that_are_no_responses_are_refused(arrays, given, message):
    with pytest.raises(InputError, match=message):
        arrays(**given)


@pytest.mark.parametrize("names", [None, ["x", "y"]])
def test_a_number_that_is_not_finite_is_told_with_its_place(arrays, names):
    values = np.array([[1, 2], [3, 4], [np.inf, np.nan]])
    given = {} if names is None else {"targets": names}
    column = "target 1" if names is None else "x"
    with pytest.raises(InputError, match=f"not a number in .*row 3, {column}: .*got inf"):
        arrays(responses=values, **given)


def test_files_that_are_no_arrays(tmp_path):
    path = tmp_path / "responses.npz"
    path.write_bytes(b"PK no")
    with pytest.raises(InputError, match="unreadable .npz file"):
        read_measured(path)
    np.savez(path, responses=np.array([["a", 1.0]], dtype=object))
    with pytest.raises(InputError, match="unreadable .npz file"):
        read_measured(path)
