"""Nuisance variables are taken out inside every split, and their null likewise."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import StandardScaler

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression.folds import Split, partition
from stages.core.regression.known import fit_known
from stages.core.regression.ridge import cross_validate, lambda_grid, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.run.errors import InputError
from stages.core.stats.chance import draw_shifts, significance
from stages.core.stats.scores import pearson, r_squared

RUNS = np.repeat([1, 2, 3, 4], [40, 55, 47, 50])
CUT = partition(RUNS, Folds(scheme="runs", blocks=4, gap=3))
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e4, count=5))


@pytest.fixture
def study(rng):
    """Nuisance variables, a design that holds them, and targets that both drive."""
    nuisance = rng.standard_normal((192, 3)) + 2
    design = rng.standard_normal((192, 20)) + nuisance @ rng.standard_normal((3, 20))
    targets = design[:, :4] + nuisance @ rng.standard_normal((3, 4))
    return nuisance, design, targets + rng.standard_normal((192, 4))


def beyond(nuisance, values, split):
    """Training and test rows without what a regression on the training rows explains."""
    fit = LinearRegression().fit(nuisance[split.train], values[split.train])
    return [values[rows] - fit.predict(nuisance[rows]) for rows in (split.train, split.test)]


def predict(nuisance, design, target, split, strength):
    """What is left of the test rows of a target, and its prediction."""
    (train, test), (y, left) = (beyond(nuisance, v, split) for v in (design, target))
    scaler = StandardScaler().fit(train)
    fit = Ridge(strength, fit_intercept=False).fit(scaler.transform(train), y)
    return left, fit.predict(scaler.transform(test))


def best_strength(nuisance, design, target, inner):
    def error(strength):
        pairs = [predict(nuisance, design, target, split, strength) for split in inner]
        return sum(((left - found) ** 2).sum() for left, found in pairs)

    return min(LAMBDAS, key=error)


def naive(nuisance, design, target, strengths):
    pairs = [
        predict(nuisance, design, target, fold.outer, strength)
        for fold, strength in zip(CUT.folds, strengths, strict=True)
    ]
    return [np.concatenate(side) for side in zip(*pairs, strict=True)]


def test_every_split_is_that_of_scikit_learn(study):
    nuisance, design, targets = study
    fit = cross_validate(design, targets, CUT.folds, LAMBDAS, nuisance)
    for column, target in enumerate(targets.T):
        strengths = [best_strength(nuisance, design, target, fold.inner) for fold in CUT.folds]
        assert_allclose(fit.lambdas[:, column], strengths)
        left, found = naive(nuisance, design, target, strengths)
        assert_allclose(pearson(fit.observed)[column], np.corrcoef(left, found)[0, 1], atol=1e-10)
        total = ((left - left.mean()) ** 2).sum()
        explained = 1 - ((left - found) ** 2).sum() / total
        assert_allclose(r_squared(fit.observed)[column], explained, atol=1e-10)


@pytest.mark.parametrize("strength", [3.0, 300.0])
def test_banded_ridge_of_himalaya_whose_nuisance_band_is_free(study, strength):
    """At one lambda it is the same model, where the penalty of nuisance variables goes to 0."""
    from himalaya.ridge import GroupRidgeCV

    nuisance, design, targets = study
    fit = cross_validate(design, targets, CUT.folds, np.array([strength]), nuisance)
    share = 1e-8  # of the weight, that the design has; its penalty is alpha over it
    options = {
        "n_iter": np.array([[1 - share, share]]),
        "alphas": np.array([strength * share]),
        "progress_bar": False,
        "warn": False,
    }
    pairs = []
    for train, test in ((fold.outer.train, fold.outer.test) for fold in CUT.folds):
        left, _ = beyond(nuisance, design, Split(train, test))
        bands = [nuisance - nuisance[train].mean(axis=0), design - design[train].mean(axis=0)]
        bands[1] /= left.std(axis=0)  # ours standardises what is left of the design
        model = GroupRidgeCV("input", cv=2, solver_params=options, fit_intercept=True)
        model.fit([band[train] for band in bands], targets[train])
        joint = model.predict([band[test] for band in bands])
        alone = LinearRegression().fit(nuisance[train], targets[train]).predict(nuisance[test])
        pairs.append((targets[test] - alone, joint - alone))
    left, found = (np.concatenate(side) for side in zip(*pairs, strict=True))
    r = [np.corrcoef(left[:, k], found[:, k])[0, 1] for k in range(4)]
    assert_allclose(pearson(fit.observed), r, atol=1e-6)


def test_the_null_is_the_same_analysis_of_shifted_targets(study):
    nuisance, design, targets = study
    orders = draw_shifts(CUT.segments, 25, 3, seed=1)
    fit = cross_validate(design, targets, CUT.folds, LAMBDAS, nuisance)
    ((_, (sums,)),) = shifted([fit], targets, ShiftNull(CUT.folds, orders))
    found = pearson(sums)
    for draw, order in enumerate(orders):
        for column in range(4):
            pair = naive(nuisance, design, targets[order, column], fit.lambdas[:, column])
            assert_allclose(found[column, draw], np.corrcoef(*pair)[0, 1], atol=2e-5)


def test_several_designs_share_what_is_known(study):
    nuisance, design, targets = study
    null = ShiftNull(CUT.folds, draw_shifts(CUT.segments, 10, 3, seed=1))
    fits = [
        cross_validate(part, targets, CUT.folds, LAMBDAS, nuisance)
        for part in (design, design[:, :2])
    ]
    ((_, together),) = shifted(fits, targets, null)
    for fit, sums in zip(fits, together, strict=True):
        ((_, (alone,)),) = shifted([fit], targets, null)
        assert_allclose(pearson(sums), pearson(alone), atol=1e-6)


def test_rows_are_told_nothing_by_the_other_side(rng):
    """Other test rows change neither the training rows nor what is taken from the test rows."""
    nuisance, values = rng.standard_normal((60, 2)), rng.standard_normal((60, 3))
    split = Split(np.arange(40), np.arange(40, 60))
    known = fit_known(nuisance, split)
    other = values.copy()
    other[40:] += 100
    assert_allclose(known.leave_train(other), known.leave_train(values))
    assert_allclose(known.leave_test(other) - known.leave_test(values), 100)


@pytest.mark.parametrize("kind", ["constant in training", "nothing", "a combination", "far off"])
def test_odd_variables_are_those_of_scikit_learn(rng, kind):
    nuisance, values = rng.standard_normal((60, 3)), rng.standard_normal((60, 2)) + 10
    split = Split(np.arange(40), np.arange(40, 60))
    odd = {
        "constant in training": np.where(np.arange(60) < 40, 1.0, rng.standard_normal(60)),
        "nothing": np.zeros(60),
        "a combination": nuisance[:, 0] + nuisance[:, 1],
        "far off": 1e6 + rng.standard_normal(60),
    }[kind]
    variables = np.column_stack([nuisance, odd])
    usual = nuisance if kind in ("constant in training", "a combination") else variables
    expected = beyond(usual, values, split)
    known = fit_known(variables, split)
    assert_allclose(known.leave_train(values), expected[0], atol=1e-7)
    assert_allclose(known.leave_test(values), expected[1], atol=1e-7)


def test_a_combination_of_variables_leaves_the_null_as_it_is(study):
    nuisance, design, targets = study
    more = np.column_stack([nuisance, nuisance.sum(axis=1)])
    null = ShiftNull(CUT.folds, draw_shifts(CUT.segments, 30, 3, seed=1))
    found = []
    for variables in (nuisance, more):
        fit = cross_validate(design, targets, CUT.folds, LAMBDAS, variables)
        ((_, (sums,)),) = shifted([fit], targets, null)
        found.append(pearson(sums))
    assert_allclose(*found, atol=1e-5)


def test_a_target_that_is_known_whole_is_refused(study):
    nuisance, design, targets = study
    targets = np.column_stack([targets, nuisance @ np.ones(3)])
    with pytest.raises(InputError, match="explain whole .*column 4"):
        cross_validate(design, targets, CUT.folds, LAMBDAS, nuisance)


def test_as_many_variables_as_rows_are_refused(study, rng):
    _, design, targets = study
    with pytest.raises(InputError, match="as many nuisance variables as training samples"):
        cross_validate(design, targets, CUT.folds, LAMBDAS, rng.standard_normal((192, 150)))


def test_a_design_that_is_known_predicts_nothing(study):
    nuisance, _, targets = study
    fit = cross_validate(nuisance @ np.ones((3, 2)), targets, CUT.folds, LAMBDAS, nuisance)
    assert (pearson(fit.observed) == 0).all()


def within_runs(draws):
    """Turn each run in a circle by itself: noise that is white needs no more."""
    rng = np.random.default_rng(0)
    runs = [np.flatnonzero(run == RUNS) for run in np.unique(RUNS)]
    turned = [[np.roll(run, rng.integers(3, len(run) - 2)) for run in runs] for _ in range(draws)]
    return np.array([np.concatenate(one) for one in turned])


def false_positives(nuisance, design, targets, known):
    fit = cross_validate(design, targets, CUT.folds, LAMBDAS, known)
    null = ShiftNull(CUT.folds, within_runs(199))
    parts = [pearson(sums) for _, (sums,) in shifted([fit], targets, null)]
    return (significance(pearson(fit.observed), np.concatenate(parts)).p < 0.05).mean()


@pytest.mark.parametrize(("inside", "least", "most"), [(False, 0.15, 1.0), (True, 0.0, 0.1)])
def test_a_coupling_that_drifts_is_no_unique_contribution(inside, least, most):
    """Nuisance variables alone drive targets and units, in some runs more than in others.

    Taken out over all rows at once, what is left of the test rows is less by what the training
    rows have in excess, and the two predict each other.
    """
    found = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        nuisance = rng.standard_normal((192, 2))
        usual, drift = rng.standard_normal((2, 20)), rng.standard_normal((4, 2, 20))
        design = np.einsum("nv,nvu->nu", nuisance, (usual + 0.25 * drift)[RUNS - 1])
        design += rng.standard_normal(design.shape)
        gains = rng.standard_normal((4, 2, 60))[RUNS - 1]
        targets = np.einsum("nv,nvt->nt", nuisance, gains) + rng.standard_normal((192, 60))
        if not inside:
            model = LinearRegression()
            design -= model.fit(nuisance, design).predict(nuisance)
            targets -= model.fit(nuisance, targets).predict(nuisance)
        found.append(false_positives(nuisance, design, targets, nuisance if inside else None))
    assert least <= np.mean(found) <= most
