from functools import partial

import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_stimuli import read_shown, read_words


@pytest.fixture
def write(write_lines):
    """Write a table of stimuli."""
    return partial(write_lines, "stimuli.csv")


def test_words_without_times_are_counted_within_runs(write):
    path = write("run,text,id", "b,NA,x", "b,two words,y", "a,z,z")
    table = read_words(path, timed=False)
    assert list(table) == ["id", "text", "run", "onset", "duration"]
    assert table.to_numpy().tolist() == [
        ["x", "NA", "b", 0, 1], ["y", "two words", "b", 1, 1], ["z", "z", "a", 0, 1],
    ]  # fmt: skip
    with pytest.raises(InputError, match="column missing .*expected onset"):
        read_words(path, timed=True)


def test_times_are_given_both_or_none(write):
    for given, lacking in (("onset", "duration"), ("duration", "onset")):
        path = write(f"id,text,run,{given}", "x,a,1,0")
        with pytest.raises(InputError, match=f"expected {lacking}.*Give both or none"):
            read_words(path, timed=False)


@pytest.mark.parametrize("timed", [True, False])
def test_times_do_not_go_back_within_a_run(write, timed):
    head = "id,text,run,onset,duration"
    table = read_words(write(head, "x,a,1,3,0", "y,b,1,3,0.5", "z,c,2,0,1"), timed=timed)
    assert table["onset"].tolist() == [3, 3, 0]
    assert table["duration"].tolist() == [0, 0.5, 1]
    with pytest.raises(InputError, match=r"line 4, onset: .*in seconds, got 2.9"):
        read_words(write(head, "x,a,1,3,0", "y,b,1,3,1", "z,c,1,2.9,1"), timed=timed)
    with pytest.raises(InputError, match=r"line 3, duration: expected 0 or more, .*got -0.1"):
        read_words(write(head, "x,a,1,3,0", "y,b,1,3,-0.1"), timed=timed)


def test_runs_stand_one_after_the_other_and_ids_once(write):
    head = "id,text,run"
    with pytest.raises(InputError, match="run in pieces in .*line 4, run: got 'a'"):
        read_words(write(head, "x,a,a", "y,b,b", "z,c,a", "u,c,a"), timed=False)
    with pytest.raises(InputError, match="duplicate id"):
        read_words(write(head, "x,a,a", "x,b,a"), timed=False)


def test_images_are_named_by_their_texts_or_files(write, caplog):
    path = write("id,image,text", "x,a/dog.png,NA", "y,cat.jpg,a cat")
    table, split = read_shown(path, described=False)
    assert list(table) == ["id", "text", "run", "image", "onset", "duration"]
    assert table.to_numpy().tolist() == [
        ["x", "NA", "1", "a/dog.png", 0, 1], ["y", "a cat", "1", "cat.jpg", 1, 1],
    ]  # fmt: skip
    assert split is None
    assert not caplog.records
    with pytest.raises(InputError, match="texts in two places"):
        read_shown(path, described=True)
    bare = write("id,image", "x,a/dog.png", "y,cat.jpg")
    assert read_shown(bare, described=True)[0]["text"].tolist() == ["dog", "cat"]
    assert not caplog.records
    read_shown(bare, described=False)
    assert "no texts: language models will read the names of the files" in caplog.text


def test_images_are_to_train_and_to_test(write):
    _, split = read_shown(write("id,image,split", "x,a,train", "y,b,test"), described=False)
    assert split.tolist() == ["train", "test"]
    with pytest.raises(InputError, match="line 3, split: expected train or test, got 'Test'"):
        read_shown(write("id,image,split", "x,a,train", "y,b,Test"), described=False)
    for only, lacking in (("train", "test"), ("test", "train")):
        path = write("id,image,split", f"x,a,{only}", f"y,b,{only}")
        with pytest.raises(InputError, match=f"some rows of `{lacking}`"):
            read_shown(path, described=False)
