import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_cells import (
    LabTable,
    cell_place,
    check_header,
    read_lab_table,
    text_rows,
    to_number,
)


@pytest.fixture
def write(tmp_path):
    """Write a table of a name."""

    def to(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return to


def test_places_are_lines_of_texts_and_rows_of_others(tmp_path):
    assert cell_place(tmp_path / "a.csv", 0) == f"{tmp_path}/a.csv, line 2"
    assert cell_place(tmp_path / "a.tsv", 3, "b") == f"{tmp_path}/a.tsv, line 5, b"
    assert cell_place(tmp_path / "a.parquet", 0, "b") == f"{tmp_path}/a.parquet, row 1, b"


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.5", 1.5), (" -2e3 ", -2000), (7, 7), ("1_0", np.nan), ("", np.nan), (None, np.nan),
     ("x", np.nan), ("nan", np.nan)],
)  # fmt: skip
def test_numbers_are_read(text, number):
    assert to_number(text) == pytest.approx(number, nan_ok=True)


def table(tmp_path, column):
    return LabTable(tmp_path / "a.csv", pd.DataFrame({"x": column}, dtype=object))


def test_gaps_are_missing_only_where_they_may_be(tmp_path):
    for column in (["1", " ", "3"], ["1", None, "3"], [1.0, np.nan, 3.0]):
        one = table(tmp_path, column)
        np.testing.assert_array_equal(one.numbers("x", gaps=True), [1, np.nan, 3])
        with pytest.raises(InputError, match="line 3, x: expected a finite number, got nothing"):
            one.numbers("x")
    for wrong in ("x", "inf", "nan"):
        with pytest.raises(InputError, match=f"line 2, x: .*got '{wrong}'"):
            table(tmp_path, [wrong, "1"]).numbers("x", gaps=True)
    for beyond in (np.inf, np.nan):
        cells = pd.DataFrame({"x": [beyond, 1.0]})
        with pytest.raises(InputError, match="line 2, x"):
            LabTable(tmp_path / "a.csv", cells).numbers("x")
    np.testing.assert_array_equal(LabTable(tmp_path, cells).numbers("x", gaps=True), [np.nan, 1])


def test_texts_are_texts_or_whole_numbers(tmp_path):
    assert table(tmp_path, ["NA", "1.0", " a "]).texts("x") == ["NA", "1.0", " a "]
    assert table(tmp_path, [3, 4]).texts("x") == ["3", "4"]
    for wrong, got in ((" ", "nothing"), (2.5, r"2\.5"), (None, "None")):
        with pytest.raises(InputError, match=f"line 3, x: .*got {got}"):
            table(tmp_path, ["a", wrong]).texts("x")


@pytest.mark.parametrize(("ending", "mark"), [("csv", ","), ("tsv", "\t")])
def test_columns_are_those_that_must_and_may_be_there(write, ending, mark):
    path = write(f"a.{ending}", f"id{mark}b\n1{mark}2\n")
    assert read_lab_table(path, ("id",), ("b",)).cells.to_numpy().tolist() == [["1", "2"]]
    assert list(read_lab_table(path, ("id",), None).cells) == ["id", "b"]
    assert list(read_lab_table(path, ("id", "b")).cells) == ["id", "b"]
    with pytest.raises(InputError, match="unknown column in .*got 'b'"):
        read_lab_table(path, ("id",))
    with pytest.raises(InputError, match=r"column missing in .*expected ib"):
        read_lab_table(path, ("ib",), None)
    with pytest.raises(InputError, match="table without rows"):
        read_lab_table(write(f"b.{ending}", f"id{mark}b\n"), ("id",), None)


def test_headers_have_a_name_each(tmp_path):
    check_header(["a", "b"], tmp_path)
    with pytest.raises(InputError, match="column without a name in .*got column 3"):
        check_header(["a", "b", ""], tmp_path)
    with pytest.raises(InputError, match="column named twice in .*got 'b'"):
        check_header(["a", "b", "c", "b"], tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "a,b\n1,2\n\n3,4\n", "line 3: expected 2 fields, got 0"),
        ("a.csv", "a,b\n1\n", "line 2: expected 2 fields, got 1"),
        ("a.tsv", "a\tb\n1\t2\t3\n", "line 2: expected 2 fields, got 3"),
        ("a.csv", 'a,b\n"1\n2",3\n', "several lines in .*line 2"),
        ("a.csv", "a,b\n1,2\n\"3,4\n", "unreadable table in .*after line 2"),
        ("a.csv", "a;b\n1;2\n", "separators in .*expected commas, got semicolons"),
        ("a.csv", "a\tb\n", "expected commas, got tabs"),
        ("a.tsv", "a,b\n", "expected tabs, got commas"),
        ("a.tsv", "a;b\n", "expected tabs, got semicolons"),
    ],
)  # fmt: skip
def test_rows_that_are_none_are_refused(write, name, text, message):
    with pytest.raises(InputError, match=message):
        list(text_rows(write(name, text)))


def test_rows_as_they_stand(write):
    assert list(text_rows(write("a.csv", 'a\n"x,""y"\nNA\n'))) == [["a"], ['x,"y'], ["NA"]]
    assert list(text_rows(write("a.tsv", 'a;b\tc\n"\t1\n\n\n'))) == [["a;b", "c"], ['"', "1"]]
    assert list(text_rows(write("b.csv", "a;b,c\n1,2\n"))) == [["a;b", "c"], ["1", "2"]]


def test_parquet_holds_texts_and_numbers(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"id": ["a"], "n": [1], "x": [0.5]}).to_parquet(path, index=False)
    assert read_lab_table(path, ("id", "n", "x")).cells.iloc[0].tolist() == ["a", 1, 0.5]
    pd.DataFrame({"id": ["a", "b"]}, index=[3, 1]).to_parquet(path)
    with pytest.raises(InputError, match="row numbers in a column"):
        read_lab_table(path, ("id",))
    for wrong in (pd.Timestamp("2020-01-01"), True, [1.0]):
        pd.DataFrame({"id": [wrong]}).to_parquet(path, index=False)
        with pytest.raises(InputError, match="column of another type in .*parquet, id"):
            read_lab_table(path, ("id",))
    path.write_bytes(b"PAR1")
    with pytest.raises(InputError, match="unreadable parquet"):
        read_lab_table(path, ("id",))


@pytest.mark.parametrize("wrong", ["x", "1_0", "", " ", "nan", None])
def test_texts_of_parquet_are_numbers_only_if_they_would_be_in_csv(tmp_path, wrong):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"id": ["a", "b"], "n": ["1.5", wrong]}).to_parquet(path, index=False)
    table = read_lab_table(path, ("id", "n"))
    with pytest.raises(InputError, match="not a number in .*a.parquet, row 2, n"):
        table.numbers("n")
    pd.DataFrame({"id": ["a", "b"], "n": ["1.5", " 2"]}).to_parquet(path, index=False)
    assert read_lab_table(path, ("id", "n")).numbers("n").tolist() == [1.5, 2]


def test_empty_cells_of_parquet_may_be_gaps(tmp_path):
    path = tmp_path / "a.parquet"
    for cells in (["1", None, " "], [1, None, np.nan]):
        pd.DataFrame({"id": list("abc"), "n": cells}).to_parquet(path, index=False)
        found = read_lab_table(path, ("id", "n")).numbers("n", gaps=True)
        np.testing.assert_array_equal(found, [1, np.nan, np.nan])


@pytest.mark.parametrize("name", ["id ", " n", "\tn", "n\u00a0"])
def test_blanks_around_the_name_of_a_column_are_refused(tmp_path, write, name):
    """A column `id ` of whole numbers would be a target."""
    path = write("a.csv", f"a,{name}\n1,2\n")
    with pytest.raises(InputError, match="blank around a column's name in .*a.csv"):
        read_lab_table(path, (), None)
    pd.DataFrame({"a": [1], name: [2]}).to_parquet(tmp_path / "a.parquet", index=False)
    with pytest.raises(InputError, match="blank around a column's name in .*a.parquet"):
        read_lab_table(tmp_path / "a.parquet", (), None)
