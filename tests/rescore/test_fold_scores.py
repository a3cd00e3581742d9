"""Correlations fold by fold: against scikit-learn, at their ceiling and at their floor."""

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import StandardScaler

from stages.rescore.fold_scores import correlations, least_squares, ridge
from stages.rescore.random_folds import random_folds

RUNS = np.repeat(np.arange(10), 6)


@pytest.fixture
def folds():
    return random_folds(RUNS)


def by_hand(design, targets, folds, model):
    """Means over folds of scipy's r, with a model of scikit-learn."""
    found = []
    for fold in folds:
        model.fit(design[fold.outer.train], targets[fold.outer.train])
        predicted = model.predict(design[fold.outer.test])
        pairs = zip(predicted.T, targets[fold.outer.test].T, strict=True)
        found.append([pearsonr(*pair)[0] for pair in pairs])
    return np.mean(found, axis=0)


def test_least_squares_are_scikit_learns(rng, folds):
    design, targets = rng.standard_normal((60, 8)) + 3, rng.standard_normal((60, 3)) - 5
    found = least_squares(design, targets, [fold.outer for fold in folds])
    assert found == pytest.approx(by_hand(design, targets, folds, LinearRegression()))


def test_more_units_than_samples_have_the_solution_of_least_norm(rng, folds):
    design = rng.standard_normal((60, 100))
    targets = design[:, :2] + 0.1 * rng.standard_normal((60, 2))
    found = least_squares(design, targets, [fold.outer for fold in folds])
    expected = []
    for fold in folds:
        train, test = fold.outer.train, fold.outer.test
        mean = design[train].mean(axis=0)
        weights = np.linalg.pinv(design[train] - mean, rcond=1e-10) @ (
            targets[train] - targets[train].mean(axis=0)
        )
        predicted = (design[test] - mean) @ weights
        expected.append(
            [pearsonr(*pair)[0] for pair in zip(predicted.T, targets[test].T, strict=True)]
        )
    assert found == pytest.approx(np.mean(expected, axis=0))


def test_ridge_is_scikit_learns_at_its_only_strength(rng, folds):
    design, targets = rng.standard_normal((60, 80)) * 4 + 1, rng.standard_normal((60, 3))
    found = ridge(design, targets, folds, np.array([30.0]))
    expected = []
    for fold in folds:
        rows = StandardScaler().fit(design[fold.outer.train]).transform(design)
        expected.append(by_hand(rows, targets, [fold], Ridge(alpha=30.0)))
    assert found == pytest.approx(np.mean(expected, axis=0))


def test_what_is_linear_is_found_and_what_does_not_vary_scores_nothing(rng, folds):
    design = rng.standard_normal((60, 4))
    targets = design @ rng.standard_normal((4, 2)) + 7
    splits = [fold.outer for fold in folds]
    assert least_squares(design, targets, splits) == pytest.approx(1)
    assert least_squares(np.ones((60, 3)), targets, splits) == pytest.approx(0, abs=1e-12)
    still, rows = np.zeros((9, 1)), rng.standard_normal((9, 1))
    assert correlations(still, rows) == [0]
    assert correlations(rows, -2 * rows) == pytest.approx(-1)
