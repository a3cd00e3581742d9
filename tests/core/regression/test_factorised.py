"""Which way a design is factorised, and that ways agree: against scikit-learn, and by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import StandardScaler

from stages.core.regression import factorised
from stages.core.regression.block_sums import BlockSums
from stages.core.regression.factorised import Factorised
from stages.core.regression.factors import RowFactors, SummedFactors
from stages.core.regression.folds import Split

N, WIDTH = 50, 5
SPLIT = Split(np.arange(40), np.arange(40, 50))
SCATTERED = Split(np.r_[0:20, 30:50], np.array([20, 22, 21, 23]))
GAPPED = Split(np.r_[0:20, 30:50], np.array([20, 21, 24]))
LAMBDAS = np.array([50.0, 4.0])


@pytest.fixture(autouse=True)
def by_sums(monkeypatch):
    monkeypatch.setattr(factorised, "PRODUCTS", 0)
    monkeypatch.setattr(factorised, "TALL", 1)
    monkeypatch.setattr(factorised, "MANY", np.inf)


def data(rng):
    nuisance = rng.standard_normal((N, 2)) + 3
    design = rng.standard_normal((N, WIDTH)) * [1, 9, 0.1, 3, 2] + [0, 70, 2, 5, -8]
    targets = (
        design @ rng.standard_normal((WIDTH, 3)) + nuisance[:, :1] + rng.standard_normal((N, 3))
    )
    return design + nuisance[:, :1], nuisance, targets


def by_hand(design, nuisance, targets, split, strength):
    """Training rows and test rows, standardised; predictions less the training mean."""
    (train, test), own = (design[split.train], design[split.test]), targets[split.train]
    if nuisance is not None:
        known, there = nuisance[split.train], nuisance[split.test]
        fit = LinearRegression().fit(known, train)
        train, test = train - fit.predict(known), test - fit.predict(there)
        own = own - LinearRegression().fit(known, own).predict(known)
    scaler = StandardScaler().fit(train)
    fit = Ridge(strength).fit(scaler.transform(train), own)
    return (
        scaler.transform(train),
        scaler.transform(test),
        fit.predict(scaler.transform(test)) - fit.intercept_,
    )


@pytest.mark.parametrize(
    "split", [SPLIT, SCATTERED, GAPPED], ids=["stretch", "scattered", "gapped"]
)
@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
@pytest.mark.parametrize("rows", [False, True], ids=["sums", "rows"])
def test_every_way_predicts_as_scikit_learn(rng, monkeypatch, split, known, rows):
    if rows:
        monkeypatch.setattr(factorised, "PRODUCTS", np.inf)
    design, nuisance, targets = data(rng)
    nuisance = nuisance if known else None
    made = Factorised(design, nuisance, [split, SPLIT])
    factors = made(split)
    assert isinstance(factors, RowFactors if rows else SummedFactors)
    for strength in LAMBDAS:
        train, test, expected = by_hand(design, nuisance, targets, split, strength)
        weights = made.weigh(factors, targets) / (factors.power[:, None] + strength)
        assert_allclose(factors.predict(weights), expected, rtol=1e-7, atol=1e-8)
        assert_allclose(factors.train @ factors.test.T, train @ test.T, rtol=1e-7, atol=1e-7)
    path = made.path(split, targets, LAMBDAS)
    assert (path is None) == rows
    if path is not None:
        for place, strength in enumerate(LAMBDAS):
            expected = by_hand(design, nuisance, targets, split, strength)[2]
            assert_allclose(path[1][:, place], expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    ("n_train", "n_units", "summed"), [(40, 5, True), (39, 5, False), (40, 6, False)]
)
def test_sums_stand_for_rows_from_a_limit_on(rng, monkeypatch, n_train, n_units, summed):
    """Eight rows a unit, in the shortest of the splits; and a product of 40 · 5² at least."""
    monkeypatch.setattr(factorised, "TALL", 8)
    split = Split(np.arange(n_train), np.arange(45, 50))
    design = rng.standard_normal((N, n_units))
    splits = [Split(np.arange(44), np.arange(45, 50)), split]
    kind = SummedFactors if summed else RowFactors
    assert isinstance(Factorised(design, None, splits)(split), kind)
    if summed:
        for products, own in ((1000, SummedFactors), (1001, RowFactors)):
            monkeypatch.setattr(factorised, "PRODUCTS", products)
            assert isinstance(Factorised(design, None, splits)(split), own)


@pytest.mark.parametrize(("n_targets", "least", "found"), [(2, 4.0, True), (3, 4.0, False)])
def test_a_path_is_found_where_few_solutions_are_asked_for(
    rng, monkeypatch, n_targets, least, found
):
    """Two regularisations of two targets are four solutions: just 0.8 of five units."""
    monkeypatch.setattr(factorised, "MANY", 0.8)
    design, _, targets = data(rng)
    made = Factorised(design, None, [SPLIT])
    assert (made.path(SPLIT, targets[:, :n_targets], np.array([50, least])) is not None) == found


@pytest.mark.parametrize(("weakest", "found"), [(0.9, False), (1.0, False), (1.1, True)])
def test_a_path_is_found_where_the_weakest_regularisation_is_more_than_rounding(
    rng, monkeypatch, weakest, found
):
    """Of 40 standardised rows of five units the trace is 200: times 40 and 1 / 8000, that is 1."""
    monkeypatch.setattr(factorised, "ROUNDING", 1 / 8000)
    design = np.tile([[1.0], [-1.0]], (25, 1)) * np.array([1.0, -1, 1, 1, -1])
    made = Factorised(design, None, [SPLIT])
    targets = rng.standard_normal((N, 1))
    assert (made.path(SPLIT, targets, np.array([9.0, weakest])) is not None) == found


@pytest.mark.parametrize("largest", [1.0, 1000.0])
@pytest.mark.parametrize("spread", [0.9e-7, 1.1e-7])
@pytest.mark.parametrize("products", [0, np.inf], ids=["sums", "rows"])
def test_a_unit_counts_from_a_share_of_its_largest_value_on(
    rng, monkeypatch, largest, spread, products
):
    """The largest value may stand in a test row, and be negative."""
    monkeypatch.setattr(factorised, "PRODUCTS", products)
    design = np.column_stack([rng.standard_normal((N, 2)), np.zeros(N)])
    design[:40, 2] = np.tile([1, -1], 20) * spread * largest
    design[45, 2] = -largest
    factors = Factorised(design, None, [SPLIT])(SPLIT)
    assert len(factors.power) == (3 if spread > 1e-7 else 2)


@pytest.mark.parametrize("products", [0, np.inf], ids=["sums", "rows"])
def test_splits_of_the_same_training_rows_share_what_is_made_of_these(rng, monkeypatch, products):
    monkeypatch.setattr(factorised, "PRODUCTS", products)
    design, nuisance, _ = data(rng)
    other = Split(SPLIT.train, SPLIT.test[:4])
    made = Factorised(design, nuisance, [SPLIT, other])
    one, two = made(SPLIT), made(other)
    assert one.power is two.power
    assert_allclose(two.test, one.test[:4])


def test_sums_are_made_once_for_all_splits(rng, monkeypatch):
    calls = []
    over = BlockSums.over
    monkeypatch.setattr(BlockSums, "over", lambda self, rows: calls.append(1) or over(self, rows))
    design, _, targets = data(rng)
    made = Factorised(design, None, [SPLIT])
    for _ in range(2):
        made(SPLIT)
        made.path(SPLIT, targets, LAMBDAS)
    assert len(calls) == 2
    assert_array_equal(made.design.mean(axis=0).round(9), np.zeros(WIDTH))


def test_rows_that_stand_in_for_sums_are_weighed_as_rows(rng):
    """Nuisance variables tell a unit nearly whole, so that sums would lose digits."""
    design, nuisance, targets = data(rng)
    told = np.column_stack([design, nuisance[:, 0] + 1e-3 * design[:, 0]])
    made = Factorised(told, nuisance, [SPLIT])
    factors = made(SPLIT)
    assert isinstance(factors, RowFactors)
    assert_allclose(made.weigh(factors, targets), factors.train.T @ targets[SPLIT.train])
