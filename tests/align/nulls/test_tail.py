"""Tails from four moments are those of known distributions, and of permuted rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from stages.align.nulls.invariants import invariants
from stages.align.nulls.moments import permutation_moments
from stages.align.nulls.tail import LEAST, gamma_tail, moment_bound, upper_tail
from stages.align.nulls.trust import is_trusted
from tests.align.nulls.matrices import (
    Whole,
    compared,
    drawn_orders,
    linear,
    normal,
    products,
    squares,
)

Z = np.linspace(-2, 5, 15)


def tail(skewness, excess, z=Z):
    return upper_tail(z, np.full_like(z, skewness), np.full_like(z, excess))


def test_of_no_skewness_it_is_normal():
    assert_allclose(tail(0, 0), stats.norm.sf(Z))


@pytest.mark.parametrize("skewness", [0.1, 0.8, 2.5, -0.8])
def test_of_a_gamma_variable_it_is_that(skewness):
    expected = np.maximum(stats.pearson3.sf(Z, skewness), LEAST)
    assert_allclose(tail(skewness, 1.5 * skewness**2), expected, atol=1e-9)
    assert_allclose(gamma_tail(Z, np.full_like(Z, skewness)), stats.pearson3.sf(Z, skewness))


@pytest.mark.parametrize("shape", [(2, 7), (7, 2), (3, 3), (40, 50)])
def test_of_a_beta_variable_it_is_that(shape):
    known = stats.beta(*shape)
    mean, variance, skewness, excess = known.stats("mvsk")
    expected = np.maximum(known.sf(mean + Z * np.sqrt(variance)), LEAST)
    assert_allclose(tail(skewness, excess), expected, rtol=1e-8)


@pytest.mark.parametrize("sign", [1, -1])
def test_of_a_gamma_and_a_normal_variable_it_is_their_sums(sign):
    """With its distribution by numerical integration."""
    count, scale, rest = 3.0, 0.4, np.sqrt(1 - 3 * 0.16)
    normal = np.linspace(-9, 9, 20_001)
    around = stats.norm.pdf(normal) * (normal[1] - normal[0])
    z = np.array([-1.0, 0.5, 2.0, 3.5])
    left = (sign * (z[:, None] - rest * normal)) / scale + count
    reached = stats.gamma.sf(left, count) if sign > 0 else stats.gamma.cdf(left, count)
    found = tail(sign * 2 * count * scale**3, 6 * count * scale**4, z)
    assert_allclose(found, reached @ around, rtol=0.01)


def test_it_falls_with_the_score_and_knows_its_limits():
    for skewness, excess in ((0.5, 1), (0.5, 0.1), (0.5, 0.375), (-0.4, 2), (0, -0.3), (0, 0.4)):
        found = tail(skewness, excess, np.linspace(-8, 60, 300))
        assert (np.diff(found) <= 1e-12).all()
        assert found[0] > 0.99
        assert found[-1] == LEAST


def test_it_has_the_shape_of_its_scores():
    rng = np.random.default_rng(0)
    z, skewness, excess = rng.random((3, 50, 120))
    found = upper_tail(z, skewness, excess)
    assert found.shape == (50, 120)
    assert_allclose(found[3, 7], upper_tail(z[3, 7], skewness[3, 7], excess[3, 7]))


def test_skewness_counts_from_a_thousandth():
    """Either rule at its limit, which no rounding of either reaches."""
    for skewness in (1e-3, -1e-3):
        gamma = stats.pearson3.sf(Z, skewness)
        assert abs(gamma - stats.norm.sf(Z)).max() > 1e-5
        assert_allclose(gamma_tail(Z, np.full_like(Z, skewness)), gamma, rtol=1e-6, atol=1e-12)
        assert_allclose(tail(skewness, 1.5e-6), np.maximum(gamma, LEAST), rtol=1e-6, atol=1e-12)
    for skewness in (9.9e-4, -9.9e-4):
        assert_allclose(gamma_tail(Z, np.full_like(Z, skewness)), stats.norm.sf(Z))
        assert_allclose(tail(skewness, 1.5 * skewness**2), stats.norm.sf(Z))


def test_of_no_skewness_lighter_tails_are_those_of_a_symmetric_beta_variable():
    """As of the uniform one, and of one that is nearly normal; heavier ones stay normal."""
    for known in (stats.uniform(), stats.beta(200, 200)):
        excess = float(known.stats("k"))
        inner = Z[abs(Z) < np.sqrt(3)]
        expected = known.sf(known.mean() + inner * known.std())
        assert_allclose(tail(0, excess, inner), expected, rtol=1e-8)
    assert_allclose(tail(0, 0.4), stats.norm.sf(Z))
    assert_allclose(tail(0, -1e-3), stats.norm.sf(Z))


def test_every_score_of_many_has_its_own_tail():
    """More than are worked out at once, of every rule."""
    rng = np.random.default_rng(3)
    z, skewness = rng.uniform(-1, 3, 12_500), rng.uniform(0.2, 0.9, 12_500)
    excess = 1.5 * skewness**2 * np.tile([1.4, 1, 0.6, 1.4, 0.6], 2500)
    found = upper_tail(z, skewness, excess)
    for some in (slice(0, 40), slice(6700, 6900), slice(-40, None)):
        assert_allclose(found[some], upper_tail(z[some], skewness[some], excess[some]), rtol=1e-12)


def test_bounds_by_hand():
    """Of Cantelli near the mean, of Markov far from it, and of neither below it."""
    z, excess = np.array([-2.0, 0.0, 1e-5, 2.0, 2.0, 10.0, 1e4]), np.array([0.0] * 4 + [-1.8, 0, 0])
    expected = [1, 1, 1 / (1 + 1e-10), 3 / 16, 1.2 / 16, 3e-4, LEAST]
    assert_allclose(moment_bound(z, excess), expected, rtol=1e-12)
    assert_allclose(moment_bound(np.array([1.0]), np.array([9.0])), 0.5)
    assert LEAST == 1e-12


@pytest.mark.parametrize("known", [stats.expon(), stats.norm(), stats.uniform(), stats.t(9)])
def test_no_null_reaches_further_than_its_moments_allow(known):
    mean, variance, excess = known.stats("mvk")
    bound = moment_bound(Z, np.full_like(Z, excess))
    assert (bound >= known.sf(mean + Z * np.sqrt(variance)) - 1e-12).all()
    assert (bound[Z <= 0] == 1).all()
    assert bound[-1] <= min(1 / 26, (excess + 3) / 625) + 1e-12


def test_a_coin_reaches_the_bound():
    """Of one success in n, which is reached with probability 1 / n."""
    coin = np.eye(50)[0]
    z = (coin - coin.mean()) / coin.std()
    assert_allclose(moment_bound(z[:1], np.array([stats.kurtosis(coin)])), 1 / 50)


def power_law(rng, n):
    return normal(rng, n, np.arange(1, 40) ** -0.5)


def apart(rng, n):
    return np.sqrt(squares(normal(rng, n, (3, 1, 1, 1))))


def rbf(rng, n):
    far = squares(normal(rng, n, np.ones(10)))
    return np.exp(-far / np.median(far))


@pytest.mark.parametrize(
    ("make", "form"),
    [(power_law, "off-diagonal"), (rbf, "double-centred"), (apart, "pairs")],
)
def test_where_it_is_trusted_it_is_that_of_many_permutations(rng, make, form):
    one, other = (make(rng, 60) for _ in range(2))
    sides = [[invariants(Whole(each), form)] for each in (one, other)]
    found = permutation_moments(*sides)
    assert is_trusted(*sides, found).all()
    drawn = products(compared(one, form), compared(other, form), drawn_orders(rng, 60, 20_000))
    z = (np.quantile(drawn, [0.5, 0.95, 0.99]) - found.mean[0, 0]) / found.sd[0, 0]
    p = tail(found.skewness[0, 0], found.excess[0, 0], z)
    assert_allclose(p, [0.5, 0.05, 0.01], rtol=0.15)


def test_rows_far_out_near_duplicates_and_few_rows_are_not_trusted(rng):
    def trusted(*kernels):
        sides = [[invariants(Whole(each), "off-diagonal")] for each in kernels]
        return is_trusted(*sides, permutation_moments(*sides))[0, 0]

    kernel, other = (rbf(rng, 40) for _ in range(2))
    assert trusted(kernel, other)
    assert not trusted(kernel[:19, :19], other[:19, :19])
    outlying = linear(rng, 40, np.ones(10))
    outlying[0] *= 8
    outlying[:, 0] *= 8
    assert not trusted(outlying, outlying)
    duplicate = np.eye(40) + 1e-3 * kernel
    duplicate[1, 2] = duplicate[2, 1] = 1
    assert not trusted(duplicate, other)
    assert not trusted(other, duplicate)


def test_tails_on_both_sides_are_not_trusted(rng):
    """Signs at random: the null is symmetric, and reaches further than a normal one."""
    signs = [np.sign(rng.standard_normal((24, 24))) * (rng.random((24, 24)) < 0.1) for _ in "ab"]
    kernels = [np.triu(one, 1) + np.triu(one, 1).T for one in signs]
    sides = [[invariants(Whole(each), "off-diagonal")] for each in kernels]
    found = permutation_moments(*sides)
    far = found.excess > max(0.1, 6 * abs(found.skewness[0, 0]))
    assert not (is_trusted(*sides, found) & far).any()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("skewness", "excess"), [(0.1, 0.5), (0.05, 0.25), (0.01, 0.09)])
def test_of_a_gamma_variable_that_is_nearly_a_step_too(sign, skewness, excess):
    """With its distribution from a million quantiles of the gamma variable."""
    scale = excess / (3 * skewness)
    count = skewness / (2 * scale**3)
    rest = np.sqrt(1 - count * scale**2)
    ranks = (np.arange(1_000_000) + 0.5) / 1_000_000
    moved = sign * scale * (stats.gamma.ppf(ranks, count) - count)
    z = np.linspace(-1, 3, 9)
    expected = [stats.norm.sf((one - moved) / rest).mean() for one in z]
    assert_allclose(tail(sign * skewness, excess, z), expected, rtol=0.01)
