"""Scores of drawn targets against a ridge of scikit-learn, fitted anew for every draw."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from stages.core.params.schema import Folds
from stages.core.regression.drawn_targets import DrawnTargets, drawn_scores
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate
from stages.core.stats.scores import pearson

LAMBDAS = np.array([300.0, 30.0, 1.0])
LAYOUTS = {
    "runs": (np.repeat([0, 1, 2, 3], [30, 25, 35, 28]), Folds(scheme="runs", blocks=2, gap=3)),
    "blocks of two runs": (np.repeat([0, 1], [60, 50]), Folds(scheme="blocks", blocks=5, gap=3)),
    "blocks of one run": (np.zeros(110, int), Folds(scheme="blocks", blocks=4, gap=3)),
}


def make(rng, layout, width, n_variants=6):
    """A fit of five targets, and drawings of them, the observed ones first among the variants."""
    runs, settings = LAYOUTS[layout]
    design = rng.standard_normal((len(runs), width)) + 0.5
    series = rng.standard_normal((5, n_variants, len(runs))).astype(np.float32)
    series[:, 0] += [[0], [0.3], [0.7], [2], [9]] * design[:, :5].T
    taken = rng.integers(0, n_variants, (9, runs.max() + 1))
    taken[0] = 0
    folds = partition(runs, settings).folds
    fit = cross_validate(design, series[:, 0].T, folds, LAMBDAS)
    return design, folds, fit, DrawnTargets(series, runs, taken)


def naive(made, target, draw):
    """Correlate targets and predictions of all folds, each fitted by scikit-learn."""
    design, folds, fit, drawn = made
    at = drawn.taken[draw][drawn.parts]
    y = drawn.series[target, at, np.arange(len(at))].astype(float)
    predicted, held = [], []
    for fold, strength in zip(folds, fit.lambdas[:, target], strict=True):
        train, test = fold.outer.train, fold.outer.test
        scaler = StandardScaler().fit(design[train])
        ridge = Ridge(strength).fit(scaler.transform(design[train]), y[train])
        predicted.append(ridge.predict(scaler.transform(design[test])))
        held.append(y[test])
    return np.corrcoef(np.concatenate(predicted), np.concatenate(held))[0, 1]


@pytest.mark.parametrize("width", [8, 60])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_draw_scores_as_a_ridge_of_its_own(rng, layout, width):
    made = _, _, fit, drawn = make(rng, layout, width)
    assert len(np.unique(fit.lambdas)) > 1
    expected = [[naive(made, target, draw) for draw in range(9)] for target in range(5)]
    np.testing.assert_allclose(drawn_scores(fit, drawn), expected, atol=2e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_observed_targets_score_as_observed(rng, layout):
    _, _, fit, drawn = make(rng, layout, 12)
    np.testing.assert_allclose(drawn_scores(fit, drawn)[:, 0], pearson(fit.observed), atol=1e-6)


def test_a_design_that_varies_by_nothing_scores_nothing(rng):
    runs, settings = LAYOUTS["runs"]
    series = rng.standard_normal((2, 3, len(runs))).astype(np.float32)
    fit = cross_validate(
        np.ones((len(runs), 4)), series[:, 0].T, partition(runs, settings).folds, LAMBDAS
    )
    scores = drawn_scores(fit, DrawnTargets(series, runs, rng.integers(0, 3, (7, 4))))
    assert (scores == 0).all()
