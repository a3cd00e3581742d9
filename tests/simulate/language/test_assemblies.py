"""The simulated assemblies are what the loaders take for those of the community."""

import json

import numpy as np
import pytest

from stages.core.params.schema import SimulateLanguage
from stages.core.recording.checks import check_recording
from stages.prepare.assemblies.futrell import load_futrell
from stages.prepare.assemblies.pereira import load_pereira
from stages.simulate.language.assemblies import write_sentences, write_times
from stages.simulate.language.readers import VOXELS, bound
from stages.simulate.language.sentences import SENTENCES, write_passages, write_stories

SETTINGS = SimulateLanguage(seed=1, subjects=2, passages=12, signal=1.0, words=400, readers=5)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    write_sentences(folder / "sentences", SETTINGS)
    write_times(folder / "times", SETTINGS)
    return folder


def test_sentences_are_read_back(written):
    recording = load_pereira(written / "sentences", "pereira2018-simulated")
    check_recording(recording, "here")
    assert len(recording.stimuli) == 12 * SENTENCES
    assert recording.stimuli["run"].nunique() == 12
    assert [one.name for one in recording.subjects] == ["001", "002"]
    for one in recording.subjects:
        assert dict(one.targets["region"].value_counts()) == {
            "language": VOXELS,
            "auditory": VOXELS,
        }
    truth = json.loads((written / "sentences" / "truth.json").read_text())["regions"]
    assert truth["language"]["layer"] == "layer_04"
    assert truth["language"]["ceiling"] == bound(1.0)


def test_reading_times_are_read_back(written):
    recording = load_futrell(written / "times", "futrell2018-simulated")
    check_recording(recording, "here")
    assert recording.stimuli["run"].nunique() == 4
    assert 300 < len(recording.samples) <= 400
    assert "+" not in set(recording.stimuli["text"])


def test_the_same_seed_makes_the_same_bytes_and_another_other_ones(written, tmp_path):
    write_times(tmp_path / "again", SETTINGS)
    name = "assy_Futrell2018.nc"
    first = (written / "times" / name).read_bytes()
    assert (tmp_path / "again" / name).read_bytes() == first
    write_times(tmp_path / "other", SETTINGS.model_copy(update={"seed": 2}))
    assert (tmp_path / "other" / name).read_bytes() != first


def test_passages_are_of_whole_sentences():
    passages = write_passages(7, np.random.default_rng(0))
    assert [len(one.sentences) for one in passages] == [SENTENCES] * 7
    assert [one.topic for one in passages] == ["topic 1"] * 3 + ["topic 2"] * 3 + ["topic 3"]
    for one in passages:
        assert all(text[0].isupper() or text[0] == '"' for text in one.sentences)


def test_stories_are_of_the_lengths_asked_for():
    stories = write_stories([100, 150], np.random.default_rng(0))
    assert [len(story) > wanted * 0.8 for story, wanted in zip(stories, (100, 150), strict=True)]
    assert sum(map(len, stories)) <= 250
