"""What is planted in simulated readers is there, and as strong as is said."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict

from stages.simulate.language.expectation import MIXED, bigram_surprisal
from stages.simulate.language.layer_signal import own_signal
from stages.simulate.language.readers import (
    BASE,
    PER_BIT,
    PER_LETTER,
    UNREAD,
    VOXELS,
    Network,
    bound,
    measure_network,
    reading_times,
)


def chain(n_sentences=300, n_units=60, n_layers=4):
    """Layers of which each is made of the one before, and a little of its own."""
    rng = np.random.default_rng(0)
    layers = [rng.standard_normal((n_sentences, n_units))]
    for _ in range(n_layers - 1):
        turned = layers[-1] @ np.linalg.qr(rng.standard_normal((n_units, n_units)))[0]
        layers.append(np.tanh(turned + 0.5 * rng.standard_normal((n_sentences, n_units))))
    return layers


def test_a_signal_is_found_in_its_own_layer_better_than_in_any_other():
    layers = chain()
    signal = own_signal(layers, 2)
    assert signal.shape == (300,)
    assert signal.mean() == pytest.approx(0, abs=1e-3)
    assert signal.std() == pytest.approx(1, abs=1e-3)
    np.testing.assert_array_equal(signal, own_signal(layers, 2))
    ridge, folds = RidgeCV(np.logspace(0, 4, 9)), KFold(5)
    found = [
        np.corrcoef(cross_val_predict(ridge, layer, signal, cv=folds), signal)[0, 1]
        for layer in layers
    ]
    assert int(np.argmax(found)) == 2
    assert found[2] > max(found[:2] + found[3:]) + 0.15


def test_people_agree_as_much_as_the_bound_says():
    rng = np.random.default_rng(1)
    course = rng.standard_normal(20_000)
    means = [
        measure_network(Network("language", course), 20_000, 0.8, rng).mean(axis=1)
        for _ in range(2)
    ]
    # Two people correlate by the square of what one has with infinitely many.
    assert np.corrcoef(means)[0, 1] == pytest.approx(bound(0.8) ** 2, abs=0.02)
    assert np.corrcoef(means[0], course)[0, 1] == pytest.approx(bound(0.8), abs=0.02)
    nothing = measure_network(Network("auditory", None), 20_000, 0.8, rng)
    assert nothing.shape == (20_000, VOXELS)
    assert abs(np.corrcoef(nothing.mean(axis=1), course)[0, 1]) < 0.03


def test_surprisal_by_hand():
    corpus = ["a", "b", "a", "b", "a", "c"]
    found = bigram_surprisal(corpus, [["a", "b"], ["c"]])
    anywhere = {"a": 4 / 9, "b": 3 / 9, "c": 2 / 9}  # the texts count once more
    after_a = MIXED * anywhere["b"] + (1 - MIXED) * 2 / 3
    np.testing.assert_allclose(2.0**-found, [anywhere["a"], after_a, anywhere["c"]])


def test_reading_times_follow_letters_and_surprisal():
    rng = np.random.default_rng(2)
    words = ["x" * int(n) for n in rng.integers(1, 10, 500)]
    surprisal = rng.uniform(0, 12, 500)
    times = reading_times(words, surprisal, 400, rng)
    assert np.isnan(times).mean() == pytest.approx(UNREAD, abs=0.01)
    mean = np.exp(np.nanmean(np.log(times), axis=1))
    letters = np.array([len(word) for word in words])
    design = np.stack([np.ones(500), letters, surprisal], axis=1)
    base, per_letter, per_bit = np.linalg.lstsq(design, mean, rcond=None)[0]
    # All by the mean pace of these readers.
    assert per_letter / base == pytest.approx(PER_LETTER / BASE, rel=0.1)
    assert per_bit / base == pytest.approx(PER_BIT / BASE, rel=0.1)
