from dataclasses import replace

import numpy as np
import pytest
from scipy.io import savemat

from stages.core.recording.checks import check_recording
from stages.core.recording.types import Cleaning
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.core.time.cleaning import clean
from stages.prepare.smoothing import smooth
from stages.prepare.wehbe.load import (
    check_same_story,
    find_subjects,
    load_wehbe,
    prepare_subject,
    story,
)
from stages.prepare.wehbe.subject_file import read_subject

CLEANING = Cleaning(detrend=True, high_pass=0.0, standardize=True)


@pytest.fixture
def raw(release):
    return read_subject(release / "subject_1.mat")


@pytest.fixture
def resave(release, variables, save):
    """Write the second subject's file anew, from the variables as changed by the test."""
    return lambda: save(release / "subject_2.mat", variables)


@pytest.fixture
def load(release, prepare):
    """Load the folder with changed parameters."""
    return lambda **changes: load_wehbe(release, "wehbe", prepare(**changes))


def test_recording(release, prepare):
    recording = load_wehbe(release, "simulated", prepare())
    check_recording(recording, release)
    assert (recording.dataset, recording.kind, recording.tr) == ("simulated", "timeseries", 2.0)
    assert recording.cleaning == CLEANING
    assert [subject.name for subject in recording.subjects] == ["subject_1", "subject_2"]
    assert recording.subjects[0].responses.shape == (19, 10)
    assert "Not_labelled" not in set(recording.subjects[0].targets["region"])
    assert recording.features.shape == (74, 10)
    assert (recording.features["Visual/var_WL"] == 0).all()
    assert recording.nuisance.columns.tolist() == [
        "id",
        "word_rate",
        "word_length",
        "log_frequency",
    ]
    assert recording.sources == {path.name: sha256(path) for path in release.iterdir()}


def test_words_go_to_scans_by_onset(raw):
    stimuli, samples, kept = story(raw)
    assert kept.tolist() == [*range(3, 13), *range(18, 27)]
    assert samples["id"].iloc[[0, 9, 10]].tolist() == ["t0003", "t0012", "t0018"]
    assert samples["run"].tolist() == ["1"] * 10 + ["2"] * 9
    assert samples["onset"].iloc[[0, 10]].tolist() == [6.0, 36.0]
    assert stimuli.groupby("sample").size().tolist() == [4] * 9 + [3] + [4] * 8 + [3]
    at_boundary = stimuli.iloc[[35, 38, 39, 42, 43]]
    assert at_boundary["sample"].tolist() == ["t0011", "t0012", "t0018", "t0018", "t0019"]
    assert at_boundary["id"].iloc[0] == "w00035"
    assert stimuli.loc[1, "text"] == "Quill"


def test_responses_are_the_kept_scans_cleaned(variables, load):
    subject = load().subjects[0]
    rows = [*range(3, 13), *range(18, 27)]
    runs = np.array(["1"] * 10 + ["2"] * 9)
    expected = clean(variables["data"][rows, :10], runs, 2.0, CLEANING)
    np.testing.assert_allclose(subject.responses, expected, rtol=1e-4, atol=1e-5)


def test_a_planted_response_is_found_in_its_scans(raw):
    stimuli, _, kept = story(raw)
    shown = np.flatnonzero(stimuli["sample"] == "t0020")
    raw.data[20, 4] += 1000.0
    subject = prepare_subject(raw, kept, CLEANING, smoothing=0.0)
    peak = subject.responses[:, 4].argmax()
    assert kept[peak] == 20
    assert raw.words["onset"].to_numpy()[shown].tolist() == [40.0, 40.5, 41.0, 41.5]


def test_some_subjects(load):
    recording = load(subjects=["subject_2"])
    assert [subject.name for subject in recording.subjects] == ["subject_2"]
    assert sorted(recording.sources) == ["story_features.mat", "subject_2.mat"]


def test_subjects_are_ordered_by_number(release, save, variables):
    save(release / "subject_10.mat", variables)
    assert find_subjects(release) == ["subject_1", "subject_2", "subject_10"]


def test_renamed_file(release, load):
    (release / "subject_2.mat").rename(release / "Subject2.mat")
    with pytest.raises(
        InputError, match=r"unknown file in .*expected subject_<number>\.mat .*got Subject2\.mat"
    ):
        load()


def test_no_files(tmp_path, prepare):
    with pytest.raises(InputError, match=r"no subject's file in .*/wehbe/README\.md.*--temp. and"):
        load_wehbe(tmp_path, "wehbe", prepare())


def test_features_missing(release, load):
    (release / "story_features.mat").unlink()
    with pytest.raises(InputError, match=r"file not found in .*story_features\.mat"):
        load()


def test_features_of_another_story(release, load, blocks, make_struct):
    blocks["values"] = [values[:-2] for values in blocks["values"]]
    savemat(release / "story_features.mat", {"features": make_struct(blocks)})
    with pytest.raises(InputError, match=r"another row count in .*expected 74 words, got 72 rows"):
        load()


def test_run_without_words(raw):
    cut = replace(raw, words=raw.words[:39])
    with pytest.raises(InputError, match="run without words in subject_1: got run 2"):
        story(cut)


def test_word_outside_every_scan(raw):
    raw.words.loc[73, "onset"] = 60.0
    with pytest.raises(
        InputError,
        match=r"word outside every scan in subject_1, word 73 \('word73'\): got onset 60",
    ):
        story(raw)


def test_dropped_voxels_are_named(resave, variables, load, caplog):
    caplog.set_level("INFO")
    variables["data"][5, 0] = np.nan
    variables["data"][18:27, 4] = 650.0
    resave()
    subject = load().subjects[1]
    assert subject.targets["id"].tolist() == ["v1", "v2", "v3", "v5", "v6", "v7", "v8", "v9"]
    assert "subject_2: 1 of 12 targets dropped, NaN or infinite: v0 (Precentral_L)" in caplog.text
    assert "1 of 11 targets dropped, constant within a run: v4 (Precentral_R)" in caplog.text
    assert "2 of 10 targets dropped, outside every region: v10 (Not_labelled), v11" in caplog.text


def test_missing_values_at_rest_do_no_harm(resave, variables, load):
    variables["data"][0, 0] = np.nan
    variables["data"][1:] += 3.0
    resave()
    assert load(subjects=["subject_2"]).subjects[0].responses.size


@pytest.mark.parametrize("value", [700.0, np.nan])
def test_broken_subject_is_excluded(resave, variables, load, caplog, value):
    variables["data"][:] = value
    resave()
    recording = load(smoothing=4.0)
    assert [subject.name for subject in recording.subjects] == ["subject_1"]
    why = "NaN or infinite" if np.isnan(value) else "constant within a run"
    assert f"subject_2 excluded: 12 of 12 targets {why}" in caplog.text


def test_nobody_left(resave, variables, load):
    variables["data"][:] = 0.0
    resave()
    with pytest.raises(InputError, match="no usable subject in"):
        load(subjects=["subject_2"])


def test_the_same_subject_under_two_names(resave, load):
    resave()
    with pytest.raises(
        InputError, match="duplicate subject in .*got the same responses in subject_1 and subject_2"
    ):
        load()


def test_other_spellings_are_no_fault(resave, variables, load, make_cell, caplog):
    caplog.set_level("INFO")
    variables["words"]["text"][0, 2] = make_cell("it—said")
    variables["data"] += np.arange(30)[:, None] ** 2
    resave()
    recording = load()
    assert recording.stimuli.loc[2, "text"] == "it--said"
    assert "subject_2: 1 words spelled otherwise than in subject_1" in caplog.text


def test_other_words(resave, variables, load, make_cell):
    variables["words"]["text"][0, 2] = make_cell("he--said")
    resave()
    with pytest.raises(
        InputError,
        match="other words in subject_1 and subject_2, word 2: expected 'it--said', got 'he--said'",
    ):
        load()


def test_other_onsets(resave, variables, load):
    variables["words"]["start"][0, 8] += 0.1
    resave()
    with pytest.raises(
        InputError,
        match=r"other words in subject_1 and subject_2, number 8: expected 10\.0, got 10\.1",
    ):
        load()


def test_other_number_of_words(raw, tmp_path, variables, save):
    variables["words"] = variables["words"][:, :-1]
    with pytest.raises(InputError, match="other words in .*: expected 74, got 73"):
        check_same_story(raw, read_subject(save(tmp_path / "subject_2.mat", variables)))


def test_other_runs(raw, tmp_path, variables, save):
    variables["time"][16, 1] = 1
    with pytest.raises(InputError, match="other runs in .*, number 16: expected 2, got 1"):
        check_same_story(raw, read_subject(save(tmp_path / "subject_2.mat", variables)))


def test_smoothing_comes_before_cleaning_and_uses_unlabelled_voxels(raw):
    _, _, kept = story(raw)
    subject = prepare_subject(raw, kept, CLEANING, smoothing=6.0)
    voxels = raw.targets[["i", "j", "k"]].to_numpy(int)
    smoothed = smooth(raw.data[kept], voxels, raw.shape, raw.affine, 6.0)
    expected = clean(smoothed, raw.runs[kept], 2.0, CLEANING)[:, :10]
    np.testing.assert_allclose(subject.responses, expected, atol=1e-3)


def test_constant_voxels_are_not_filled_by_their_neighbours(raw):
    _, _, kept = story(raw)
    raw.data[:, 1] = 0.0
    subject = prepare_subject(raw, kept, CLEANING, smoothing=6.0)
    assert "v1" not in set(subject.targets["id"])
