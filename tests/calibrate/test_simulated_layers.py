"""Layers that look like those of a network: memory, loads and offsets, by loops."""

import numpy as np
import pandas as pd
import pytest

from stages.calibrate.simulated_layers import (
    Layers,
    carrying,
    draw_layers,
    draw_nuisance,
    remembered,
)


def by_loop(noise, share):
    """x[t] = share x[t - 1] + sqrt(1 - share²) noise[t], begun with the noise itself."""
    made = [noise[0]]
    for one in noise[1:]:
        made.append(share * made[-1] + np.sqrt(1 - share**2) * one)
    return np.array(made)


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_series_keep_a_share_of_what_they_were(rng, share):
    noise = rng.normal(size=(40, 3))
    np.testing.assert_allclose(remembered(noise, share), by_loop(noise, share))
    np.testing.assert_allclose(remembered(noise.T, share, axis=1), by_loop(noise, share).T)
    shares = np.array([0.1, share, 0.8])
    each = np.stack([by_loop(noise[:, at], shares[at]) for at in range(3)], axis=1)
    np.testing.assert_allclose(remembered(noise, shares), each)


def test_noise_is_left_as_it_is(rng):
    noise = rng.normal(size=(5, 2))
    before = noise.copy()
    remembered(noise, 0.5)
    np.testing.assert_array_equal(noise, before)


def test_longer_words_are_rarer():
    ids = pd.Series([f"w{at}" for at in range(20_000)])
    found = draw_nuisance(ids, np.random.default_rng(1))
    assert found.columns.tolist() == ["id", "word_rate", "word_length", "log_frequency"]
    assert found["id"].tolist() == ids.tolist()
    assert set(found["word_rate"]) == {1.0}
    assert found["word_length"].min() == 1
    assert found["word_length"].mean() == pytest.approx(4.2, abs=0.05)
    assert found["word_length"].var() == pytest.approx(3.2, abs=0.1)
    slope, start = np.polyfit(found["word_length"], found["log_frequency"], 1)
    assert (slope, start) == (pytest.approx(-0.45, abs=0.01), pytest.approx(7.5, abs=0.05))
    rest = found["log_frequency"] - start - slope * found["word_length"]
    assert rest.std() == pytest.approx(0.7, abs=0.02)
    draw = np.random.default_rng(1)
    length = 1 + draw.poisson(3.2, 20_000)
    expected = 7.5 - 0.45 * length + draw.normal(0, 0.7, 20_000)
    np.testing.assert_allclose(found["log_frequency"], expected)


@pytest.fixture(scope="module")
def nuisance():
    ids = pd.Series([f"w{at}" for at in range(3000)])
    return draw_nuisance(ids, np.random.default_rng(2))


def standard(nuisance):
    known = nuisance[["word_length", "log_frequency"]].to_numpy()
    return (known - known.mean(axis=0)) / known.std(axis=0)


def test_every_other_unit_changes_slowly_and_all_follow_nuisance(nuisance):
    layers = draw_layers(nuisance, 2, np.random.default_rng(3))
    draw = np.random.default_rng(3)
    noise = draw.normal(size=(2, 3000, 48))
    loads, offsets = draw.normal(0, 0.5, (2, 2, 48)), draw.normal(size=(2, 1, 48))
    known, shown = standard(nuisance), np.asarray(layers.values)
    for layer in range(2):
        for unit in (0, 1, 46, 47):
            series = noise[layer, :, unit]
            own = by_loop(series, 0.9) if unit % 2 == 0 else series
            np.testing.assert_allclose(layers.own[layer, :, unit], own)
            values = own + offsets[layer, 0, unit] + known @ loads[layer, :, unit]
            np.testing.assert_allclose(shown[layer, :, unit], values)
    assert layers.names == ["layer_00", "layer_01"]


def test_units_carry_the_words_before(nuisance):
    """By the same draws: weights of each unit, then how long it remembers."""
    own = np.zeros((2, 3000, 3))
    found = carrying(Layers(own, own + 5.0), nuisance, np.random.default_rng(4))
    draw = np.random.default_rng(4)
    weights, shares = draw.normal(0, 1.0, (2, 2, 3)), draw.uniform(0, 0.9, 6)
    known = standard(nuisance)
    assert found.own is own
    carried = np.asarray(found.values)
    for layer in range(2):
        for unit in range(3):
            driven = known @ weights[layer, :, unit]
            before = np.array([0.0, *driven[:-1]])
            expected = 5.0 + by_loop(before, shares[3 * layer + unit])
            np.testing.assert_allclose(carried[layer, :, unit], expected)
