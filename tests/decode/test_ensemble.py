"""Screening keeps what scikit-learn would, bases reproduce the parcels."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.feature_selection import SelectPercentile, f_regression

from stages.decode.ensemble import Region, make_basis, region_models, screen, screening_percent
from tests.decode.conftest import PARAMS, leave_out

RUNS = np.repeat([0, 1, 2, 3], 40)


@pytest.mark.parametrize("percent", [5, 20, 37, 80])
@pytest.mark.parametrize("n_parcels", [101, 150])
def test_the_highest_f_are_kept_as_by_scikit_learn(rng, percent, n_parcels):
    averages, target = rng.standard_normal((60, n_parcels)), rng.standard_normal(60)
    peer = SelectPercentile(f_regression, percentile=percent).fit(averages, target)
    assert_array_equal(screen(averages, target, percent), peer.get_support())


def test_few_parcels_constant_targets_and_small_regions_keep_all(rng):
    averages = rng.standard_normal((60, 100))
    assert screen(averages, rng.standard_normal(60), 5).all()
    wide = rng.standard_normal((60, 120))
    assert screen(wide, np.ones(60), 5).all()
    assert screen(wide, rng.standard_normal(60), None).all()


def test_the_share_of_a_brain_is_a_larger_share_of_a_region():
    region = Region(np.zeros((1, 50_000)), np.zeros((50_000, 3), int), 27.0)
    assert screening_percent(region, PARAMS) == int(20 * 1882989 / (50_000 * 27))
    small = Region(np.zeros((1, 900)), np.zeros((900, 3), int), 27.0)
    assert screening_percent(small, PARAMS) is None


def test_bases_hold_all_of_the_training_parcels(make_region, rng):
    fold = leave_out(RUNS)[0]
    region = make_region(80, rng.standard_normal((len(RUNS), 1)), 0.2)
    parcels = region_models(region, fold, 25.0).parcels[0]
    split, test = fold.inner[0], fold.outer.test
    basis = make_basis(parcels, split, test, copied=False, keep=np.ones(20, bool))
    centred = parcels.averages - parcels.averages[split.train].mean(axis=0)
    assert_allclose(basis.train @ basis.axes.T, centred[split.train], atol=1e-10)
    assert_allclose(basis.test @ basis.axes.T, centred[test], atol=1e-10)
    assert_allclose(basis.power, (basis.train**2).sum(axis=0))


def test_nothing_of_the_test_rows_is_used(make_region, rng):
    fold = leave_out(RUNS)[0]
    region = make_region(80, rng.standard_normal((len(RUNS), 1)), 0.2)
    before = region_models(region, fold, 25.0)
    region.rows[fold.outer.test] *= 5
    after = region_models(region, fold, 25.0)
    assert_allclose(before.scale, after.scale)
    for one, other in zip(before.parcels, after.parcels, strict=True):
        assert_array_equal(one.labels, other.labels)
