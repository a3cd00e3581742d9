"""Nuisance variables act when they are said to, and never across runs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.signal import fftconvolve

from stages.core.params.schema import Encode
from stages.core.recording.types import Cleaning, Recording
from stages.core.time.downsample import glover_hrf
from stages.core.time.timeline import aligner, word_rows
from stages.encode.nuisance_design import later, nuisance_design, with_words_before

SETTINGS = Encode(
    targets="region",
    regions="all",
    min_voxels=1,
    downsample="glover",
    delays=[0],
    nuisance_delays=[-2, 0, 2],
    spillover=2,
    pieces=4,
)
TR = 2.0


@pytest.fixture
def recording(rng):
    """Two runs of thirty samples and of a word in each second, whose times are no whole TRs."""
    samples = pd.DataFrame({"id": [f"t{at}" for at in range(60)], "run": ["1"] * 30 + ["2"] * 30})
    samples["onset"] = np.tile(np.arange(30) * TR, 2)
    stimuli = pd.DataFrame({"id": [f"w{at}" for at in range(120)], "text": "word"})
    stimuli["run"] = ["1"] * 60 + ["2"] * 60
    stimuli = stimuli.assign(onset=np.tile(np.arange(60) + 0.3, 2), duration=0.5)
    stimuli["sample"] = samples["id"].repeat(2).to_numpy()
    nuisance = pd.DataFrame({"id": stimuli["id"], "word_length": rng.normal(size=120)})
    return Recording("toy", "timeseries", TR, None, stimuli, samples, [], nuisance=nuisance)


def changed(**values):
    return SETTINGS.model_copy(update=values)


def test_what_acts_later_is_the_convolution_with_a_response_that_comes_later(recording):
    """The oracle convolves on a grid of hundredths of a second."""
    found = nuisance_design(recording, SETTINGS)
    assert found.shape == (60, 3)
    grid, lengths = np.zeros(12_000), recording.nuisance["word_length"].to_numpy()
    for run in (0, 1):
        grid[:] = 0.0
        ends = np.round((np.arange(60) + 0.8) * 100).astype(int)
        grid[1000 + ends] = lengths[run * 60 : run * 60 + 60]  # from ten seconds before
        series = fftconvolve(grid, glover_hrf(np.arange(0, 32.01, 0.01)))
        for column, seconds in enumerate((-2, 0, 2)):
            at = 1000 + np.round((np.arange(30) * TR - seconds) * 100).astype(int)
            assert_allclose(found[run * 30 : run * 30 + 30, column], series[at], atol=1e-9)


def test_it_acts_beside_each_delay_of_the_layers_once(recording):
    found = nuisance_design(recording, changed(delays=[0, 1, 2]))
    alone = nuisance_design(recording, changed(nuisance_delays=[-2, 0, 2, 4, 6]))
    assert_allclose(found, alone)


def test_windows_move_by_whole_samples_and_end_with_the_run(recording):
    found = nuisance_design(recording, changed(downsample="window", nuisance_delays=[-2, 0, 3]))
    sooner, same, late = found.T
    means = recording.nuisance["word_length"].to_numpy().reshape(60, 2).mean(axis=1)
    assert_allclose(same, means)
    for run in (slice(0, 30), slice(30, 60)):
        assert_allclose(sooner[run], [*means[run][1:], 0.0])
        assert_allclose(late[run], [0.0, 0.0, *means[run][:-2]])


def test_responses_that_were_moved_back_are_met_later_too(recording):
    back = replace(recording, shifted=4.0)
    found = nuisance_design(back, changed(nuisance_delays=[0, 2]))
    assert_allclose(found[1:30, 1], found[:29, 0])
    assert (found[[0, 30], 1] == 0).all()


def test_what_a_word_says_is_cleaned_as_responses_are(recording):
    cleaned = replace(recording, cleaning=Cleaning(True, 0.0, True))
    found = nuisance_design(cleaned, SETTINGS)
    for run in (slice(0, 30), slice(30, 60)):
        assert_allclose(found[run].mean(axis=0), 0, atol=1e-9)
        assert_allclose(found[run].std(axis=0), 1)


def test_nothing_else_of_a_word_moves(recording):
    rows = word_rows(recording.stimuli)
    assert later(rows, recording.timeline, 0.0).equals(rows)
    moved = later(rows, recording.timeline, 2.0)
    assert moved.drop(columns=["onset", "offset", "sample"]).equals(
        rows.drop(columns=["onset", "offset", "sample"])
    )
    exact = aligner(recording.timeline, rows, "glover", [0], centre=False)(np.ones((120, 1)))
    late = aligner(recording.timeline, moved, "glover", [0], centre=False)(np.ones((120, 1)))
    assert_allclose(late[1:30], exact[:29])


def test_the_words_before_are_those_of_the_run(rng):
    values, runs = rng.normal(3.0, 1.0, size=(24, 2)), np.repeat([*"ab"], 12)
    found = with_words_before(values, runs, 2)
    mean = values.mean(axis=0)
    for at in range(24):
        for back in range(3):
            inside = at - back >= 0 and runs[at - back] == runs[at]
            expected = values[at - back] if inside else mean
            assert_allclose(found[at, 2 * back : 2 * back + 2] + mean * (back > 0), expected)


def test_what_is_known_of_the_word_itself_is_not_there_twice(rng):
    """The place in the run, a one for every word, a line."""
    runs = np.repeat(np.arange(5), 12)
    place = np.tile(np.arange(12.0), 5)
    length = rng.normal(size=60)
    first, second = (place == 0).astype(float), (place == 1).astype(float)
    values = np.column_stack([np.ones(60), place, length, first, second])
    found = with_words_before(values, runs, 2)
    assert found.shape == (60, 5 + 2 + 2)  # lengths, and the third and fourth places
    assert with_words_before(values[:, 1:], runs, 2).shape == (60, 4 + 2 + 2)
    third = found[:, 6] - found[:, 6].min()
    assert_allclose(third > 0.5, place == 2)


@pytest.mark.parametrize("words", [0, 1, 30])
def test_runs_shorter_than_the_words_before(rng, words):
    values, runs = rng.normal(size=(20, 1)), np.repeat(np.arange(10), 2)
    assert with_words_before(values, runs, words).shape == (20, 1 + min(words, 1))


def test_words_that_are_samples_have_words_before_and_sentences_none(recording, caplog):
    """Words that nobody was timed on stand before others, too."""
    stimuli = recording.stimuli
    timed = stimuli["id"].isin(["w1", "w3", "w61"])
    samples = stimuli.loc[timed, ["id", "run", "onset"]].reset_index(drop=True)
    stimuli = stimuli.assign(sample=stimuli["id"].where(timed, ""))
    words = replace(recording, kind="events", tr=None, stimuli=stimuli, samples=samples)
    lengths = recording.nuisance["word_length"].to_numpy()
    found = nuisance_design(words, SETTINGS)
    assert_allclose(found[:, 0], lengths[[1, 3, 61]])
    assert_allclose(found[:, 1] + lengths.mean(), lengths[[0, 2, 60]])
    assert_allclose(found[:, 2] + lengths.mean(), [lengths.mean(), lengths[1], lengths.mean()])
    caplog.set_level("INFO")
    sentences = replace(words, stimuli=stimuli.assign(text="two words"))
    assert_allclose(nuisance_design(sentences, SETTINGS), found[:, :1])
    assert "no spillover" in caplog.text


def test_a_recording_without_nuisance_variables_has_no_design(recording):
    assert nuisance_design(replace(recording, nuisance=None), SETTINGS) is None
