"""Responses are what they are said to be: by the same draws, step by step."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore

from stages.calibrate import story_responses as module
from stages.calibrate.story_responses import (
    DRIFT_ALONE,
    SIZES,
    draw_drifting,
    draw_late,
    draw_responses,
    late,
    planted,
)

N, TR = 40, 2.0
RUNS = np.repeat(["1", "2"], [25, 15])
ONSETS = np.r_[100 + TR * np.arange(25), 300 + TR * np.arange(15)]


@pytest.fixture
def layout(monkeypatch):
    """Two runs; what words are to samples is given, and nothing is cleaned."""
    samples = pd.DataFrame({"run": RUNS, "onset": ONSETS})
    known = np.random.default_rng(9).standard_normal((N, 3)) * [1, 5, 0.2] + [0, 9, 1]
    told = []

    def at_samples(layout, values, *, centre, late=0.0):
        told.append((values.shape, centre, late))
        if centre:
            return np.random.default_rng(values.shape[1]).standard_normal((N, values.shape[1]))
        return known + late

    monkeypatch.setattr(module, "_at_samples", at_samples)
    monkeypatch.setattr(module, "clean", lambda series, runs, tr, how: series)
    return SimpleNamespace(samples=samples, told=told, known=known)


NUISANCE = pd.DataFrame({"id": ["a", "b"], "x": [1, 2], "y": [1, 2], "z": [0, 1]})


def remembered(noise, shares):
    """Of variance 1, sample after sample."""
    made = np.empty_like(noise)
    made[0] = noise[0]
    for at in range(1, len(noise)):
        made[at] = shares * made[at - 1] + np.sqrt(1 - np.square(shares)) * noise[at]
    return made


def test_names_of_situations():
    assert planted(0.2) == "planted r = 0.2"
    assert planted(0.4, beside=True) == "planted r = 0.4, beside nuisance"
    assert [late(seconds) for seconds in (-2.0, 1.0, 0.0)] == [
        "nuisance alone, 2 s early", "nuisance alone, 1 s late", "nuisance alone, 0 s late",
    ]  # fmt: skip


def drifting(known, targets, rng, waves):
    noise = rng.normal(size=(N, 3 * targets))
    weights = remembered(noise, np.exp(-TR / waves)).reshape(N, 3, targets)
    weights = weights + rng.normal(size=(3, targets))
    series = np.stack(
        [[zscore(known)[at] @ weights[at, :, k] for at in range(N)] for k in range(targets)], 1
    )
    return zscore(series)


def test_nuisance_alone_drifts_in_400_seconds_with_a_tenth_of_noise(layout):
    found = draw_drifting(layout, NUISANCE, 4, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    driven = drifting(layout.known, 4, rng, 400.0)
    noise = remembered(rng.normal(size=(N, 4)), 0.4)
    np.testing.assert_allclose(found.series, np.sqrt(0.9) * driven + np.sqrt(0.1) * noise)
    assert (found.names, found.situations) == (["t000", "t001", "t002", "t003"], [DRIFT_ALONE] * 4)
    assert layout.told == [((2, 3), False, 0.0)]


def test_late_nuisance_is_four_fifths_and_slow_noise_the_rest(layout):
    found = draw_late(layout, NUISANCE, 2, np.random.default_rng(4))
    rng, expected = np.random.default_rng(4), []
    for seconds in (-2.0, 1.0, 2.0):
        driven = zscore(zscore(layout.known + seconds) @ rng.normal(size=(3, 2)))
        noise = remembered(rng.normal(size=(N, 2)), 0.9)
        expected.append(np.sqrt(0.8) * driven + np.sqrt(0.2) * noise)
    np.testing.assert_allclose(found.series, np.hstack(expected))
    assert found.situations == [late(seconds) for seconds in (-2, 1, 2) for _ in range(2)]
    assert found.names == ["t000", "t001"] * 3
    assert [one[1:] for one in layout.told] == [(False, seconds) for seconds in (-2, 1, 2)]


def test_every_kind_of_response_by_the_same_draws(layout):
    """Noise, slow noise, transients and word rate, drifting nuisance, and what is planted."""
    layers = SimpleNamespace(own=np.zeros((2, 2, 4)), names=["layer_00", "layer_01"])
    found = draw_responses(layout, layers, NUISANCE, 3, np.random.default_rng(5))
    rng, shape, half = np.random.default_rng(5), (N, 3), np.sqrt(0.5)
    known = layout.known
    expected = [rng.normal(size=shape)]
    noise = rng.normal(size=shape)
    expected.append(remembered(noise, rng.uniform(0.4, 0.9, 3)))
    since = ONSETS - np.where(RUNS == "1", 100, 300)
    transients = np.exp(-since[:, None] / rng.uniform(8, 40, 3))
    weights = rng.uniform(0.5, 1.5, size=(2, 3))
    both = zscore(weights[0] * zscore(transients) + weights[1] * zscore(known[:, :1]))
    expected.append(half * (both + remembered(rng.normal(size=shape), 0.4)))
    driven = drifting(known, 3, rng, 150.0)
    expected.append(half * (driven + remembered(rng.normal(size=shape), 0.4)))
    own = np.random.default_rng(8).standard_normal((N, 8)).reshape(N, 2, 4)[:, [0, 1, 0]]
    mixed = rng.normal(size=(3, 4))
    signal = zscore(np.stack([own[:, k] @ mixed[k] for k in range(3)], axis=1))
    other = zscore(known @ rng.normal(size=(3, 3)))
    for size in (0.1, 0.2, 0.4):
        one = size * signal + np.sqrt(1 - size**2) * remembered(rng.normal(size=shape), 0.4)
        expected += [one, one + other]
    np.testing.assert_allclose(found.series, np.hstack(expected))
    assert found.names == [
        *["t000", "t001", "t002"] * 4, *["layer_00/0", "layer_01/1", "layer_00/2"] * 6,
    ]  # fmt: skip
    kinds = ["white", "autocorrelated", "onset-locked", "drifting nuisance"]
    kinds += [planted(size, beside=way) for size in SIZES for way in (False, True)]
    assert found.situations == [kind for kind in kinds for _ in range(3)]
    assert layout.told == [((2, 3), False, 0.0), ((2, 8), True, 0.0)]


@pytest.mark.parametrize("seconds", [0.0, 2.0])
def test_words_reach_samples_as_late_as_they_are_said_to(monkeypatch, seconds):
    rows, asked = pd.DataFrame({"onset": [1.0, 5.0], "offset": [2.0, 6.0]}), []

    def aligner(*given, centre):
        asked.append((given[1]["offset"].tolist(), given[1]["onset"].tolist(), given[2:], centre))
        return lambda values: values * 2

    monkeypatch.setattr(module, "word_rows", lambda stimuli: rows)
    monkeypatch.setattr(module, "aligner", aligner)
    layout = SimpleNamespace(stimuli=None, timeline=None)
    found = module._at_samples(layout, np.ones(3), centre=True, late=seconds)
    assert found.tolist() == [2, 2, 2]
    assert asked == [([2 + seconds, 6 + seconds], [1, 5], ("glover", [0]), True)]
