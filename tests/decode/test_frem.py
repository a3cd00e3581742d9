"""The engine agrees with nilearn target by target, finds what is planted and nothing else."""

import nibabel
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.signal import lfilter
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from stages.core.stats.chance import draw_shifts, significance
from stages.core.stats.scores import pearson, r_squared
from stages.decode.ensemble import Region, region_models
from stages.decode.frem import Decoder
from tests.decode.conftest import LAMBDAS, PARAMS, ball, leave_out, nilearn_frem

RUNS = np.repeat([0, 1, 2, 3], [60, 70, 90, 100])
FOLDS = leave_out(RUNS)
COPIED = PARAMS.model_copy(update={"parcel_weights": "copied"})


def correlation(one, other):
    return np.corrcoef(one, other)[0, 1]


def decode(region, targets, params=PARAMS, folds=FOLDS):
    return Decoder([region], folds, LAMBDAS, params).fit(targets)[0]


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
    ours = decode(region, targets, params, FOLDS[:1])
    test = FOLDS[0].outer.test
    for column, target in enumerate(targets.T):
        predicted, weights = nilearn_frem(region, target, FOLDS[0], params)
        assert correlation(ours.predictions[test, column], predicted) >= 0.9999
        assert_allclose(ours.predictions[test, column], predicted, atol=1e-8)
        assert correlation(ours.weights[:, column], weights) >= 0.999


def test_screening_changes_that_comparison(make_region, rng):
    targets = rng.standard_normal((len(RUNS), 1))
    region = make_region(350, targets, signal=0.3)
    few, all_ = (
        Decoder(
            [region],
            FOLDS,
            LAMBDAS,
            PARAMS.model_copy(update={"parcels": 60.0, "screening": share}),
        ).fit(targets)[0]
        for share in (0.3, 20.0)
    )
    assert (few.weights == 0).mean() > 0.1 > (all_.weights == 0).mean()


@pytest.fixture(scope="module")
def haxby(mirror):
    """A slice of one person, 12 runs (Haxby et al. 2001): voxels, and two regressors."""
    folder = mirror / "haxby2001"
    volumes = np.asarray(nibabel.load(folder / "bold.nii.gz").dataobj, dtype=float)
    mask = np.asarray(nibabel.load(folder / "mask.nii.gz").dataobj).reshape(volumes.shape[:3]) > 0
    region = Region(volumes[mask].T, np.argwhere(mask), 3.5**3)
    names = ["what", "run"]
    shown = pd.read_csv(folder / "attributes_literal.txt", sep=" ", header=None, names=names)
    face, house, bottle = (shown["what"].eq(name) for name in ("face", "house", "bottle"))
    return region, np.column_stack([face * 1.0 - house, bottle * 1.0]), shown["run"].to_numpy()


@pytest.mark.parametrize("choice", ["held_out", "leave_one_out"])
def test_on_real_voxels_too(haxby, choice):
    region, targets, runs = haxby
    fold = leave_out(runs // 2)[0]
    assert region.rows.shape == (1452, 530)
    assert len(fold.inner) == 5
    params = COPIED.model_copy(update={"choice": choice})
    ours = decode(region, targets, params, (fold,))
    for column, target in enumerate(targets.T):
        predicted, weights = nilearn_frem(region, target, fold, params)
        assert correlation(ours.predictions[fold.outer.test, column], predicted) >= 0.9999
        assert correlation(ours.weights[:, column], weights) >= 0.999


def test_weights_shared_by_a_parcel_predict_real_runs_where_copied_ones_fail(haxby):
    region, targets, runs = haxby
    folds = leave_out(runs // 2)
    shared, copied = (
        decode(region, targets, params, folds).observed for params in (PARAMS, COPIED)
    )
    assert pearson(shared)[0] > 0.3
    assert pearson(shared)[0] > pearson(copied)[0]
    assert r_squared(shared)[0] > 0 > r_squared(copied)[0]


def test_shared_weights_are_the_model_of_the_parcels(make_region, rng):
    """What the map predicts is what the averaged ridges of the parcels predict."""
    targets = rng.standard_normal((len(RUNS), 1))
    region, fold = make_region(200, targets, signal=0.3), FOLDS[0]
    ours = decode(region, targets, folds=(fold,))
    mapped = region.rows @ ours.weights[:, 0]
    test = fold.outer.test
    assert_allclose(
        mapped[test] - mapped[test].mean(),
        ours.predictions[test, 0] - ours.predictions[test, 0].mean(),
        atol=1e-10,
    )
    models = region_models(region, fold, PARAMS.parcels)
    expected = 0
    for split, parcels, strength in zip(
        fold.inner, models.parcels, ours.lambdas[0, :, 0], strict=True
    ):
        ridge = Ridge(alpha=strength).fit(parcels.averages[split.train], targets[split.train, 0])
        expected += ridge.predict(parcels.averages[test]) / len(fold.inner)
    assert_allclose(ours.predictions[test, 0], expected, atol=1e-8)


@pytest.mark.parametrize("choice", ["held_out", "leave_one_out"])
def test_inner_r2_is_that_of_the_rows_that_choose(make_region, rng, choice):
    """A naive loop over strengths, over the rows left out together or one by one."""
    runs = np.repeat([0, 1, 2], 14)
    folds, targets = leave_out(runs)[:1], rng.standard_normal((len(runs), 1))
    region = make_region(40, targets, signal=0.1)
    ours = decode(region, targets, PARAMS.model_copy(update={"choice": choice}), folds)
    models = region_models(region, folds[0], PARAMS.parcels)
    expected = []
    for split, parcels in zip(folds[0].inner, models.parcels, strict=True):
        x, y, train = parcels.averages, targets[:, 0], split.train
        left = [split.test] if choice == "held_out" else [[row] for row in train]
        errors = [
            sum(_error(Ridge(alpha=value), x, y, np.setdiff1d(train, rows), rows) for rows in left)
            for value in LAMBDAS
        ]
        rows = split.test if choice == "held_out" else train
        expected.append(1 - min(errors) / ((y[rows] - y[train].mean()) ** 2).sum())
    assert_allclose(ours.inner_r2, np.mean(expected))


def _error(model, x, y, train, test):
    return ((model.fit(x[train], y[train]).predict(x[test]) - y[test]) ** 2).sum()


def test_planted_targets_are_found_and_noise_is_not(make_region, rng):
    targets = rng.standard_normal((len(RUNS), 6))
    regions = [make_region(150, targets[:, :2], signal=0.2), make_region(90, targets[:, 2:4], 0.2)]
    found = np.array(
        [pearson(d.observed) for d in Decoder(regions, FOLDS, LAMBDAS, PARAMS).fit(targets)]
    )
    assert (found[0, :2] > 0.5).all()
    assert (found[1, 2:4] > 0.5).all()
    found[0, :2], found[1, 2:4] = 0, 0
    assert (np.abs(found) < 0.25).all()


def test_the_responses_themselves_are_decoded_perfectly(make_region, rng):
    region = make_region(60, rng.standard_normal((len(RUNS), 1)), signal=0.0)
    params = PARAMS.model_copy(update={"parcels": 100.0})
    found = decode(region, region.rows[:, :3], params)
    assert (pearson(found.observed) > 0.999).all()
    assert (r_squared(found.observed) > 0.999).all()


def test_sums_over_rows_are_those_of_the_predictions(make_region, rng):
    targets = rng.standard_normal((len(RUNS), 4)) + 3
    region = make_region(100, targets, signal=0.2)
    found = decode(region, targets)
    for column in range(4):
        r = correlation(found.predictions[:, column], targets[:, column])
        assert np.isclose(pearson(found.observed)[column], r)
        expected = r2_score(targets[:, column], found.predictions[:, column])
        assert np.isclose(r_squared(found.observed)[column], expected)


@pytest.mark.parametrize("choice", ["held_out", "leave_one_out"])
def test_the_null_is_the_same_analysis_of_shifted_targets(make_region, rng, choice):
    params = PARAMS.model_copy(update={"choice": choice})
    targets = rng.standard_normal((len(RUNS), 3))
    regions = [make_region(n, targets, signal=0.3) for n in (200, 80)]
    orders = draw_shifts(RUNS, 5, 8, seed=1)
    decoder = Decoder(regions, FOLDS, LAMBDAS, params)
    shifted = list(decoder.shifted(targets, orders))
    for draw, order in enumerate(orders):
        for g, found in enumerate(decoder.fit(targets[order])):
            null = np.concatenate([pearson(sums[g])[:, draw] for _, sums in shifted])
            assert_allclose(null, pearson(found.observed), atol=2e-3)


@pytest.mark.parametrize("changes", [{}, {"parcels": 60.0, "screening": 0.3}])
def test_unshifted_targets_have_their_own_score_in_the_null(make_region, rng, changes):
    targets = rng.standard_normal((len(RUNS), 3))
    region = make_region(300, targets, signal=0.3)
    decoder = Decoder([region], FOLDS, LAMBDAS, PARAMS.model_copy(update=changes))
    observed = decoder.fit(targets)[0].observed
    for chunk, (sums,) in decoder.shifted(targets, np.arange(len(RUNS))[None]):
        assert_allclose(pearson(sums)[:, 0], pearson(observed)[chunk], atol=1e-4)
        assert_allclose(r_squared(sums)[:, 0], r_squared(observed)[chunk], atol=1e-4)


def test_p_is_uniform_where_nothing_is_planted(rng):
    """Autocorrelated noise on both sides, in runs long enough to be shifted: 5 % of p below .05."""
    runs = np.repeat([0, 1, 2, 3], [120, 130, 140, 150])
    folds = leave_out(runs)

    def autocorrelated(n):
        return lfilter([1], [1, -0.6], rng.standard_normal((len(runs), n)), axis=0)

    p = []
    for _ in range(6):
        region = Region(autocorrelated(40), ball(40, rng), 27.0)
        targets = autocorrelated(50)
        decoder = Decoder([region], folds, LAMBDAS, PARAMS)
        observed = pearson(decoder.fit(targets)[0].observed)
        null = [
            pearson(sums[0]) for _, sums in decoder.shifted(targets, draw_shifts(runs, 99, 8, 0))
        ]
        p.append(significance(observed, np.concatenate(null)).p)
    p = np.concatenate(p)
    assert 0.02 < (p < 0.05).mean() < 0.085
    assert 0.4 < p.mean() < 0.6


def test_a_target_constant_in_the_training_rows_of_a_split_is_predicted_by_its_mean(
    make_region, rng
):
    targets = np.where(RUNS == 0, rng.standard_normal(len(RUNS)), 0.0)[:, None]
    region = make_region(60, targets, signal=0.3)
    found = decode(region, targets)
    assert_allclose(found.predictions[FOLDS[0].outer.test], 0, atol=1e-12)
    assert np.isfinite(pearson(found.observed)).all()


def test_voxels_of_any_scale_and_sign_of_it_predict_alike(make_region, rng):
    """Each is standardised by itself, as raw signals of a scanner and z-scores would be."""
    targets = rng.standard_normal((len(RUNS), 1))
    region = make_region(60, targets, signal=0.3)
    plain = decode(region, targets).predictions
    assert np.isfinite(plain).all()
    region.rows[:] *= np.resize([1e8, 1, 1e-4, 1], 60)
    assert_allclose(decode(region, targets).predictions, plain, atol=1e-8)


def test_rows_that_no_fold_tests_have_no_prediction(make_region, rng):
    targets = rng.standard_normal((len(RUNS), 2))
    found = decode(make_region(60, targets, signal=0.3), targets, folds=FOLDS[:2])
    tested = np.isin(RUNS, [0, 1])
    assert np.isnan(found.predictions).all(axis=1).tolist() == (~tested).tolist()
    assert np.isfinite(found.predictions[tested]).all()


@pytest.mark.parametrize("level", [7.0, -7.0])
def test_a_voxel_constant_in_the_training_rows_is_ignored(make_region, rng, level):
    targets = rng.standard_normal((len(RUNS), 1))
    region = make_region(60, targets, signal=0.3)
    region.rows[RUNS != 0, 5] = level
    found = decode(region, targets, folds=FOLDS[:1])
    assert found.weights[5, 0] == 0
    assert np.isfinite(found.predictions[FOLDS[0].outer.test]).all()


def test_one_voxel_is_a_parcel(rng):
    targets = rng.standard_normal((len(RUNS), 1))
    region = Region(
        targets + 0.1 * rng.standard_normal((len(RUNS), 1)), np.array([[3, 3, 3]]), 27.0
    )
    found = decode(region, targets)
    assert pearson(found.observed)[0] > 0.95
