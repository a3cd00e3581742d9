from functools import partial

import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_variables import read_captions, read_variables

STIMULI = ["w0", "w1", "w2"]


@pytest.fixture
def write(write_lines):
    """Write a table."""
    return partial(write_lines, "features.csv")


def test_rows_are_brought_into_the_order_of_the_stimuli(write):
    table = read_variables(write("b/x,id,a/y", "5,w2,1", "3,w0,2", "4,w1,9"), STIMULI, typed=True)
    assert list(table) == ["id", "b/x", "a/y"]
    assert table.to_numpy().tolist() == [["w0", 3, 2], ["w1", 4, 9], ["w2", 5, 1]]


@pytest.mark.parametrize("name", ["a", "/a", "a/"])
def test_names_of_features_have_a_type(write, name):
    path = write(f"id,{name}", "w0,1", "w1,2", "w2,3")
    with pytest.raises(InputError, match=f"expected type/name, got '{name}'"):
        read_variables(path, STIMULI, typed=True)
    assert list(read_variables(path, STIMULI, typed=False)) == ["id", name]


def test_other_stimuli_are_refused(write):
    for lines, message in (
        (("w0,1", "w1,2"), "stimulus missing in .*'w2'"),
        (("w0,1", "w1,2", "w2,1", "w3,1"), "unknown stimulus in .*line 5: got 'w3'"),
        (("w0,1", "w1,2", "w2,1", "w1,1"), "duplicate id"),
    ):
        with pytest.raises(InputError, match=message):
            read_variables(write("id,x", *lines), STIMULI, typed=False)
    with pytest.raises(InputError, match="no variable"):
        read_variables(write("id", *STIMULI), STIMULI, typed=False)


def test_captions_are_numbered_and_in_the_order_of_the_stimuli(write):
    path = write("text,id", "late,w2", "one,w0", "b,w1", "two,w0", "NA,w2")
    table = read_captions(path, ["w1", "w0", "w2"])
    assert list(table) == ["id", "number", "text"]
    assert list(table.index) == [0, 1, 2, 3, 4]
    assert table.to_numpy().tolist() == [
        ["w1", 0, "b"], ["w0", 0, "one"], ["w0", 1, "two"], ["w2", 0, "late"], ["w2", 1, "NA"],
    ]  # fmt: skip
    with pytest.raises(InputError, match="stimulus missing in .*'w1'"):
        read_captions(write("id,text", "w0,a", "w2,b"), STIMULI)
