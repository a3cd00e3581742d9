"""Chance of held-out scores of images: exact over all orders, and no narrower than it should be."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import skew

from stages.core.regression.ridge import cross_validate
from stages.core.stats.scores import pearson
from stages.encode import image_null
from stages.encode.image_folds import image_folds
from stages.encode.image_null import held_out, judge_each, judge_mean, permuted_mean

LAMBDAS = np.geomspace(1e4, 1, 5)


def mean_r(predicted, observed):
    pairs = zip(predicted.T, observed.T, strict=True)
    return np.mean([np.corrcoef(*pair)[0, 1] for pair in pairs])


def fitted(rng, n, n_units, n_voxels, apart):
    """Fit noise to noise, with the last images kept apart or in folds."""
    kept = np.zeros(n, dtype=bool)
    kept[n - apart :] = apart > 0
    design, series = rng.standard_normal((n, n_units)), rng.standard_normal((n, n_voxels))
    return cross_validate(design, series, image_folds(kept, 5, 0), LAMBDAS), series


@pytest.mark.parametrize("n_voxels", [1, 3])
def test_moments_are_those_of_every_order(rng, n_voxels):
    predicted = rng.exponential(size=(6, n_voxels)) + rng.exponential(size=(6, 1))
    observed = rng.exponential(size=(6, n_voxels)) + rng.exponential(size=(6, 1))
    every = [mean_r(predicted, observed[list(order)]) for order in permutations(range(6))]
    found = permuted_mean(predicted, observed)
    assert np.mean(every) == pytest.approx(0, abs=1e-12)
    assert found.sd == pytest.approx(np.std(every))
    assert found.skewness == pytest.approx(skew(every))
    assert abs(found.skewness) > 0.03


def test_what_voxels_share_is_no_further_evidence(rng):
    one, other = rng.standard_normal((2, 40, 1))
    alone = permuted_mean(one, other).sd
    assert permuted_mean(np.repeat(one, 9, axis=1), np.repeat(other, 9, axis=1)).sd == (
        pytest.approx(alone)
    )
    apart = permuted_mean(rng.standard_normal((40, 9)), rng.standard_normal((40, 9))).sd
    assert apart < alone / 2


def test_a_prediction_that_does_not_vary_is_no_evidence(rng):
    assert permuted_mean(np.full((9, 2), 0.3), rng.standard_normal((9, 2))).sd == 0


def test_a_voxel_by_itself_is_judged_as_the_mean_of_one(rng):
    fit, series = fitted(rng, 60, 5, 4, apart=25)
    each = judge_each(fit, series, np.empty((0, 60), int))
    for voxel in range(4):
        column = slice(voxel, voxel + 1)
        one = judge_mean(fit.columns(column), series[:, column], np.empty((0, 60), int))
        for name in ("score", "null_sd", "z", "p"):
            assert each[name][voxel] == pytest.approx(one[name], rel=1e-9), name
        predicted = held_out(fit.columns(column), series[:, column])
        r = mean_r(predicted, series[35:, column])
        assert (each["score"][voxel], pearson(fit.observed)[voxel]) == pytest.approx((r, r))


def test_p_is_the_share_of_orders_that_score_as_much(rng):
    fit, series = fitted(rng, 50, 5, 3, apart=30)
    told = judge_mean(fit, series, np.empty((0, 50), int))
    predicted, observed = held_out(fit, series), series[20:]
    drawn = [mean_r(predicted, rng.permutation(observed)) for _ in range(3000)]
    assert told["p"] == pytest.approx(np.mean(np.array(drawn) >= told["score"]), abs=0.03)
    assert told["null_sd"] == pytest.approx(np.std(drawn), rel=0.05)


@pytest.mark.parametrize("apart", [40, 0])
def test_noise_is_found_at_the_nominal_rate(rng, apart):
    """In folds, predictions that stayed as they are would have a null that is too narrow.

    The prediction of one image goes by the responses to the others, as theirs go by its own.
    """
    n, n_voxels = 80, 400
    fit, series = fitted(rng, n, 12, n_voxels, apart)
    draws = 0 if apart else 99
    orders = np.array([rng.permutation(n) for _ in range(draws)], int).reshape(draws, n)
    told = judge_each(fit, series, orders)
    assert 0.02 < (told["p"] <= 0.05).mean() < 0.085
    spread = (told["score"] - told["null_mean"]).std()
    assert spread == pytest.approx(told["null_sd"].mean(), rel=0.12)


def test_folds_are_predicted_anew_for_every_order(rng):
    """A loop that fits each permuted response with the regularisation that was chosen."""
    fit, series = fitted(rng, 30, 4, 2, apart=0)
    orders = np.array([rng.permutation(30) for _ in range(7)])
    told = judge_each(fit, series, orders)
    for voxel in range(2):
        null = []
        for order in orders:
            moved, guess = series[order, voxel], np.empty(30)
            for fold, factors in enumerate(fit.factors):
                train, test = factors.split.train, factors.split.test
                centred = moved[train] - moved[train].mean()
                strength = factors.power + fit.lambdas[fold, voxel]
                guess[test] = factors.test @ (factors.train.T @ centred / strength)
                guess[test] += moved[train].mean()
            null.append(np.corrcoef(guess, moved)[0, 1])
        assert told["null_mean"][voxel] == pytest.approx(np.mean(null), abs=1e-5)
        assert told["null_sd"][voxel] == pytest.approx(np.std(null), abs=1e-5)
    both = judge_mean(fit, series, orders)
    assert both["score"] == pytest.approx(told["score"].mean())
    assert both["null_kind"] == "drawn"


@pytest.mark.parametrize("draws", [0, 9])
def test_a_design_that_tells_nothing_is_no_evidence(rng, draws):
    kept = np.arange(40) >= (20 if draws == 0 else 40)
    series = rng.standard_normal((40, 3))
    fit = cross_validate(np.ones((40, 2)), series, image_folds(kept, 4, 0), LAMBDAS)
    orders = np.array([rng.permutation(40) for _ in range(draws)], int).reshape(draws, 40)
    each, mean = judge_each(fit, series, orders), judge_mean(fit, series, orders)
    if draws == 0:
        assert (mean["p"], mean["z"], mean["null_sd"], mean["null_mean"]) == (1, 0, 0, 0)
        assert mean["null_kind"] == "closed"
        np.testing.assert_array_equal(each["p"], [1, 1, 1])
        np.testing.assert_array_equal(each["null_sd"], [0, 0, 0])
        np.testing.assert_array_equal(each["null_mean"], [0, 0, 0])
    assert np.isfinite(each["z"]).all()


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_voxels_that_are_permuted_at_once_change_nothing(rng, monkeypatch, columns):
    fit, series = fitted(rng, 30, 4, 5, apart=0)
    orders = np.array([rng.permutation(30) for _ in range(7)])
    expected = judge_each(fit, series, orders)
    monkeypatch.setattr(image_null, "BYTES", columns * 4 * orders.size)
    found = judge_each(fit, series * 3 + 100, orders)
    for name in ("null_mean", "null_sd", "p"):
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)
