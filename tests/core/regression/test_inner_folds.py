"""Choice of a regularisation, against scikit-learn in every inner fold, on each path."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import StandardScaler

from stages.core.regression import factorised
from stages.core.regression.factorised import Factorised
from stages.core.regression.factors import SummedFactors
from stages.core.regression.folds import Split
from stages.core.regression.inner_folds import choose, sum_squares

N = 60
SPLITS = [Split(np.r_[0:18, 42:60], np.arange(20, 40)), Split(np.arange(22, 60), np.arange(20))]
LAMBDAS = np.array([300.0, 30.0, 3.0])
PATHS = {"rows": (1e9, 0), "vectors of sums": (0, 0), "no vectors": (0, np.inf)}


def naive(design, nuisance, targets, lambdas):
    """Best regularisation of each target and its R², by loops."""
    errors, total = np.zeros((len(lambdas), targets.shape[1])), np.zeros(targets.shape[1])
    for split in SPLITS:
        (train, test), (own, held) = (
            (values[split.train], values[split.test]) for values in (design, targets)
        )
        base = own.mean(axis=0)
        if nuisance is not None:
            known, there = nuisance[split.train], nuisance[split.test]
            of_design, of_targets = (
                LinearRegression().fit(known, values) for values in (train, own)
            )
            train, test = train - of_design.predict(known), test - of_design.predict(there)
            own, held = own - of_targets.predict(known), held - of_targets.predict(there)
            base = np.zeros(targets.shape[1])
        scaler = StandardScaler().fit(train)
        for row, strength in enumerate(lambdas):
            fit = Ridge(strength).fit(scaler.transform(train), own)
            errors[row] += ((held - fit.predict(scaler.transform(test))) ** 2).sum(axis=0)
        total += ((held - base) ** 2).sum(axis=0)
    return errors.argmin(axis=0), 1 - errors.min(axis=0) / total


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    products, many = PATHS[request.param]
    monkeypatch.setattr(factorised, "PRODUCTS", products)
    monkeypatch.setattr(factorised, "TALL", 1)
    monkeypatch.setattr(factorised, "MANY", many)
    return request.param


@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
@pytest.mark.parametrize("size", [(12, 3, 2), (12, 3, 6), (2, 1, 2), (2, 1, 6)])
def test_the_choice_is_that_of_a_loop(rng, path, known, size):
    width, n_lambdas, n_targets = size
    design = rng.standard_normal((N, width)) * 3 + 10
    noise = np.geomspace(0.1, 20, n_targets)
    targets = (design - 10) @ rng.standard_normal((width, n_targets)) + 5
    targets += noise * rng.standard_normal((N, n_targets))
    nuisance = rng.standard_normal((N, 2)) if known else None
    made = Factorised(design, nuisance, SPLITS)
    assert isinstance(made(SPLITS[0]), SummedFactors) == (path != "rows")
    best, r2 = choose(made, SPLITS, targets, LAMBDAS[:n_lambdas])
    expected = naive(design, nuisance, targets, LAMBDAS[:n_lambdas])
    assert_array_equal(best, expected[0])
    assert_allclose(r2, expected[1], rtol=1e-8)
    if n_lambdas == 3 and n_targets == 6 and width == 12:
        assert len(set(best)) > 1


def test_a_target_that_is_0_is_predicted_whole(rng, path):
    """Nothing of it is left to predict, and nothing is missed."""
    made = Factorised(rng.standard_normal((N, 3)), None, SPLITS)
    targets = np.column_stack([np.zeros(N), rng.standard_normal(N)])
    best, r2 = choose(made, SPLITS, targets, LAMBDAS)
    assert best[0] == 0
    assert r2[0] == 1
    assert r2[1] < 1


def test_small_targets_are_predicted_as_large_ones(rng, path):
    made = Factorised(rng.standard_normal((N, 3)), None, SPLITS)
    targets = rng.standard_normal((N, 2))
    found = [choose(made, SPLITS, targets * scale, LAMBDAS)[1] for scale in (1, 1e-3)]
    assert_allclose(found[1], found[0])


def test_of_equal_errors_the_first_is_chosen(rng):
    made = Factorised(np.ones((N, 3)), None, SPLITS)
    best, r2 = choose(made, SPLITS, rng.standard_normal((N, 2)), LAMBDAS)
    assert_array_equal(best, [0, 0])
    assert_allclose(r2, 0, atol=1e-12)


def test_squares_are_summed_over_rows():
    assert_array_equal(sum_squares(np.array([[1.0, 2], [3, -4], [0, 1]])), [10, 21])
