"""Spearman and Brown's formula, by hand and on planted measurements."""

import numpy as np
import pytest

from stages.core.stats.reliability import (
    agreement_with_others,
    bound_of_a_weighted_mean,
    bound_of_the_mean,
    loadings,
    spearman_brown,
    two_term_bound,
)


def test_by_hand():
    assert spearman_brown(0.5, 2) == pytest.approx(2 / 3)
    assert spearman_brown(0.2, 4) == pytest.approx(0.8 / 1.6)
    assert spearman_brown(1.0, 7) == 1
    assert spearman_brown(0.3, 1) == pytest.approx(0.3)
    np.testing.assert_allclose(spearman_brown(np.array([-0.4, 0.5]), 2), [0, 2 / 3])


def test_planted(rng):
    """The mean of five noisy measurements correlates with the truth as the bound says."""
    truth, k = rng.standard_normal(20000), 5
    measured = truth + 1.5 * rng.standard_normal((k, len(truth)))
    between = np.corrcoef(measured)[np.triu_indices(k, 1)].mean()
    reached = np.corrcoef(measured.mean(axis=0), truth)[0, 1]
    assert bound_of_the_mean(between, k) == pytest.approx(reached, abs=0.01)


def test_noise_has_no_reliability():
    assert bound_of_the_mean(-0.1, 9) == 0


def standardised(series):
    series = np.asarray(series) - np.mean(series, axis=1, keepdims=True)
    return series / series.std(axis=1, keepdims=True)


def test_loadings_are_those_that_were_planted(rng):
    planted = rng.uniform(0.1, 0.95, size=9)
    exact = np.outer(planted, planted)
    np.fill_diagonal(exact, 0.0)
    np.testing.assert_allclose(loadings(exact.sum(axis=1) / 8), planted, atol=1e-8)
    np.testing.assert_allclose(loadings(np.array([0.49, 0.49])), 0.7)
    assert (loadings(np.array([-0.2, -0.2])) == 0).all()


def test_agreement_is_the_mean_correlation_where_it_is_well_known(rng):
    series = rng.standard_normal(50000) + np.array([[0.5], [1], [3]]) * rng.standard_normal(
        (3, 50000)
    )
    correlations = np.corrcoef(series)
    expected = (correlations.sum(axis=1) - 1) / 2
    found = agreement_with_others(standardised(series))
    np.testing.assert_allclose(found, expected, atol=1e-3)
    few = agreement_with_others(standardised(series[:, :60]))
    assert np.ptp(few) == 0


def test_equal_measurements_make_the_bound_of_their_mean(rng):
    for k in (2, 27):
        series = standardised(rng.standard_normal(4000) + 2 * rng.standard_normal((k, 4000)))
        between = (np.corrcoef(series).sum() - k) / (k * (k - 1))
        found = bound_of_a_weighted_mean(series, np.full(k, 0.2))
        assert found == pytest.approx(bound_of_the_mean(between, k), abs=1e-3)


def test_noise_has_no_more_in_common_than_the_bound_of_equals_says(rng):
    """Unlike loadings would be read from noise: one measurement would be all there is in common."""
    pairs = []
    for _ in range(200):
        series = standardised(rng.standard_normal((4, 400)))
        between = (np.corrcoef(series).sum() - 4) / 12
        pairs.append((bound_of_a_weighted_mean(series, np.ones(4)), bound_of_the_mean(between, 4)))
    ours, equals = np.array(pairs).T
    assert np.mean(np.abs(ours - equals) > 0.01) <= 0.02


@pytest.mark.parametrize(
    ("noise", "weights"),
    [
        ([1, 1, 1, 6], [1, 1, 1, 4]),  # who is noisy weighs more, as in signal change
        ([0.5, 2, 2, 2], [4, 1, 1, 1]),
        ([0.5, 3, 3, 3], [1, 1, 1, 1]),
        ([1.5] * 6, [8, 3, 1, 1, 1, 0.5]),
    ],
)
def test_the_bound_of_a_weighted_mean_is_what_the_signal_reaches(rng, noise, weights):
    signal = rng.standard_normal(40000)
    series = signal + np.array(noise)[:, None] * rng.standard_normal((len(noise), 40000))
    series = standardised(series)
    reached = np.corrcoef(signal, np.array(weights) @ series)[0, 1]
    found = bound_of_a_weighted_mean(series, np.array(weights, float))
    assert found == pytest.approx(reached, abs=0.015)


@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (0.5, 3.0), (0.0, 2.0), (0.0, 0.0)])
def test_errors_of_two_orders_are_told_apart(a, b):
    one, two, three = (1 / np.sqrt(1 + a / n + b / n**2) for n in (1, 2, 3))
    assert two_term_bound(one**2, one * two) == pytest.approx(three)
    if b == 0:
        assert two_term_bound(one**2, one * two) == pytest.approx(bound_of_the_mean(one**2, 3))


@pytest.mark.parametrize("n", [1, 1.5, 2, 5])
@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (0.5, 3.0), (0.0, 2.0), (0.0, 0.0)])
def test_errors_of_other_numbers_of_measurements(a, b, n):
    one, two, many = (1 / np.sqrt(1 + a / k + b / k**2) for k in (1, 2, n))
    assert two_term_bound(one**2, one * two, n) == pytest.approx(many)


def test_errors_that_cannot_be_are_those_of_one_order():
    one, two = 0.3, np.sqrt(0.3) * 0.6  # a pair errs by more than half of what one errs by
    assert two_term_bound(one, two) == pytest.approx(1 / np.sqrt(1 + 2 / 3 * (1 / 0.36 - 1)))
    one, two = 0.3, np.sqrt(0.3) * 0.9  # and by less than a quarter
    assert two_term_bound(one, two) == pytest.approx(1 / np.sqrt(1 + 4 / 9 * (1 / 0.81 - 1)))


@pytest.mark.parametrize(("one", "two"), [(0.0, 0.1), (0.1, 0.0), (-0.1, 0.2)])
def test_correlations_of_nothing_have_no_bound(one, two):
    assert np.isnan(two_term_bound(one, two))
    assert two_term_bound(0.1, 0.4) == 1  # two that agree better than one can


def _by_pieces(series):
    """Of eight pieces: mean correlation of each with the others, noise of these, and t of all."""
    n, samples = series.shape
    cut = np.array_split(np.arange(samples), 8)
    told = np.array(
        [
            [
                np.mean([series[i, k] @ series[j, k] / len(k) for j in range(n) if j != i])
                for k in cut
            ]
            for i in range(n)
        ]
    )
    whole = [
        np.mean([series[i] @ series[j] / samples for j in range(n) if j != i]) for i in range(n)
    ]
    noise = np.mean([np.var(own, ddof=1) / 8 for own in told])
    together = told.mean(axis=0)
    return np.array(whole), noise, np.mean(whole) / (np.std(together, ddof=1) / np.sqrt(8))


def _with_clarity(clarity, gains, seed, samples=400):
    """Measurements whose mean correlation lies so many standard errors from 0."""
    rng = np.random.default_rng(seed)
    signal, noise = rng.standard_normal(samples), rng.standard_normal((len(gains), samples))

    def made(gain):
        return standardised(gain * np.array(gains)[:, None] * signal + noise)

    least, most = 0.0, 3.0
    for _ in range(50):
        middle = (least + most) / 2
        below = _by_pieces(made(middle))[2] < clarity
        least, most = (middle, most) if below else (least, middle)
    return made(most)


@pytest.mark.parametrize("seed", [1, 4, 5])
def test_agreement_is_drawn_together_by_what_sampling_explains(seed):
    """Just clear: kept in the share that noise does not explain, which is neither none nor all."""
    series = _with_clarity(4.03, [0.2, 1, 1.5, 2], seed)
    whole, noise, _ = _by_pieces(series)
    kept = 1 - noise / whole.var(ddof=1)
    assert 0.1 < kept < 0.95
    found = agreement_with_others(series)
    np.testing.assert_allclose(found, whole.mean() + kept * (whole - whole.mean()))


@pytest.mark.parametrize("seed", range(3))
def test_agreement_that_is_not_clear_is_that_of_all(seed):
    series = _with_clarity(3.97, [0.2, 1, 1.5, 2], seed)
    np.testing.assert_allclose(agreement_with_others(series), _by_pieces(series)[0].mean())


@pytest.mark.parametrize(("samples", "apart"), [(63, False), (64, True), (400, True)])
def test_pieces_are_long_enough_from_64_samples_on(samples, apart):
    series = _with_clarity(5, [0.1, 1, 2, 3], 4, samples)
    assert (np.ptp(agreement_with_others(series)) > 0.01) == apart


def test_measurements_that_differ_by_noise_alone_are_equal():
    rng = np.random.default_rng(1)
    for _ in range(20):
        series = standardised(rng.standard_normal(400) + rng.standard_normal((3, 400)))
        whole, noise, clarity = _by_pieces(series)
        if noise > whole.var(ddof=1) and clarity > 5:
            break
    np.testing.assert_allclose(agreement_with_others(series), whole.mean())
    same = standardised(np.tile(rng.standard_normal(400), (3, 1)))
    np.testing.assert_allclose(agreement_with_others(same), 1)


def test_one_that_shares_nothing_takes_nothing_from_the_others(rng):
    """The bound is that of the signal in the mean, one measurement of which is against it."""
    signal = rng.standard_normal(40000)
    gains = np.array([[1.0], [1], [1], [1], [-0.1]])
    series = standardised(gains * signal + 0.5 * rng.standard_normal((5, 40000)))
    found = bound_of_a_weighted_mean(series, np.ones(5))
    assert found == pytest.approx(np.corrcoef(series.mean(axis=0), signal)[0, 1], abs=0.03)
