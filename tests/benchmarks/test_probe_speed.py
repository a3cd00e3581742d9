"""Speed of probing a Wehbe-size problem: 1291 samples, 7 + 6 layers, 195 features, 4 runs."""

from time import perf_counter

import numpy as np
import pytest
from himalaya.ridge import RidgeCV as HimalayaRidgeCV
from numpy.testing import assert_allclose
from sklearn.linear_model import RidgeCV

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, lambda_grid, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.chance import draw_shifts, significance
from stages.core.stats.scores import pearson

pytestmark = pytest.mark.benchmark

RUNS = np.repeat([1, 2, 3, 4], [325, 337, 264, 365])
LAYERS = [384] * 7 + [96] * 6
FEATURES, SHIFTS, SAMPLE = 195, 1000, 24
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e6, count=20))
CUT = partition(RUNS, Folds(scheme="runs", blocks=5, gap=8))


def make_problem():
    rng = np.random.default_rng(0)
    layers = [rng.standard_normal((len(RUNS), units), dtype=np.float32) for units in LAYERS]
    signal = layers[3][:, :FEATURES]
    return layers, 0.3 * signal + rng.standard_normal(signal.shape, dtype=np.float32)


def ours(shifts):
    """Held-out r of every layer and feature, and p."""
    layers, features = make_problem()
    orders = draw_shifts(CUT.segments, shifts, 8, seed=0)
    null = ShiftNull(CUT.folds, orders) if shifts else None
    scores, p = [], []
    for layer in layers:
        fit = cross_validate(layer, features, CUT.folds, LAMBDAS)
        scores.append(pearson(fit.observed))
        if null is not None:
            draws = [pearson(sums) for _, (sums,) in shifted([fit], features, null)]
            p.append(significance(scores[-1], np.concatenate(draws)).p)
    return np.array(scores), np.array(p)


def himalaya():
    """The same with RidgeCV, on the same splits and lambdas."""
    layers, features = make_problem()
    scores = []
    for layer in layers:
        predicted = np.empty_like(features)
        for fold in CUT.folds:
            train, test = fold.outer.train, fold.outer.test
            inner = [
                (np.searchsorted(train, split.train), np.searchsorted(train, split.test))
                for split in fold.inner
            ]
            mean, scale = layer[train].mean(axis=0), layer[train].std(axis=0)
            model = HimalayaRidgeCV(alphas=LAMBDAS, cv=inner, solver_params={"warn": False})
            model.fit((layer[train] - mean) / scale, features[train])
            predicted[test] = model.predict((layer[test] - mean) / scale)
        scores.append([np.corrcoef(features[:, k], predicted[:, k])[0, 1] for k in range(FEATURES)])
    return np.array(scores)


def scikit_learn_seconds():
    """Seconds of one scikit-learn RidgeCV: mean over a sample of layers, folds and targets."""
    layers, features = make_problem()
    rng = np.random.default_rng(1)
    start = perf_counter()
    for k in range(SAMPLE):
        layer, train = layers[k % len(layers)], CUT.folds[k % 4].outer.train
        order = draw_shifts(CUT.segments, 1, 8, seed=k)[0]
        RidgeCV(alphas=LAMBDAS).fit(layer[train], features[order[train], rng.integers(FEATURES)])
    return (perf_counter() - start) / SAMPLE


def test_fit_beside_himalaya(alone, report):
    rounds = [(alone(ours, 0), alone(himalaya)) for _ in range(3)]
    mine, theirs = (np.median([side[0] for side in sides]) for sides in zip(*rounds, strict=True))
    report("probe, fit alone, beside himalaya", mine, theirs, rounds[0][0][1])
    scores, expected = rounds[0][0][2][0], rounds[0][1][2]
    # himalaya averages R² over splits to choose lambda, we pool squared errors: close, not equal.
    assert_allclose(scores[3], expected[3], atol=0.05)


def test_null_beside_scikit_learn(alone, report):
    mine, memory, (scores, p) = alone(ours, SHIFTS)
    each = scikit_learn_seconds()
    theirs = each * len(LAYERS) * FEATURES * (SHIFTS + 1) * len(CUT.folds)
    note = (
        f"extrapolated from {SAMPLE} fits of {each:.3f} s, one per layer, feature, fold and shift"
    )
    report("probe, fit and null, beside scikit-learn", mine, theirs, memory, note)
    assert (p[3] < 0.05).mean() > 0.6
    others = np.delete(p, 3, axis=0)
    assert (others < 0.05).mean() < 0.08
    assert scores.shape == (len(LAYERS), FEATURES)
