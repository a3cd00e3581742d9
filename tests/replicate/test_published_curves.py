"""Digitised curves, by small tables."""

import pytest

from stages.core.run.errors import InputError
from stages.replicate.published_curves import read_digitised


@pytest.fixture
def read(tmp_path):
    def of(*lines, header="size\tstep\talignment"):
        (tmp_path / "a.tsv").write_text("\n".join([header, *lines]) + "\n")
        return read_digitised(tmp_path / "a.tsv")

    return of


def test_curves_are_sorted_by_size_and_step(read):
    table = read("70\t10\t.5", "14\t2\t.25", "70\t0\t-1")
    assert table.to_dict("list") == {
        "size": ["14", "70", "70"],
        "step": [2, 0, 10],
        "alignment": [0.25, -1, 0.5],
    }
    assert table.index.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a\t0\tnan", "a\t1\t.5"], "not a number"),
        (["a\t0\tinf", "a\t1\t.5"], "not a number"),
        (["a\t-1\t.5", "a\t1\t.5"], "not a number"),
        (["a\t1\t.5", "b\t1\t.5", "a\t2\t.5", "b\t1\t.7"], "twice in .*got size b, step 1"),
        (["a\tx\t.5"], "unreadable curves"),
    ],
)
def test_tables_that_are_wrong(read, lines, message):
    with pytest.raises(InputError, match=message):
        read(*lines)


def test_columns_must_be_there(read):
    with pytest.raises(InputError, match="unreadable curves"):
        read("a\t1", header="size\tstep")
