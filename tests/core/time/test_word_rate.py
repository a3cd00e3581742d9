"""Values that do not average zero carry the word rate into a series, which must not pass."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge

from stages.core.recording.types import Timeline
from stages.core.stats.chance import draw_shifts, significance
from stages.core.time.timeline import aligner, centre_runs, word_rows

TR, RUNS, VOLUMES, FEATURES = 2.0, 4, 80, 40


@pytest.fixture
def layout(rng):
    """Volumes of four runs, and words that come at irregular times from each run's first second."""
    runs = np.repeat(np.arange(RUNS), VOLUMES)
    samples = pd.DataFrame({"id": [f"t{i}" for i in range(len(runs))], "run": runs})
    samples["onset"] = np.tile(np.arange(VOLUMES) * TR, RUNS)
    told = [np.cumsum(rng.gamma(2, 0.2, 400)) for _ in range(RUNS)]
    words = pd.concat(
        [pd.DataFrame({"run": run, "onset": times[times < 140]}) for run, times in enumerate(told)],
        ignore_index=True,
    )
    return Timeline(samples, TR, None), words.assign(duration=0.2, sample="")


def held_out(design, targets, runs):
    """Correlation of each target with its prediction from the other runs."""
    predicted = np.empty_like(targets)
    for run in np.unique(runs):
        train, test = runs != run, runs == run
        mean, scale = design[train].mean(axis=0), design[train].std(axis=0)
        fit = Ridge(100).fit((design[train] - mean) / scale, targets[train])
        found = fit.predict((design[test] - mean) / scale)
        predicted[test] = found.reshape(-1, targets.shape[1])
    one, other = predicted - predicted.mean(axis=0), targets - targets.mean(axis=0)
    return (one * other).sum(axis=0) / np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))


@pytest.mark.parametrize(("centre", "least", "most"), [(False, 0.5, 1.0), (True, 0.0, 0.15)])
def test_random_features_are_not_read_from_random_units(layout, rng, centre, least, most):
    """Neither knows anything of the other; alike is only how many words there were."""
    timeline, words = layout
    align = aligner(timeline, word_rows(words), "glover", [0], centre=centre)
    units = align(rng.standard_normal((len(words), 20)) + rng.standard_normal(20))
    features = align((rng.random((len(words), FEATURES)) < 0.3).astype(float))
    runs = timeline.samples["run"].to_numpy()
    orders = draw_shifts(runs, 99, 8, 0)
    null = np.stack([held_out(units, features[order], runs) for order in orders], axis=-1)
    found = significance(held_out(units, features, runs), null).p < 0.05
    assert least <= found.mean() <= most


def test_what_a_feature_says_of_its_words_is_kept(layout, rng):
    """A feature that a unit carries is read as well as before."""
    timeline, words = layout
    align = aligner(timeline, word_rows(words), "glover", [0], centre=True)
    feature = (rng.random((len(words), 1)) < 0.3).astype(float)
    units = align(feature + 0.2 * rng.standard_normal((len(words), 20)))
    assert held_out(units, align(feature), timeline.samples["run"].to_numpy()) > 0.9


def test_means_are_those_of_the_words_of_a_run(rng):
    values, runs = rng.standard_normal((6, 2)), np.array(["b", "a", "b", "a", "a", "b"])
    centred = centre_runs(values, runs)
    for run in "ab":
        assert_allclose(centred[runs == run], values[runs == run] - values[runs == run].mean(0))


def test_events_are_left_as_they_are(layout, rng):
    timeline, _ = layout
    events = Timeline(timeline.samples, None, None)
    rows = pd.DataFrame({"sample": timeline.samples["id"], "run": timeline.samples["run"]})
    values = rng.standard_normal((len(rows), 2)) + 5
    assert_allclose(aligner(events, rows, "glover", [0], centre=True)(values), values)
