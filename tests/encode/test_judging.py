"""The nested choice takes the null of each fold from the layer that it chooses there."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression.folds import partition
from stages.core.regression.ridge import lambda_grid
from stages.core.regression.shift_null import ShiftNull
from stages.core.run.shared import Shared
from stages.core.stats.chance import draw_shifts
from stages.core.stats.judged import judge_metrics
from stages.core.stats.scores import pick
from stages.encode.judging import Asked, judge_choice, judge_fit
from tests.core.regression.fits_with_null import cross_validate_many

CUT = partition(np.repeat([1, 2, 3], 40), Folds(scheme="runs", blocks=2, gap=3))
ORDERS = draw_shifts(CUT.segments, 30, 3, seed=0)
N_TARGETS = 21  # more than one batch


@pytest.fixture
def problem(rng):
    designs = [rng.standard_normal((120, 6)) for _ in range(3)]
    drive = sum(design @ rng.standard_normal((6, N_TARGETS)) for design in designs)
    targets = drive + rng.standard_normal((120, N_TARGETS))
    lambdas = lambda_grid(Lambdas(low=1.0, high=1e3, count=3))
    return targets, cross_validate_many(designs, targets, CUT.folds, lambdas, ORDERS)


def judged(fits, targets, columns, chosen):
    judge = {"targets": Shared(targets), "null": Shared(ShiftNull(CUT.folds, ORDERS))}
    return [
        judge_fit(Asked(Shared(fit), columns, chosen == k), **judge, suffix="")
        for k, fit in enumerate(fits)
    ]


def assert_same(found, expected):
    assert list(found) == list(expected)
    for metric, columns in expected.items():
        for name, values in columns.items():
            close = {"rtol": 1e-5, "atol": 1e-6, "err_msg": f"{metric} {name}"}
            assert_allclose(found[metric][name], values, **close)


def test_designs_and_their_choice_score_as_whole_nulls_do(rng, problem):
    targets, fits = problem
    chosen = rng.integers(0, 3, (3, N_TARGETS))
    found = judged(fits, targets, slice(0, N_TARGETS), chosen)
    for one, fit in zip(found, fits, strict=True):
        assert_same(one.scores, judge_metrics(fit.observed, fit.null))
    nested = judge_choice(fits, found, chosen, targets, "_x")
    observed = pick([fit.observed for fit in fits], chosen)
    expected = judge_metrics(observed, pick([fit.null for fit in fits], chosen), "_x")
    assert_same(nested, expected)
    wrong = judge_choice(fits, found, chosen[:, ::-1], targets, "_x")
    assert not np.allclose(wrong["r_x"]["null_sd"], expected["r_x"]["null_sd"])


def test_some_targets_score_as_they_do_among_all(problem):
    targets, fits = problem
    few = slice(3, 8)
    (one, *_) = judged(fits, targets, few, np.zeros((3, 5), dtype=int))
    fit = fits[0]
    assert_same(one.scores, judge_metrics(fit.observed.columns(few), fit.null.columns(few)))
    assert one.sums[0].shape == (15, 30)
