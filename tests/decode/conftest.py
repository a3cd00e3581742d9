"""Regions with a known truth, and nilearn's FREMRegressor on the same splits."""

import warnings

import numpy as np
import pytest
from nibabel import Nifti1Image
from nilearn.decoding import FREMRegressor
from scipy.ndimage import gaussian_filter

from stages.core.params.schema import Decode, Lambdas
from stages.core.regression.folds import Fold, Split
from stages.core.regression.ridge import lambda_grid
from stages.decode.ensemble import Region

SIDE = 14
AFFINE = np.diag([3.0, 3.0, 3.0, 1.0])
PARAMS = Decode(
    regions="all",
    min_voxels=2,
    downsample="window",
    delay=0,
    parcels=10.0,
    screening=20.0,
    lambdas=Lambdas(low=1e-3, high=1e4, count=8),
    choice="held_out",
    parcel_weights="shared",
)
LAMBDAS = lambda_grid(PARAMS.lambdas)


def ball(n_voxels, rng):
    """Indices of the voxels nearest to the middle of a volume, in random order."""
    grid = np.indices((SIDE, SIDE, SIDE)).reshape(3, -1).T
    distance = ((grid - SIDE / 2) ** 2).sum(axis=1) + 0.1 * rng.random(len(grid))
    return rng.permutation(grid[np.argsort(distance)[:n_voxels]])


@pytest.fixture
def make_region(rng):
    """Make a region of smooth noise that carries the given targets."""

    def make(n_voxels, targets, signal):
        voxels = ball(n_voxels, rng)
        noise = rng.standard_normal((len(targets), SIDE, SIDE, SIDE))
        smooth = gaussian_filter(noise, (0, 1, 1, 1))[(slice(None), *voxels.T)]
        weights = rng.standard_normal((targets.shape[1], n_voxels))
        return Region(smooth / smooth.std() + signal * targets @ weights, voxels, 27.0)

    return make


def leave_out(runs):
    """Leave each run out, and inside each fold each of the other runs."""
    folds = []
    for run in np.unique(runs):
        outer = Split(np.flatnonzero(runs != run), np.flatnonzero(runs == run))
        inner = [
            Split(np.flatnonzero((runs != run) & (runs != other)), np.flatnonzero(runs == other))
            for other in np.unique(runs)
            if other != run
        ]
        folds.append(Fold(outer, tuple(inner)))
    return tuple(folds)


class Given:
    """A cross-validator of scikit-learn's kind that returns given splits of the training rows."""

    def __init__(self, fold):
        place = np.searchsorted
        train = fold.outer.train
        self.splits = [(place(train, s.train), place(train, s.test)) for s in fold.inner]

    def split(self, X, y=None, groups=None):
        return iter(self.splits)

    def get_n_splits(self, X=None, y=None, groups=None):
        return len(self.splits)


def nilearn_frem(region, target, fold, params):
    """Predictions of the test rows, and weights of the standardised voxels, by nilearn."""
    train, test = fold.outer.train, fold.outer.test
    mean, scale = region.rows[train].mean(axis=0), region.rows[train].std(axis=0, ddof=1)
    shape = region.voxels.max(axis=0) + 1

    def image(rows):
        volume = np.zeros((*shape, len(rows)))
        volume[tuple(region.voxels.T)] = ((rows - mean) / scale).T
        return Nifti1Image(volume, AFFINE)

    mask = np.zeros(shape, np.int8)
    mask[tuple(region.voxels.T)] = 1
    grid = [LAMBDAS] if params.choice == "leave_one_out" else [[value] for value in LAMBDAS]
    model = FREMRegressor(
        "ridge",
        mask=Nifti1Image(mask, AFFINE),
        cv=Given(fold),
        param_grid={"alphas": grid},
        clustering_percentile=params.parcels,
        screening_percentile=params.screening,
        standardize=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the mask is small; of that it warns
        model.fit(image(region.rows[train]), target[train])
        predicted = model.predict(image(region.rows[test]))
    weights = np.empty(len(scale))
    weights[np.lexsort(region.voxels.T[::-1])] = model.coef_.ravel()
    return predicted, weights / scale
