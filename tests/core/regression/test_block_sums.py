"""Sums over blocks stand for rows: against numpy, scikit-learn, and the path that holds rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression, Ridge

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression import factorised
from stages.core.regression.block_sums import BlockSums, whole_blocks
from stages.core.regression.factorised import Factorised
from stages.core.regression.factors import RowFactors, SummedFactors
from stages.core.regression.folds import Split, partition
from stages.core.regression.ridge import cross_validate, lambda_grid, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.chance import draw_shifts

RUNS = np.repeat([1, 2, 3, 4], [140, 155, 147, 150])
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e5, count=6))


@pytest.fixture(params=["runs", "blocks"])
def cut(request):
    return partition(RUNS, Folds(scheme=request.param, blocks=8, gap=3))


@pytest.fixture(params=[1, 40], ids=["one target", "many targets"])
def study(request, rng):
    """Nuisance variables, one of them twice; units far from 0 and one constant but for a run."""
    nuisance = rng.standard_normal((592, 3)) + 2
    design = rng.standard_normal((592, 20)) * rng.uniform(0.1, 9, 20) + 300
    design += nuisance @ rng.standard_normal((3, 20))
    targets = design @ rng.standard_normal((20, request.param)) / 20 + nuisance[:, :1]
    targets += 2 * rng.standard_normal(targets.shape)
    design[:, 7] = np.where(RUNS == 2, design[:, 7], 5)
    return np.column_stack([nuisance, nuisance[:, 0]]), design, targets


@pytest.fixture
def by_sums(monkeypatch):
    monkeypatch.setattr(factorised, "PRODUCTS", 0)


def fit_and_null(study, cut, known):
    nuisance, design, targets = study
    fit = cross_validate(design, targets, cut.folds, LAMBDAS, nuisance if known else None, pieces=3)
    null = ShiftNull(cut.folds, draw_shifts(cut.segments, 30, 3, seed=0))
    return fit, [sums for _, (sums,) in shifted([fit], targets, null)]


@pytest.mark.parametrize("many", [0.0, np.inf], ids=["vectors", "no vectors"])
@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
def test_agrees_with_the_path_that_holds_the_rows(study, cut, known, many, monkeypatch):
    expected, null = fit_and_null(study, cut, known)
    monkeypatch.setattr(factorised, "PRODUCTS", 0)
    monkeypatch.setattr(factorised, "MANY", many)
    fit, found = fit_and_null(study, cut, known)
    assert all(isinstance(one, RowFactors) for one in expected.factors)
    assert all(isinstance(one, SummedFactors) for one in fit.factors)
    assert_allclose(fit.lambdas, expected.lambdas)
    assert_allclose(fit.inner_r2, expected.inner_r2, rtol=1e-8)
    for one, other in ((fit.observed, expected.observed), (fit.pieces, expected.pieces)):
        for name, values in vars(one).items():
            assert_allclose(values, vars(other)[name], rtol=1e-8, atol=1e-8, err_msg=name)
    for one, other in zip(found, null, strict=True):
        for name, values in vars(one).items():
            largest = np.abs(vars(other)[name]).max()
            assert_allclose(values, vars(other)[name], atol=1e-5 * largest + 1e-8, err_msg=name)


def sides(nuisance, values, split, known):
    """Training and test rows, without what a regression on the training rows explains."""
    if not known:
        return values[split.train], values[split.test]
    fit = LinearRegression().fit(nuisance[split.train], values[split.train])
    return [values[rows] - fit.predict(nuisance[rows]) for rows in (split.train, split.test)]


def by_hand(nuisance, design, targets, split, known):
    """What is left of the test rows of the targets, and what scikit-learn predicts of it."""
    train, test = sides(nuisance, design, split, known)
    y, left = sides(nuisance, targets, split, known)
    mean, spread = train.mean(axis=0), train.std(axis=0)
    real = spread > 1e-9
    scaled = [(rows - mean)[:, real] / spread[real] for rows in (train, test)]
    centre = 0 if known else y.mean(axis=0)
    model = Ridge(10.0, fit_intercept=False).fit(scaled[0], y - centre)
    return left, model.predict(scaled[1]).reshape(left.shape)


@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
def test_every_split_is_that_of_scikit_learn(study, cut, known, by_sums):
    nuisance, design, targets = study
    splits = [split for fold in cut.folds for split in (fold.outer, *fold.inner)]
    made = Factorised(design, nuisance if known else None, splits)
    for split in splits:
        factors = made(split)
        assert isinstance(factors, SummedFactors)
        left, expected = by_hand(nuisance, design, targets, split, known)
        weights = made.weigh(factors, targets) / (factors.power[:, None] + 10.0)
        assert_allclose(factors.left(targets), left, rtol=1e-8, atol=1e-8)
        assert_allclose(factors.predict(weights), expected, rtol=1e-8, atol=1e-8)
        assert_allclose(factors.test @ weights, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
def test_every_regularisation_without_vectors_is_that_of_scikit_learn(
    study, cut, known, by_sums, monkeypatch
):
    monkeypatch.setattr(factorised, "MANY", np.inf)
    nuisance, design, targets = study
    splits = [split for fold in cut.folds for split in (fold.outer, *fold.inner)]
    made = Factorised(design, nuisance if known else None, splits)
    for split in splits:
        inside, predicted = made.path(split, targets, np.array([1e5, 10.0]))
        left, expected = by_hand(nuisance, design, targets, split, known)
        assert_allclose(inside.left(targets), left, rtol=1e-8, atol=1e-8)
        assert_allclose(predicted[:, 1], expected, rtol=1e-8, atol=1e-8)
        assert np.square(predicted[:, 0]).sum() < np.square(predicted[:, 1]).sum()


def test_vectors_are_found_where_they_cost_less_or_a_regularisation_is_nothing(study, cut, by_sums):
    _, design, targets = study
    split = cut.folds[0].outer
    made = Factorised(design, None, [split])
    few = targets[:, :1]
    assert made.path(split, few, np.array([10.0, 1.0])) is not None
    assert made.path(split, few, np.geomspace(10, 1, 6)) is None  # 6 solutions for 20 units
    assert Factorised(design, None, [split]).path(split, few, np.array([1.0, 1e-9])) is None
    told = np.hstack([design, targets[:, :1] + 1e-3 * design[:, [0]]])
    assert Factorised(told, targets[:, :1], [split]).path(split, few, np.array([1.0])) is None


def test_units_that_nuisance_variables_nearly_tell_keep_their_rows(study, cut, by_sums):
    nuisance, design, _ = study
    told = nuisance[:, [1]] + 1e-3 * design[:, [0]]
    splits = [fold.outer for fold in cut.folds]
    made = Factorised(np.hstack([design, told]), nuisance, splits)
    assert all(isinstance(made(split), RowFactors) for split in splits)


def test_no_split_cuts_a_block(cut):
    splits = [split for fold in cut.folds for split in (fold.outer, *fold.inner)]
    blocks = whole_blocks(splits, len(RUNS))
    for split in splits:
        for rows in (split.train, split.test):
            inside = np.isin(blocks, blocks[rows])
            assert inside.sum() == len(rows)
    assert len(np.unique(blocks)) == blocks.max() + 1


def test_sums_are_those_of_numpy_and_keep_digits_far_from_zero(rng):
    values = rng.standard_normal((90, 4)) + 1e6
    targets = rng.standard_normal((90, 2))
    sums = BlockSums(values, np.arange(90) // 10 % 5)
    rows = np.flatnonzero(np.arange(90) // 10 % 5 != 2)
    exact = values[rows].astype(np.longdouble)
    exact -= exact.mean(axis=0)
    found = sums.over(rows)
    assert found.n == len(rows)
    assert_allclose(found.mean, values[rows].mean(axis=0), rtol=1e-15)
    assert_allclose(found.scatter, (exact.T @ exact).astype(float), atol=1e-7)
    for own in (targets, 2 * targets):
        expected = (exact.T @ own[rows]).astype(float)
        assert_allclose(sums.products(rows, own), expected, atol=1e-7)


def test_a_gap_is_in_neither_side(rng, by_sums):
    """What stands in a gap changes nothing."""
    design = rng.standard_normal((400, 5))
    split = Split(np.arange(300), np.arange(310, 400))
    other = design.copy()
    other[300:310] = 50
    found = [Factorised(values, None, [split])(split) for values in (design, other)]
    assert_allclose(found[0].train, found[1].train)


def test_designs_of_both_kinds_are_shifted_together(study, cut, rng, by_sums):
    nuisance, design, targets = study
    wide = rng.standard_normal((592, 90)) + targets[:, :1]
    fits = [
        cross_validate(own, targets, cut.folds, LAMBDAS, nuisance) for own in (wide, design, wide)
    ]
    assert [type(fit.factors[0]) for fit in fits] == [RowFactors, SummedFactors, RowFactors]
    null = ShiftNull(cut.folds, draw_shifts(cut.segments, 20, 3, seed=0))
    for _, together in shifted(fits, targets[:, :3], null):
        for fit, sums in zip(fits, together, strict=True):
            ((_, (alone,)),) = shifted([fit], targets[:, :3], null)
            for name, values in vars(sums).items():
                assert_allclose(values, vars(alone)[name], rtol=1e-4, atol=1e-3, err_msg=name)
