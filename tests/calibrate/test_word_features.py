"""Features of words of which it is known whether a layer holds them."""

import numpy as np
import pandas as pd
import pytest

from stages.calibrate.simulated_layers import Layers, draw_nuisance
from stages.calibrate.word_features import NO_FEATURES, SIZES, draw_features

N, FEATURES = 4000, 4


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(5)
    own = rng.normal(size=(3, N, 6))
    nuisance = draw_nuisance(pd.Series([f"w{at}" for at in range(N)]), rng)
    runs = np.repeat(["2", "1", "3"], [1000, 1400, 1600])
    layers = Layers(own, own)
    return layers, nuisance, runs, draw_features(layers, nuisance, runs, FEATURES, rng)


def held_by(layers, at, column):
    """Share of a column that a layer tells, by least squares."""
    design = np.column_stack([np.ones(N), layers.own[at]])
    rest = column - design @ np.linalg.lstsq(design, column, rcond=None)[0]
    return 1 - rest.var() / column.var()


def test_there_are_so_many_of_each_kind(drawn):
    _, nuisance, _, found = drawn
    planted = [f"planted r = {size:g}/layer_0{at % 3}.{at}" for size in SIZES for at in range(4)]
    names = [f"{kind}/f{number:03}" for kind in NO_FEATURES for number in range(4)]
    assert found.columns.tolist() == ["id", *names, *planted]
    assert found["id"].tolist() == nuisance["id"].tolist()


@pytest.mark.parametrize("size", SIZES)
def test_what_is_planted_is_held_by_its_layer_as_much_as_it_says(drawn, size):
    layers, _, _, found = drawn
    for at in range(4):
        column = found[f"planted r = {size:g}/layer_0{at % 3}.{at}"].to_numpy()
        shares = [held_by(layers, layer, column) for layer in range(3)]
        for layer, share in enumerate(shares):
            expected = size**2 if layer == at % 3 else 0.0
            assert share == pytest.approx(expected, abs=0.03)
        assert column.std() == pytest.approx(1, abs=0.05)
        assert column.mean() == pytest.approx(0, abs=0.06)


def test_features_that_are_noise_are_as_they_are_called(drawn):
    _, nuisance, _, found = drawn
    for at in range(4):
        white = found[f"noise/f00{at}"].to_numpy()
        assert (white.mean(), white.std()) == pytest.approx((0, 1), abs=0.06)
        assert np.corrcoef(white[1:], white[:-1])[0, 1] == pytest.approx(0, abs=0.06)
        assert set(found[f"noise of 0 and 1/f00{at}"]) == {0.0, 1.0}
        assert found[f"noise of 0 and 1/f00{at}"].mean() == pytest.approx(0.3, abs=0.03)
        slow = found[f"noise, slow/f00{at}"].to_numpy()
        assert np.corrcoef(slow[1:], slow[:-1])[0, 1] == pytest.approx(0.97, abs=0.02)
        driven = found[f"nuisance and noise/f00{at}"].to_numpy()
        known = nuisance[["word_length", "log_frequency"]].to_numpy()
        design = np.column_stack([np.ones(N), known])
        rest = driven - design @ np.linalg.lstsq(design, driven, rcond=None)[0]
        assert rest.std() == pytest.approx(1, abs=0.05)
        assert driven.std() > 1.1


def test_what_is_dealt_to_wrong_words_is_what_a_layer_holds_in_another_order(drawn):
    layers, _, runs, found = drawn
    for at in range(4):
        dealt = found[f"held, dealt to wrong words/f00{at}"].to_numpy()
        assert (dealt.mean(), dealt.std()) == pytest.approx((1, 1), abs=1e-9)
        assert held_by(layers, at % 3, dealt) < 0.02
        held = found[f"planted r = {SIZES[-1]:g}/layer_0{at % 3}.{at}"].to_numpy()
        for run in np.unique(runs):
            assert dealt[runs == run].mean() == pytest.approx(
                1 + held[runs == run].mean() / SIZES[-1], abs=0.25
            )
