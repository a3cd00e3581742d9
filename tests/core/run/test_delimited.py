"""Rows have the cells that the header names: none is shifted by one that is longer."""

import pytest

from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError


@pytest.fixture
def read(tmp_path):
    def read(text, **options):
        (tmp_path / "some.csv").write_bytes(text.encode() if isinstance(text, str) else text)
        return read_delimited(tmp_path / "some.csv", "Restore it.", **options)

    return read


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4\n", "a,b\n1,2,\n3,4,\n", "a,b\r\n1,2\r\n3,4"])
def test_cells_stand_below_their_names(read, text):
    assert read(text).to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_options_are_those_of_pandas(read):
    found = read("a\tb\nNA\t02\n", sep="\t", dtype=str, keep_default_na=False)
    assert found.to_dict("list") == {"a": ["NA"], "b": ["02"]}


@pytest.mark.parametrize(
    "text", ["a,b\n1,2,9\n3,4,8\n", "a,b\n1,2,9\n3,4\n", "a,b\n1,2\n3,4,9\n", "a\n1,2\n"]
)
def test_a_row_longer_than_the_header_is_refused(read, text):
    with pytest.raises(InputError, match=r"unreadable table in .*some\.csv: got .* Restore it\."):
        read(text)


@pytest.mark.parametrize("text", [b"a,b\n\xff,1\n", 'a,b\n"1,2\n', "\n"])
def test_what_is_no_table_is_refused(read, text):
    with pytest.raises(InputError, match="unreadable table"):
        read(text)
    with pytest.raises(InputError, match="empty file"):
        read("")
