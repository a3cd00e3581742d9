"""Speed of decoding a subject of Wehbe's size: 12 regions, 1291 samples, 95 features."""

import warnings
from time import perf_counter

import numpy as np
import pytest
from nibabel import Nifti1Image
from nilearn.decoding import FREMRegressor

from stages.core.regression.folds import Fold, Split
from stages.core.stats.chance import draw_shifts, significance
from stages.core.stats.scores import pearson
from stages.decode.ensemble import Region
from stages.decode.frem import Decoder
from tests.decode.conftest import LAMBDAS, PARAMS

pytestmark = pytest.mark.benchmark

RUNS = np.repeat([1, 2, 3, 4], [325, 337, 264, 365])
SHAPE, AFFINE = (53, 63, 46), np.diag([3.0, 3.0, 3.0, 1.0])
SIZES = np.linspace(200, 900, 12).astype(int)
FEATURES, INNER, SHIFTS, SAMPLE = 95, 5, 1000, (0, 5, 11)


def make_folds():
    """Leave each run out; inside, five contiguous blocks of the others."""
    folds = []
    for run in range(1, 5):
        train = np.flatnonzero(run != RUNS)
        blocks = np.array_split(train, INNER)
        inner = tuple(Split(np.setdiff1d(train, block), block) for block in blocks)
        folds.append(Fold(Split(train, np.flatnonzero(run == RUNS)), inner))
    return tuple(folds)


def make_problem():
    """Regions of 200 to 900 voxels, of which the first carries the first ten features."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((len(RUNS), FEATURES))
    grid = np.indices(SHAPE).reshape(3, -1).T
    regions = []
    for number, size in enumerate(SIZES):
        centre = np.array([8 + 12 * (number % 4), 12 + 18 * (number // 4), 22])
        voxels = grid[np.argsort(((grid - centre) ** 2).sum(axis=1), kind="stable")[:size]]
        rows = rng.standard_normal((len(RUNS), size))
        if number == 0:
            rows += 0.2 * features[:, :10] @ rng.standard_normal((10, size))
        regions.append(Region(rows, voxels, 27.0))
    return regions, features


def ours(shifts):
    """Seconds of the fit and of the null, held-out r and p of every region and feature."""
    regions, features = make_problem()
    start = perf_counter()
    decoder = Decoder(regions, make_folds(), LAMBDAS, PARAMS)
    scores = np.array([pearson(found.observed) for found in decoder.fit(features)])
    fitted, p = perf_counter(), np.ones_like(scores)
    for chunk, sums in decoder.shifted(features, draw_shifts(RUNS, shifts, 8, seed=0)):
        for region, moments in enumerate(sums):
            p[region, chunk] = significance(scores[region, chunk], pearson(moments)).p
    return fitted - start, perf_counter() - fitted, scores, p


def nilearn_seconds():
    """Seconds of one FREMRegressor, one target and fold: mean over a sample of regions."""
    regions, features = make_problem()
    fold = make_folds()[0]
    train = fold.outer.train
    splits = [(np.searchsorted(train, s.train), np.searchsorted(train, s.test)) for s in fold.inner]
    seconds = []
    for number in SAMPLE:
        place = tuple(regions[number].voxels.T)
        volumes, mask = np.zeros((*SHAPE, len(train)), np.float32), np.zeros(SHAPE, np.int8)
        volumes[place], mask[place] = regions[number].rows[train].T, 1
        model = FREMRegressor(
            "ridge",
            mask=Nifti1Image(mask, AFFINE),
            cv=splits,
            param_grid={"alphas": [[value] for value in LAMBDAS]},
            standardize="zscore_sample",
        )
        start = perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(Nifti1Image(volumes, AFFINE), features[train, number])
        seconds.append(perf_counter() - start)
    return float(np.mean(seconds))


def test_decode_beside_nilearn(alone, report):
    _, memory, (fit, null, scores, p) = alone(ours, SHIFTS)
    each = nilearn_seconds()
    peer = each * len(SIZES) * FEATURES * len(make_folds())
    note = f"extrapolated from {len(SAMPLE)} fits of {each:.3g} s, regions of 200 to 900 voxels"
    report("decode, fit alone, beside nilearn's FREMRegressor", fit, peer, memory, note)
    report("decode, fit and 1000 shifts, beside nilearn without", fit + null, peer, memory, note)
    report("decode, 1000 shifts, beside the fit alone", null, fit, memory, "ratio fit / null")
    assert memory < 3000
    assert (scores[0, :10] > 0.2).all()
    assert (p[0, :10] < 0.05).all()
    assert (p[1:] < 0.05).mean() < 0.08
