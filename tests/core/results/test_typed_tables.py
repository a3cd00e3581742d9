"""Columns of each kind, and what is refused of them."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.typed_tables import empty_table, flag, number, read_typed, text
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table

COLUMNS = text("name") | number("score") | flag("trained")
TABLE = pd.DataFrame({"name": ["a", "b"], "score": [1.5, np.nan], "trained": [True, False]})


def test_columns_are_of_their_kinds():
    assert COLUMNS == {"name": "text", "score": "number", "trained": "flag"}
    assert text("a", "b") == {"a": "text", "b": "text"}
    empty = empty_table(COLUMNS)
    assert list(empty) == ["name", "score", "trained"]
    assert len(empty) == 0
    assert [empty[name].dtype.kind for name in ("score", "trained")] == ["f", "b"]


@pytest.mark.parametrize(
    "table", [TABLE, TABLE[:0], TABLE.assign(score=[1, 2]), TABLE.assign(more=0)]
)
def test_what_is_read(tmp_path, table):
    write_table(tmp_path / "t.parquet", table)
    pd.testing.assert_frame_equal(read_typed(tmp_path / "t.parquet", COLUMNS, "Do."), table)


@pytest.mark.parametrize(
    ("edit", "column", "expected", "got"),
    [
        ({"name": [1.0, 2]}, "name", "strings, none of them missing", "float64, 0 missing"),
        ({"name": ["a", None]}, "name", "strings", "1 missing"),
        ({"score": ["1", "2"]}, "score", "numbers", "0 missing"),
        ({"score": [True, False]}, "score", "numbers", "bool, 0 missing"),
        ({"trained": [1, 0]}, "trained", "booleans, none of them missing", "int64, 0 missing"),
        ({"trained": ["yes", "no"]}, "trained", "booleans", "0 missing"),
        ({"trained": [True, None]}, "trained", "booleans", "1 missing"),
        ({"name": [True, False]}, "name", "strings", "bool"),
    ],
)
def test_another_kind_is_refused(tmp_path, edit, column, expected, got):
    write_table(tmp_path / "t.parquet", TABLE.assign(**edit))
    with pytest.raises(InputError) as error:
        read_typed(tmp_path / "t.parquet", COLUMNS, "Do it.")
    for said in (f"t.parquet, column {column}", expected, got, "Do it.", "wrong kind of values"):
        assert said in str(error.value)


def test_rows_that_are_kept(tmp_path):
    write_table(tmp_path / "t.parquet", TABLE)
    kept = {"name": ["b", "c"], "elsewhere": ["x"]}
    found = read_typed(tmp_path / "t.parquet", COLUMNS, "Do.", kept)
    assert list(found["name"]) == ["b"]
