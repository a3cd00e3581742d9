"""Screening keeps what scikit-learn would, bases reproduce the parcels."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.feature_selection import SelectPercentile, f_regression

from stages.core.regression.folds import Split
from stages.decode.ensemble import (
    Parcels,
    Region,
    make_basis,
    region_models,
    screen,
    screening_percent,
)
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


def six_voxels(rng, *, offset):
    """Voxels of unlike units far from 0, and one that does not vary."""
    units = np.array([1e-9, 1.0, 1e6, 1.0, 40.0, 0.1])
    rows = rng.standard_normal((len(RUNS), 6)) * units + offset * units
    rows[:, 3] = 0.1
    return Region(rows, np.array([[0, 0, k] for k in range(6)]), 27.0)


def test_voxels_are_standardised_on_the_training_rows_whatever_their_units(rng):
    fold, region = leave_out(RUNS)[1], six_voxels(rng, offset=30)
    found = region_models(region, fold, 100.0)
    train = region.rows[fold.outer.train]
    scale = np.array([np.inf if k == 3 else np.std(train[:, k], ddof=1) for k in range(6)])
    assert_allclose(found.scale, scale)
    expected = (region.rows - train.mean(axis=0)) / scale
    assert len(found.parcels) == len(fold.inner)
    for parcels in found.parcels:
        assert_array_equal(parcels.sizes, np.ones(6))
        assert_allclose(parcels.averages, expected, atol=1e-10)


def test_parcels_are_means_of_their_voxels_and_share_out_their_weights(make_region, rng):
    fold = leave_out(RUNS)[0]
    region = make_region(30, rng.standard_normal((len(RUNS), 1)), 0.2)
    parcels = region_models(region, fold, 30.0).parcels[1]
    train = region.rows[fold.outer.train]
    standard = (region.rows - train.mean(axis=0)) / train.std(axis=0, ddof=1)
    weights = rng.standard_normal((len(parcels.sizes), 2))
    shared, copied = (parcels.spread(weights, copied=way) for way in (False, True))
    assert len(parcels.sizes) == 9
    for label, size in enumerate(parcels.sizes):
        own = np.flatnonzero(parcels.labels == label)
        assert len(own) == size
        assert_allclose(parcels.averages[:, label], standard[:, own].mean(axis=1), atol=1e-12)
        for voxel in own:
            assert_allclose(shared[voxel], weights[label] / size)
            assert_allclose(copied[voxel], weights[label])


def test_what_is_not_kept_and_what_says_nothing_new_has_no_place_in_a_basis(rng):
    """Singular values of NumPy; a parcel that is twice another adds no component."""
    averages = rng.standard_normal((60, 5)) + 4
    averages[:, 3] = 2 * averages[:, 0]
    sizes, keep = np.array([2, 3, 1, 5, 4]), np.array([True, False, True, True, True])
    split, test = Split(np.arange(30), np.arange(30, 45)), np.arange(45, 60)
    parcels = Parcels(np.repeat(np.arange(5), sizes), sizes, averages)
    mean = averages[split.train].mean(axis=0)
    values = np.linalg.svd((averages[split.train] - mean)[:, keep], compute_uv=False)
    for copied in (False, True):
        basis = make_basis(parcels, split, test, copied=copied, keep=keep)
        assert basis.axes.shape == (5, 3)
        assert_array_equal(basis.axes[1], np.zeros(3))
        assert_allclose(np.sort(basis.power), np.sort(values[:3] ** 2))
        assert_allclose(basis.axes.T @ basis.axes, np.eye(3), atol=1e-12)
        for rows, part, gain in (
            (basis.train, split.train, 1),
            (basis.held_out, split.test, 1),
            (basis.test, test, sizes if copied else 1),
        ):
            assert_allclose(rows, (averages[part] * gain - mean) @ basis.axes, atol=1e-10)


def test_a_parcel_that_does_not_vary_is_never_among_the_best(rng):
    averages, target = rng.standard_normal((60, 101)), rng.standard_normal(60) + 8
    averages[:, 7] = 2.5
    kept = screen(averages, target, 99)
    assert_array_equal(np.flatnonzero(~kept)[:1], [7])
    units = np.where(np.arange(101) % 2, 1e-3, 1e3)
    assert_array_equal(screen(averages * units + 5 * units, target, 99), kept)
