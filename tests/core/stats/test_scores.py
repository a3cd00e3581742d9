"""Scores from sums are those of the samples; halves of the folds are scored apart."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import pearsonr
from sklearn.metrics import r2_score

from stages.core.stats.judged import judge_halves
from stages.core.stats.scores import (
    Moments,
    explained,
    halves,
    pearson,
    pick,
    r_squared,
    without_each,
)

SIZES = (7, 30, 12)


@pytest.fixture
def samples(rng):
    """Responses of two targets far from 0 and of unlike scale, predictions, and training means."""
    n = sum(SIZES)
    responses = rng.standard_normal((n, 2)) * [3, 0.02] + [-8, 0.5]
    base = np.repeat([[-9.0, 0.45], [-7.5, 0.52], [-8.2, 0.6]], SIZES, axis=0)
    return (
        responses,
        base + 0.6 * (responses - base) + rng.standard_normal((n, 2)) * [2, 0.01],
        base,
    )


def _sums(responses, predictions, base):
    """Sums of each fold, as they are defined."""
    ends = np.cumsum(SIZES)[:-1]
    folds = zip(
        *(np.split(one, ends) for one in (responses, predictions - base, base)), strict=True
    )
    return Moments(
        *np.stack(
            [
                (
                    np.full(2, float(len(y))),
                    *(one.sum(axis=0) for one in (y, y * y, d, d * d, y * d)),
                    mean[0],
                )
                for y, d, mean in folds
            ],
            axis=1,
        )
    )


def test_correlation_is_that_of_all_samples_whatever_their_offsets(samples):
    responses, predictions, base = samples
    expected = [pearsonr(responses[:, k], predictions[:, k])[0] for k in range(2)]
    assert_allclose(pearson(_sums(responses, predictions, base)), expected)


def test_explained_variance_is_that_of_all_samples_whatever_their_offsets(samples):
    responses, predictions, base = samples
    found = r_squared(_sums(responses, predictions, base))
    assert_allclose(found, r2_score(responses, predictions, multioutput="raw_values"))
    none = r_squared(_sums(responses, predictions, base).without_prediction())
    assert_allclose(none, r2_score(responses, base, multioutput="raw_values"))


def test_the_unique_part_is_what_the_whole_has_beyond_the_training_mean(samples):
    responses, predictions, base = samples
    total = ((responses - responses.mean(axis=0)) ** 2).sum(axis=0)
    whole, mean = (
        r2_score(responses, one, multioutput="raw_values") for one in (predictions, base)
    )
    assert_allclose(explained(_sums(responses, predictions, base), total), whole - mean)


def test_folds_are_dealt_out_in_turn():
    moments = Moments(*(np.arange(5.0)[:, None] + 10 * k for k in range(7)))
    parts = halves(moments)
    assert_array_equal(parts["odd"].n[:, 0], [0, 2, 4])
    assert_array_equal(parts["even"].yd[:, 0], [51, 53])


def test_each_half_has_the_correlation_of_its_own_folds(rng):
    """Odd folds are predicted perfectly, even ones upside down."""
    y = rng.standard_normal((4, 30))
    d = y * np.array([1, -1, 1, -1])[:, None]
    sums = [(30, a.sum(), a @ a, b.sum(), b @ b, a @ b, 0) for a, b in zip(y, d, strict=True)]
    observed = Moments(*np.array(sums, dtype=float).T[:, :, None])
    null = Moments(
        *(np.repeat(values[..., None], 3, axis=-1) for values in vars(observed).values())
    )
    scores = judge_halves(observed, null)
    assert list(scores) == ["r_odd", "r_even"]
    assert_allclose([scores[name]["score"] for name in scores], [[1], [-1]])
    assert_array_equal([scores[name]["n"] for name in scores], [[60], [60]])


def _planted(rng, folds):
    """Sums of three targets: whatever numbers, told apart."""
    return Moments(*rng.standard_normal((7, folds, 3)))


def test_each_fold_is_left_out_in_turn(rng):
    moments = _planted(rng, 4)
    found = list(without_each(moments))
    assert len(found) == 4
    for place, one in enumerate(found):
        own = [fold for fold in range(4) if fold != place]
        for name, values in vars(one).items():
            assert_array_equal(values, getattr(moments, name)[own])


def test_each_fold_and_target_is_that_of_its_candidate(rng):
    candidates = [_planted(rng, 2) for _ in range(3)]
    chosen = np.array([[0, 2, 1], [1, 1, 2]])
    for name, values in vars(pick(candidates, chosen)).items():
        for fold, target in np.ndindex(2, 3):
            taken = candidates[chosen[fold, target]]
            assert values[fold, target] == getattr(taken, name)[fold, target]
    (alone,) = (pick(candidates[:1], np.zeros((2, 3), dtype=np.intp)),)
    assert_array_equal(alone.yd, candidates[0].yd)


def test_what_varies_within_no_fold_scores_nothing_beside_what_does(rng):
    """The second prediction is one number in each fold, the third is another."""
    responses = rng.standard_normal((sum(SIZES), 3))
    predictions = responses + rng.standard_normal(responses.shape)
    predictions[:, 1:] = np.repeat([[-2.0, 4.0], [-4.0, 3.0], [-1.0, 8.0]], SIZES, axis=0)
    ends = np.cumsum(SIZES)[:-1]
    folds = [np.split(one, ends) for one in (responses, predictions)]
    sums = [
        (np.full(3, float(len(y))), *(one.sum(axis=0) for one in (y, y * y, d, d * d, y * d)))
        for y, d in zip(*folds, strict=True)
    ]
    found = pearson(Moments(*np.stack(sums, axis=1), np.zeros((3, 3))))
    assert_allclose(found, [pearsonr(responses[:, 0], predictions[:, 0])[0], 0, 0])


def test_a_response_that_does_not_vary_scores_nothing(rng):
    d = rng.standard_normal(8)
    sums = (8, 16, 32, d.sum(), d @ d, 2 * d.sum(), 0)
    assert pearson(Moments(*np.array(sums, dtype=float)[:, None, None]))[0] == 0


@pytest.mark.parametrize("unit", [1e-7, 1e7])
def test_correlations_have_no_unit(samples, unit):
    expected = [pearsonr(*(one[:, k] for one in samples[:2]))[0] for k in range(2)]
    found = pearson(_sums(*(one * unit for one in samples)))
    assert_allclose(found, expected)
