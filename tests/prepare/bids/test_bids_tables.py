import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids.bids_tables import (
    numbers,
    read_bids_table,
    read_comma_table,
    read_sidecar,
)


@pytest.fixture
def table(tmp_path):
    def write(content, name="x_events.tsv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("word", ['"', "null", "NA", "None", "nan", "True", "3", "n/a", " a b "])
def test_every_field_is_what_it_says(table, word):
    found = read_bids_table(table(f"onset\tword\n1\t{word}\n2\tb\n"))
    assert found["word"].tolist() == [word, "b"]
    assert found.index.tolist() == [2, 3]


@pytest.mark.parametrize(
    "content",
    [
        "onset\tword\n1\ta\n",
        "\ufeffonset\tword\r\n1\ta\r\n",
        "onset\tword\r1\ta",
        "\ufeffonset\tword\n1\ta\n\n".encode("utf-16-le"),
    ],
)
def test_marks_and_line_ends(table, content):
    assert read_bids_table(table(content)).to_dict("list") == {"onset": ["1"], "word": ["a"]}


def test_rows_that_are_broken(table):
    with pytest.raises(InputError, match=r"broken row in .*, line 3: expected 2 fields, .*got 3"):
        read_bids_table(table('onset\tword\n1\ta\n2\t"a\tb"\n'))
    with pytest.raises(InputError, match="two columns of one name in .*: got 'a'"):
        read_bids_table(table("a\ta\n1\t2\n"))
    with pytest.raises(InputError, match="empty file"):
        read_bids_table(table(""))
    with pytest.raises(InputError, match="not text of UTF-8"):
        read_bids_table(table(b"onset\tword\n1\t\xe9\n"))


def test_a_link_whose_file_was_never_fetched(tmp_path):
    path = tmp_path / "x_events.tsv"
    path.symlink_to(tmp_path / ".git/annex/objects/nothing")
    with pytest.raises(InputError, match="broken link .*datalad get"):
        read_bids_table(path)


def test_commas(table):
    found = read_comma_table(table('word,onset\n"a, ""b""",1\n', "words.csv"))
    assert found.to_dict("list") == {"word": ['a, "b"'], "onset": ["1"]}


def test_numbers(table):
    path = table("onset\n1.5\n .908\nn/a\n1e-3\n")
    found = numbers(read_bids_table(path)["onset"], path)
    np.testing.assert_array_equal(found, [1.5, 0.908, np.nan, 1e-3])
    for wrong in ("soon", "inf", "1,5", "nan"):
        path = table(f"onset\n1\n{wrong}\n")
        with pytest.raises(InputError, match=rf"not a number .*line 3, onset: got '{wrong}'"):
            numbers(read_bids_table(path)["onset"], path)


def test_sidecars(table):
    assert read_sidecar(table('\ufeff{"RepetitionTime": 2}', "x.json")) == {"RepetitionTime": 2}
    with pytest.raises(InputError, match="unreadable JSON"):
        read_sidecar(table("{", "x.json"))
    with pytest.raises(InputError, match="wrong JSON .*expected an object"):
        read_sidecar(table("[]", "x.json"))


@pytest.mark.parametrize("text", ["{", "[" * 10**5, '{"a":' * 10**5, '{"a": 1, "a": 2}'])
def test_a_sidecar_that_is_no_json(table, text):
    with pytest.raises(InputError, match=r"unreadable JSON in .*x_bold\.json"):
        read_sidecar(table(text, "x_bold.json"))
