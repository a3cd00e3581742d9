"""Tables over distinct orders give what a product per draw gives, for any folds and draws."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression import fold_tables, shift_null
from stages.core.regression.folds import partition
from stages.core.regression.hats import Hats
from stages.core.regression.ridge import cross_validate, lambda_grid, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.chance import draw_shifts
from stages.core.stats.scores import pearson
from tests.core.regression.fits_with_null import cross_validate_many, one_by_one

RUNS = np.repeat([1, 2, 3, 4], [40, 55, 47, 50])
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e4, count=5))


@pytest.fixture(params=["runs", "blocks"])
def cut(request):
    """Whole runs, or two blocks of each: the gap then cuts into the other one."""
    return partition(RUNS, Folds(scheme=request.param, blocks=8, gap=3))


@pytest.fixture
def designs(rng):
    """Wider than a fold, narrower, and one that cannot tell the test rows of a run apart."""
    wide = rng.standard_normal((192, 90)) * rng.uniform(0.1, 9, 90)
    return [wide, wide[:, :5], np.repeat(np.eye(4), [40, 55, 47, 50], axis=0)]


@pytest.fixture
def targets(rng, designs):
    return designs[0] @ rng.standard_normal((90, 6)) / 20 + rng.standard_normal((192, 6)) + 3


@pytest.mark.parametrize("draws", ["many shifts", "few shifts", "permutations"])
def test_every_sum_is_that_of_its_own_fit(rng, cut, designs, targets, draws):
    orders = {
        "many shifts": draw_shifts(cut.segments, 150, 3, seed=1),
        "few shifts": draw_shifts(cut.segments, 4, 3, seed=1),
        "permutations": np.array([rng.permutation(192) for _ in range(5)]),
    }[draws]
    fits = cross_validate_many(designs, targets, cut.folds, LAMBDAS, orders)
    for fit in fits:
        expected = one_by_one(fit, targets, orders)
        for name, values in vars(expected).items():
            found = getattr(fit.null, name)
            assert_allclose(found, values, atol=2e-6 * max(1, np.abs(values).max()), err_msg=name)


@pytest.mark.parametrize("fault", ["a row of another draw", "a strength of another fold"])
def test_the_oracle_can_fail(cut, designs, targets, fault, monkeypatch):
    orders = draw_shifts(cut.segments, 30, 3, seed=1)
    broken = {
        "a row of another draw": (
            fold_tables, "sum_of_rows", lambda tables: sum(t[d[::-1]] for t, d in tables),
        ),
        "a strength of another fold": (
            Hats, "__call__", lambda self, strength, call=Hats.__call__: call(self, 2 * strength),
        ),
    }[fault]  # fmt: skip
    monkeypatch.setattr(*broken)
    (fit,) = cross_validate_many(designs[:1], targets, cut.folds, LAMBDAS, orders)
    expected = one_by_one(fit, targets, orders).dd
    assert not np.allclose(fit.null.dd, expected, atol=1e-3 * np.abs(expected).max())


def test_batches_of_targets_cover_all_of_them(cut, designs, targets, monkeypatch):
    null = ShiftNull(cut.folds, draw_shifts(cut.segments, 20, 3, seed=1))
    fit = cross_validate(designs[0], targets, cut.folds, LAMBDAS)
    ((columns, (whole,)),) = shifted([fit], targets, null)
    assert columns == slice(0, 6)
    monkeypatch.setattr(shift_null, "BATCH", 4)
    parts = list(shifted([fit], targets, null))
    assert [columns for columns, _ in parts] == [slice(0, 4), slice(4, 6)]
    for columns, (part,) in parts:
        assert_allclose(part.yd, whole.yd[:, columns])
        kept = shifted([fit.columns(columns)], targets[:, columns], null)
        assert_allclose(next(kept)[1][0].yd, part.yd)


def test_what_cannot_tell_test_rows_apart_scores_exactly_nothing(designs, targets):
    """Its predictions do not vary within a fold, however the sums are rounded."""
    cut = partition(RUNS, Folds(scheme="runs", blocks=4, gap=3))
    orders = draw_shifts(cut.segments, 50, 3, seed=1)
    (fit,) = cross_validate_many(designs[2:], targets, cut.folds, LAMBDAS / 1e4, orders)
    assert (pearson(fit.null) == 0).all()
    assert np.abs(fit.null.d).max() > 0.1


def test_no_shifts_are_no_sums(cut, designs, targets):
    none = np.empty((0, 192), dtype=int)
    (fit,) = cross_validate_many(designs[:1], targets, cut.folds, LAMBDAS, none)
    assert fit.null.yd.shape == (len(cut.folds), 6, 0)
