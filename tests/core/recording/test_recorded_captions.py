"""Every recording of images has captions, which may be read without the rest of it."""

import pandas as pd
import pytest

from stages.core.recording.recorded_captions import (
    read_captions,
    read_captions_digest,
    with_all_captions,
)
from stages.core.recording.recording_files import read_recording, write_recording
from stages.core.recording.types import captions_digest
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from tests.core.test_contracts import make_images, make_recording

CAPTIONS = pd.DataFrame(
    [("i0", 0, "a"), ("i0", 1, " a dog"), ("i1", 0, "b"), ("i2", 0, "c"), ("i2", 1, "cat ")],
    columns=["id", "number", "text"],
)


@pytest.fixture
def written(tmp_path, rng):
    """Write a recording of images, with captions or without; gives back what was written."""

    def write(captions=None):
        (tmp_path / "images.hdf5").write_bytes(b"pixels")
        recording = make_images(rng, captions=captions)
        write_recording(tmp_path, recording, "images.hdf5")
        return recording

    return write


def test_texts_are_captions_where_there_are_no_others(written, tmp_path):
    stimuli = written().stimuli
    found = read_captions(tmp_path, stimuli)
    assert list(found.itertuples(index=False, name=None)) == [
        ("i0", 0, "a"), ("i1", 0, "b"), ("i2", 0, "c")
    ]  # fmt: skip
    pd.testing.assert_frame_equal(read_recording(tmp_path).captions, found)
    pd.testing.assert_frame_equal(with_all_captions(stimuli, found), stimuli)


def test_own_captions_stay(written, tmp_path):
    stimuli = written(CAPTIONS).stimuli
    pd.testing.assert_frame_equal(read_captions(tmp_path, stimuli), CAPTIONS)
    assert read_captions_digest(tmp_path) == captions_digest(CAPTIONS)


def test_words_have_no_captions(tmp_path, rng):
    write_recording(tmp_path, make_recording(rng))
    assert not (tmp_path / "captions.parquet").exists()
    assert read_captions_digest(tmp_path) == captions_digest(None) == ""


def test_captions_are_a_line_each(written):
    stimuli = written(CAPTIONS).stimuli
    shown = with_all_captions(stimuli[::-1], CAPTIONS)
    assert list(shown["text"]) == ["c\ncat", "b", "a\na dog"]
    pd.testing.assert_frame_equal(shown.drop(columns="text"), stimuli[::-1].drop(columns="text"))


def test_edited_captions_are_refused(written, tmp_path):
    stimuli = written(CAPTIONS).stimuli
    write_table(tmp_path / "captions.parquet", CAPTIONS[CAPTIONS["number"] == 0])
    with pytest.raises(InputError, match=r"another file .*captions\.parquet"):
        read_captions(tmp_path, stimuli)
    with pytest.raises(InputError, match=r"another file .*captions\.parquet"):
        read_captions_digest(tmp_path)


def test_captions_may_come_alone_but_are_those_of_the_stimuli(tmp_path, rng):
    stimuli = make_images(rng).stimuli
    with pytest.raises(InputError, match=r"captions\.parquet"):
        read_captions(tmp_path, stimuli)
    write_table(tmp_path / "captions.parquet", CAPTIONS)
    pd.testing.assert_frame_equal(read_captions(tmp_path, stimuli), CAPTIONS)
    with pytest.raises(InputError, match=r"row 1: expected 'x', got 'b'"):
        read_captions(tmp_path, stimuli.assign(text=["a", "x", "c"]))


def test_the_digest_notices_every_caption():
    other = CAPTIONS.assign(text=["a", " a dog", "b", "c", "bat "])
    assert captions_digest(other) != captions_digest(CAPTIONS)
