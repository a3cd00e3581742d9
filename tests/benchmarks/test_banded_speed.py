"""Speed of encoding beyond nuisance variables: 1291 samples, 192 units, 5 variables, 4 runs."""

import numpy as np
import pytest
from himalaya.ridge import GroupRidgeCV
from numpy.testing import assert_allclose

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, lambda_grid
from stages.core.stats.scores import pearson

pytestmark = pytest.mark.benchmark

RUNS = np.repeat([1, 2, 3, 4], [325, 337, 264, 365])
UNITS, VARIABLES, TARGETS = 192, 5, 200
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e6, count=20))
CUT = partition(RUNS, Folds(scheme="runs", blocks=5, gap=8))
FREE = 1e-5  # share of the weight that the layer has where nuisance variables are all but free
GAMMAS = np.geomspace(FREE, 0.5, 4)


def make_problem():
    """A layer that follows nuisance variables in part, and targets that follow both.

    Each unit follows them as much as any other: ours standardises what is left of units, himalaya
    was given whole ones.
    """
    rng = np.random.default_rng(0)
    nuisance = rng.standard_normal((len(RUNS), VARIABLES))
    layer = rng.standard_normal((len(RUNS), UNITS))
    layer += nuisance @ rng.choice([-1.0, 1.0], (VARIABLES, UNITS))
    targets = layer @ rng.standard_normal((UNITS, TARGETS)) / np.sqrt(UNITS)
    targets += nuisance @ rng.standard_normal((VARIABLES, TARGETS))
    return nuisance, layer, targets + 2 * rng.standard_normal(targets.shape)


def ours():
    """Held-out r beyond nuisance variables, which are not penalised."""
    nuisance, layer, targets = make_problem()
    return pearson(cross_validate(layer, targets, CUT.folds, LAMBDAS, nuisance).observed)


def banded(gammas):
    """The same with himalaya, on the same splits, for some shares of the weight; joint r too."""
    nuisance, layer, targets = make_problem()
    joint, alone = np.empty_like(targets), np.empty_like(targets)
    weights = np.stack([1 - gammas, gammas], axis=1)
    for fold in CUT.folds:
        train, test = fold.outer.train, fold.outer.test
        inner = [
            (np.searchsorted(train, split.train), np.searchsorted(train, split.test))
            for split in fold.inner
        ]
        bands = [
            (band - band[train].mean(axis=0)) / band[train].std(axis=0)
            for band in (nuisance, layer)
        ]
        known = np.c_[np.ones(len(RUNS)), bands[0]]
        alone[test] = known[test] @ np.linalg.lstsq(known[train], targets[train])[0]
        # The strength of the layer is alpha over its share: 1 to 1e6 where that is least.
        options = {
            "n_iter": weights,
            "alphas": LAMBDAS * gammas[0],
            "progress_bar": False,
            "warn": False,
        }
        model = GroupRidgeCV("input", cv=inner, solver_params=options, fit_intercept=True)
        joint[test] = model.fit([band[train] for band in bands], targets[train]).predict(
            [band[test] for band in bands]
        )
    beyond = [_r(targets[:, k] - alone[:, k], joint[:, k] - alone[:, k]) for k in range(TARGETS)]
    return np.array(beyond)


def _r(one, other):
    return np.corrcoef(one, other)[0, 1]


def test_nuisance_variables_beside_banded_ridge(alone, report):
    mine, memory, scores = alone(ours)
    theirs, their_memory, _ = alone(banded, GAMMAS)
    note = f"himalaya, {len(GAMMAS)} shares of the weight, {their_memory:.0f} MB"
    report("encode beyond nuisance, beside banded ridge", mine, theirs, memory, note)
    same, _, expected = alone(banded, GAMMAS[:1])
    report("encode beyond nuisance, beside one share", mine, same, memory, "nuisance all but free")
    # himalaya averages R² over splits to choose lambda, we pool squared errors: close, not equal.
    assert_allclose(scores, expected, atol=0.05)
    assert np.abs(scores - expected).mean() < 0.01
