"""The engine agrees with nilearn target by target, finds what is planted and nothing else."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge

from stages.core.chance import draw_shifts, significance
from stages.core.scores import pearson, r_squared
from stages.decode.ensemble import Region
from stages.decode.frem import Decoder
from tests.decode.conftest import LAMBDAS, PARAMS, leave_out, nilearn_frem

RUNS = np.repeat([0, 1, 2, 3], 80)
FOLDS = leave_out(RUNS)
COPIED = PARAMS.model_copy(update={"parcel_weights": "copied"})


def correlation(one, other):
    return np.corrcoef(one, other)[0, 1]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"parcels": 30.0},
        {"parcels": 60.0, "screening": 0.3},
        {"choice": "leave_one_out"},
    ],
)
def test_predictions_and_maps_are_those_of_nilearn(make_region, rng, changes):
    params = COPIED.model_copy(update=changes)
    targets = rng.standard_normal((len(RUNS), 3))
    region = make_region(350, targets, signal=0.3)
    ours = Decoder([region], FOLDS[:1], LAMBDAS, params).fit(targets)[0]
    test = FOLDS[0].outer.test
    for column, target in enumerate(targets.T):
        predicted, weights = nilearn_frem(region, target, FOLDS[0], params)
        assert correlation(ours.predictions[test, column], predicted) >= 0.9999
        assert_allclose(ours.predictions[test, column], predicted, atol=1e-8)
        assert correlation(ours.weights[:, column], weights) >= 0.999


def test_screening_keeps_fewer_parcels_for_that_comparison(make_region, rng):
    targets = rng.standard_normal((len(RUNS), 1))
    region = make_region(350, targets, signal=0.3)
    params = COPIED.model_copy(update={"parcels": 60.0, "screening": 0.3})
    decoder = Decoder([region], FOLDS[:1], LAMBDAS, params)
    kept = Decoder(
        [region], FOLDS[:1], LAMBDAS, params.model_copy(update={"screening": 20.0})
    ).fit(targets)[0]
    assert np.abs(decoder.fit(targets)[0].predictions - kept.predictions)[FOLDS[0].outer.test].max() > 0.01


def test_on_real_voxels_too(mirror):
    """Haxby et al. 2001: a slice of one person, 12 runs; faces and houses."""
    import nibabel

    folder = mirror / "haxby2001"
    volume = np.asarray(nibabel.load(folder / "bold.nii.gz").dataobj, dtype=float)
    mask = np.asarray(nibabel.load(folder / "mask.nii.gz").dataobj).squeeze() > 0
    labels = pd.read_csv(folder / "attributes_literal.txt", sep=" ", header=None, names=["what", "run"])
    volume, mask = volume.reshape(*mask.reshape(*volume.shape[:3]).shape, -1), mask.reshape(volume.shape[:3])
    voxels = np.argwhere(mask)
    region = Region(volume[tuple(voxels.T)].T, voxels, 3.5**3)
    what, runs = labels["what"].to_numpy(), labels["run"].to_numpy()
    targets = np.column_stack([(what == "face") * 1.0 - (what == "house"), what == "bottle"]).astype(float)
    fold = leave_out(runs % 4)[0]
    ours = Decoder([region], (fold,), LAMBDAS, COPIED).fit(targets)[0]
    shared = Decoder([region], (fold,), LAMBDAS, PARAMS).fit(targets)[0]
    test = fold.outer.test
    for column, target in enumerate(targets.T):
        predicted, weights = nilearn_frem(region, target, fold, COPIED)
        assert correlation(ours.predictions[test, column], predicted) >= 0.9999
        assert correlation(ours.weights[:, column], weights) >= 0.999
    assert correlation(shared.predictions[test, 0], targets[test, 0]) > 0.5
    assert r_squared(shared.observed)[0] > 0 > r_squared(ours.observed)[0]
