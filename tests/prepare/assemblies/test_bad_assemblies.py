"""Assemblies as a laboratory might send them: mended and told of, or refused in one line."""

import logging
import unicodedata

import numpy as np
import pytest
from click.testing import CliRunner

from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.prepare.__main__ import main
from stages.prepare.assemblies.blank import load_blank
from stages.prepare.assemblies.fedorenko import load_fedorenko
from stages.prepare.assemblies.futrell import load_futrell
from stages.prepare.assemblies.pereira import load_pereira
from tests.conftest import PROJECT
from tests.prepare.assemblies.conftest import sentences, voxels

WORDS, READERS = 12, 4


def readers():
    """Reading times of two stories, their coordinates, and those of the readers."""
    rng = np.random.default_rng(3)
    times = rng.uniform(200, 400, (2 * WORDS, 1)) + rng.uniform(0, 200, (2 * WORDS, READERS))
    told = {
        "story_id": [1] * WORDS + [2] * WORDS,
        "word_id": [*range(1, WORDS + 1)] * 2,
        "word": [f"w{k}" for k in range(2 * WORDS)],
    }
    return times, told, {"subject_id": [f"R{k}" for k in range(READERS)]}


@pytest.fixture
def futrell(write, tmp_path):
    def load(change=lambda times, told, units: None):
        times, told, units = readers()
        change(times, told, units)
        write(times, told, units, unit="subject", path=tmp_path / "raw" / "some.nc")
        return load_futrell(tmp_path / "raw", "futrell2018-simulated")

    return load


@pytest.fixture
def pereira(write, tmp_path):
    def load(change=lambda values, told, units: None):
        told, _ = sentences()
        units = voxels()
        values = np.random.default_rng(0).standard_normal((12, 6))
        change(values, told, units)
        write(values, told, units, path=tmp_path / "raw" / "some.nc")
        return load_pereira(tmp_path / "raw", "pereira2018-simulated")

    return load


def set_at(name, row, value, of="told"):
    """Change one coordinate."""

    def change(values, told, units):
        column = {"told": told, "units": units}[of]
        column[name] = [value if k == row else one for k, one in enumerate(column[name])]

    return change


@pytest.mark.parametrize(
    ("name", "value", "of"),
    [
        ("passage_index", np.nan, "told"), ("passage_category", "nan", "told"),
        ("experiment", "", "told"), ("subject", " ", "units"), ("atlas", "nan", "units"),
    ],
)  # fmt: skip
def test_sentences_or_voxels_of_which_something_is_not_told(pereira, name, value, of):
    with pytest.raises(InputError, match=rf"without a value.*{name}: got 1 of \d+, the first at 4"):
        pereira(set_at(name, 4, value, of))


@pytest.mark.parametrize(
    ("name", "value"), [("story_id", np.nan), ("word", "nan"), ("subject_id", "")]
)
def test_words_or_readers_of_which_something_is_not_told(futrell, name, value):
    of = "units" if name == "subject_id" else "told"
    with pytest.raises(InputError, match=f"without a value.*{name}: got 1 of"):
        futrell(set_at(name, 2, value, of))


@pytest.mark.parametrize("load", ["pereira", "futrell"])
def test_numbers_in_place_of_texts(load, request):
    def number(values, told, units):
        for name in {"stimulus", "sentence", "word"} & set(told):
            told[name] = list(range(len(told[name])))

    with pytest.raises(InputError, match=r"no texts in .*: expected texts, got int64"):
        request.getfixturevalue(load)(number)


def test_electrodes_without_a_person_and_words_without_a_text(write, tmp_path):
    values = np.random.default_rng(0).standard_normal((4, 2))
    told = {"sentence_id": [0, 0, 1, 1], "word_num": [0, 1, 0, 1], "word": ["A", "B", "C", "D"]}
    units = {"neuroid_id": [0, 1], "subject_UID": [1.0, 2.0]}
    path = tmp_path / "raw" / "some.nc"

    def load(told=told, units=units):
        write(values, told, units, path=path)
        return load_fedorenko(path.parent, "some")

    assert [one.name for one in load().subjects] == ["1", "2"]  # 1.0 is nobody else than 1
    with pytest.raises(InputError, match="without a value.*subject_UID"):
        load(units=units | {"subject_UID": [1.0, np.nan]})
    with pytest.raises(InputError, match="without a value.*word: got 1 of 4"):
        load(told | {"word": ["A", "", "C", "D"]})
    with pytest.raises(
        InputError, match=r"words missing.*sentence_id 1, word_num: expected 1, got 2"
    ):
        load(told | {"word_num": [0, 1, 0, 2]})


def test_a_sentence_that_nobody_was_measured_on_is_not_everybody_left_out(pereira):
    def change(values, told, units):
        values[3] = np.nan

    with pytest.raises(InputError, match=r"nobody was measured on.*got 1 of 12.*Sentence number"):
        pereira(change)


def test_voxels_of_several_networks_are_counted_and_strangers_of_one_id_are_told_of(
    pereira, caplog
):
    def twins(values, told, units, *, same=True):
        units["neuroid_id"][2] = units["neuroid_id"][0]
        if same:
            values[:, 2] = values[:, 0]

    with caplog.at_level(logging.INFO, "concord.prepare"):
        recording = pereira(twins)
        assert caplog.messages == ["1 voxels are in several networks, and targets of each"]
        first = recording.subjects[0]
        np.testing.assert_array_equal(first.responses[:, 0], first.responses[:, 2])
        caplog.clear()
        pereira(lambda values, told, units: twins(values, told, units, same=False))
    assert caplog.messages[1].startswith("1 of them are not the same voxel")
    caplog.clear()
    pereira()
    assert not caplog.messages


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (set_at("word_id", 5, 5), "story_id 1, word_id: expected 6, got 5"),  # twice
        (set_at("word_id", WORDS - 1, 20), "story_id 1, word_id: expected 12, got 20"),  # a gap
        (set_at("word_id", 0, -1), "story_id 1, word_id: expected 0 or 1, got -1"),
        (set_at("word_id", 3, np.nan), "without a value"),
    ],
)
def test_words_that_a_story_lacks_would_be_read_by_no_model(futrell, change, said):
    with pytest.raises(InputError, match=said):
        futrell(change)


def test_rows_in_any_order_and_numbers_as_text_are_the_same_recording(futrell):
    plain = futrell()

    def shuffled(times, told, units):
        order = np.random.default_rng(1).permutation(len(times))
        times[:] = times[order]
        for name, column in told.items():
            told[name] = [column[k] for k in order]
        told["story_id"] = [f"{k}.0" for k in told["story_id"]]
        told["word_id"] = [str(k) for k in told["word_id"]]

    other = futrell(shuffled)
    assert list(other.stimuli["id"]) == list(plain.stimuli["id"])
    assert list(other.stimuli["text"]) == [f"w{k}" for k in range(2 * WORDS)]
    np.testing.assert_array_equal(other.subjects[0].responses, plain.subjects[0].responses)


def test_stories_may_have_names(futrell):
    def named(times, told, units):
        told["story_id"] = ["Boar" if k == 1 else "Aqua" for k in told["story_id"]]

    assert list(futrell(named).stimuli["run"].unique()) == ["Aqua", "Boar"]


def test_readers_who_are_there_twice_or_never(futrell, caplog):
    with pytest.raises(InputError, match=r"duplicate id.*subject_id.*got R0"):
        futrell(set_at("subject_id", 2, "R0", "units"))

    def copied(times, told, units):
        times[:, 3] = times[:, 1]

    with pytest.raises(InputError, match="there twice.*got R3"):
        futrell(copied)

    def absent(times, told, units):
        times[:, 1:3] = np.nan

    recording = futrell(absent)
    assert "2 of 4 readers were timed on no word: R1, R2" in caplog.text
    # Its ceiling is that of the two who read, as if the others had not been in the file.
    times = readers()[0][:, [0, 3]]
    r = np.corrcoef(np.log(times.T))[0, 1]
    expected = np.sqrt(2 * r / (1 + r))
    assert 0.5 < expected < 1
    assert float(recording.subjects[0].targets["ceiling"].iloc[0]) == pytest.approx(expected)


def test_a_reader_who_was_never_timed_changes_nothing(futrell, write, tmp_path):
    def absent(times, told, units):
        times[:, 1] = np.nan

    times, told, _ = readers()
    names = {"subject_id": ["R0", "R2", "R3"]}
    path = tmp_path / "without" / "some.nc"
    write(times[:, [0, 2, 3]], told, names, unit="subject", path=path)
    without = load_futrell(path.parent, "futrell2018-simulated").subjects[0]
    present = futrell(absent).subjects[0]
    np.testing.assert_array_equal(present.responses, without.responses)
    assert present.targets["ceiling"].iloc[0] == without.targets["ceiling"].iloc[0] > 0.5


def test_times_that_tell_nothing_of_words(futrell, caplog):
    def alone(times, told, units):
        times[:, 1:] = np.nan

    with pytest.raises(InputError, match="no reading times.*2 readers or more.*got none"):
        futrell(alone)

    def endless(times, told, units):
        times[4, 2] = np.inf

    with pytest.raises(InputError, match="no reading time in.*'w4'.*got inf"):
        futrell(endless)

    def apart(times, told, units):
        times[9:] = np.nan

    assert np.isnan(futrell(apart).subjects[0].targets["ceiling"].iloc[0])
    assert "no ceiling: no two halves of the readers were timed on 10 words" in caplog.text


def test_scans_that_are_missing_are_told_of(write, tmp_path, caplog):
    told = {
        "story": ["Boar"] * 4 + ["Aqua"] * 3,
        "timepoint_value": ["2", "4", "6", "8", "2", "4", "6"],
        "stimulus": list("abcdefg"),
    }
    units = {"neuroid_id": ["061.a"], "fROI_area": ["01_LH_PostTemp"], "subject_UID": ["061"]}
    path = tmp_path / "raw" / "some.nc"
    values = np.random.default_rng(0).standard_normal((7, 1))

    def load(times):
        write(values, told | {"timepoint_value": times}, units, path=path)
        return load_blank(path.parent, "some")

    whole = load(told["timepoint_value"])
    assert list(whole.samples["id"])[:3] == ["Aqua.2", "Aqua.4", "Aqua.6"]
    assert not caplog.messages
    load(["2", "4", "6", "10", "2", "4", "6"])
    assert "scans are 2 to 4 s apart: no words are read of those that are missing" in caplog.text
    with pytest.raises(InputError, match="wrong time.*expected seconds, got soon"):
        load(["2", "soon", "6", "8", "2", "4", "6"])


def test_letters_and_marks_that_stand_apart_are_composed_by_the_command(write, tmp_path):
    told, _ = sentences()
    apart = unicodedata.normalize("NFD", "Über ein naïves Café.")
    told["stimulus"][told["stimulus_num"].index(0)] = apart
    raw, out = tmp_path / "pereira2018-simulated", tmp_path / "out"
    write(np.random.default_rng(0).standard_normal((12, 6)), told, voxels(), path=raw / "some.nc")
    command = ["language", "--name", raw.name, "--raw", raw, "--out", out]
    command += ["--params", PROJECT / "params.yaml"]
    result = CliRunner().invoke(main, [str(word) for word in command])
    assert result.exit_code == 0, result.output
    assert "1 of 12 texts had letters and their marks apart" in result.output
    texts = list(read_recording(out).stimuli["text"])
    assert texts[0] == "Über ein naïves Café." != apart
    assert texts[1] == "Sentence number 1 is told."
