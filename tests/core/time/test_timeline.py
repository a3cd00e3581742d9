"""Values of words reach the samples by id, delayed within runs, cleaned like the responses."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.recording.types import Cleaning, Timeline
from stages.core.run.errors import InputError
from stages.core.time.cleaning import clean
from stages.core.time.downsample import glover_weights, overlap_weights
from stages.core.time.timeline import aligner, centre_runs, delayed, word_rows

CLEANING = Cleaning(True, 0.0, True)
SAMPLES = pd.DataFrame(
    {"id": [f"t{i}" for i in range(40)], "run": np.repeat(["1", "2"], 20)}
).assign(onset=np.tile(np.arange(20) * 2.0, 2))
STIMULI = pd.DataFrame(
    {"id": [f"w{i}" for i in range(80)], "text": "x", "run": np.repeat(["1", "2"], 40)}
).assign(
    onset=np.tile(np.arange(40) * 1.0, 2), duration=1.0, sample=SAMPLES["id"].repeat(2).to_numpy()
)


def test_glover_then_cleaned_like_the_responses(rng):
    values, rows = rng.standard_normal((80, 3)), word_rows(STIMULI)
    ours = aligner(Timeline(SAMPLES, 2.0, CLEANING), rows, "glover", [0], centre=False)(values)
    runs = SAMPLES["run"].to_numpy()
    assert_allclose(ours, clean(glover_weights(SAMPLES, rows) @ values, runs, 2.0, CLEANING))


def test_windows_with_delays(rng):
    values = rng.standard_normal((80, 1))
    ours = aligner(
        Timeline(SAMPLES, 2.0, None), word_rows(STIMULI), "window", [1, 2], centre=False
    )(values)
    means = values.reshape(40, 2).mean(axis=1)
    assert_allclose(ours[3], [means[2], means[1]])
    assert_allclose(ours[20], [0, 0])
    assert_allclose(ours[21], [means[20], 0])


def test_delays_never_cross_a_run():
    series = np.arange(1.0, 7.0)[:, None]
    assert_allclose(delayed(series, np.array([1, 1, 1, 2, 2, 2]), [0, 2])[:, 1], [0, 0, 1, 0, 0, 4])


def test_events_are_joined_by_id_not_by_order(rng):
    rows = pd.DataFrame({"id": SAMPLES["id"][::-1], "sample": SAMPLES["id"][::-1]})
    values = rng.standard_normal((40, 2))
    assert_allclose(
        aligner(Timeline(SAMPLES, None, None), rows, "glover", [0], centre=False)(values),
        values[::-1],
    )


def test_an_event_without_a_row_is_named():
    rows = pd.DataFrame({"sample": SAMPLES["id"].drop(5)})
    with pytest.raises(InputError, match="event without a row .*expected a row for event t5"):
        aligner(Timeline(SAMPLES, None, None), rows, "glover", [0], centre=False)


def test_a_word_ends_when_it_is_no_longer_shown():
    assert_allclose(word_rows(STIMULI)["offset"], STIMULI["onset"] + 1)


@pytest.mark.parametrize("downsample", ["glover", "window"])
def test_responses_moved_back_are_never_convolved(rng, downsample):
    stimuli = STIMULI.assign(onset=STIMULI["onset"] + 0.5)
    values, rows = rng.standard_normal((80, 3)), word_rows(stimuli)
    timeline = Timeline(SAMPLES, 2.0, CLEANING, 4.5)
    ours = aligner(timeline, rows, downsample, [0], centre=False)(values)
    runs = SAMPLES["run"].to_numpy()
    whole = overlap_weights(SAMPLES, rows, 2.0) @ values
    assert_allclose(ours, clean(whole, runs, 2.0, CLEANING))
    assert_allclose(whole[1], (values[1] / 2 + values[2] + values[3] / 2) / 2)


def test_an_impulse_is_planted_where_it_is_shown():
    values = np.zeros((80, 1))
    values[[20, 21]] = 1
    rows, runs = word_rows(STIMULI), SAMPLES["run"].to_numpy()
    moved = aligner(Timeline(SAMPLES, 2.0, None, 4.5), rows, "glover", [0], centre=False)(values)
    assert np.flatnonzero(moved).tolist() == [10]
    late = aligner(Timeline(SAMPLES, 2.0, None, 4.5), rows, "glover", [3], centre=False)(values)
    assert_allclose(late, delayed(moved, runs, [3]))


def test_what_was_not_moved_back_is_as_before(rng):
    values, rows = rng.standard_normal((80, 3)), word_rows(STIMULI)
    for downsample in ("glover", "window"):
        one, other = (
            aligner(line, rows.drop(columns=drop), downsample, [0, 1], centre=True)(values)
            for line, drop in (
                (Timeline(SAMPLES, 2.0, CLEANING), ["onset"]),
                (Timeline(SAMPLES, 2.0, CLEANING, 0.0), []),
            )
        )
        assert (one == other).all()


def test_single_precision_far_from_zero_is_centred_in_double():
    """Whole numbers, so that the centred values are known exactly; the runs are interleaved."""
    values = np.array([[2**24 - 3, 1], [10, 7], [2**24 - 1, 2], [20, 9]], dtype=np.float32)
    found = centre_runs(values, np.array(["a", "b", "a", "b"]))
    assert_allclose(found, [[-1, -0.5], [-5, -1], [1, 0.5], [5, 1]], rtol=0, atol=0)
    assert found.dtype == np.float64
    whole = centre_runs(np.array([[1], [2]]), np.array(["a", "a"]))
    assert_allclose(whole, [[-0.5], [0.5]])


def test_delays_stay_in_each_of_several_runs():
    runs = np.array([1, 1, 2, 3, 3, 3])
    found = delayed(np.arange(1.0, 7.0)[:, None], runs, [1])
    assert_allclose(found[:, 0], [0, 1, 0, 0, 4, 5])


def test_events_keep_their_mean(rng):
    rows = pd.DataFrame({"sample": SAMPLES["id"], "run": SAMPLES["run"]})
    values = rng.standard_normal((40, 2)) + 5
    for centre in (True, False):
        align = aligner(Timeline(SAMPLES, None, None), rows, "window", [0, 3], centre=centre)
        assert align.centre_within is None
        assert_allclose(align(values), values)


def test_series_are_centred_over_the_words_of_a_run_where_that_is_asked_for(rng):
    values, rows = rng.standard_normal((80, 2)) + 5, word_rows(STIMULI)
    timeline = Timeline(SAMPLES, 2.0, None)
    kept, centred = (
        aligner(timeline, rows, "window", [0], centre=centre)(values) for centre in (False, True)
    )
    assert_allclose(kept, values.reshape(40, 2, 2).mean(axis=1))
    runs = pd.DataFrame(values).groupby(STIMULI["run"]).transform("mean").to_numpy()
    assert_allclose(centred, (values - runs).reshape(40, 2, 2).mean(axis=1), atol=1e-12)
