"""How often chance reaches a score, from the first four moments of its null."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc, gammainc, gammaincc, gammainccinv, ndtr

Array = NDArray[np.float64]
LEAST = 1e-12  # tails are tested to 1e-4; below this a number says nothing
NODES = 80  # of the Gauss-Hermite rule
STEEP, SMOOTH = 0.5, 0.25  # shape of the gamma variable below, sd of the normal one above
QUANTILES, DEEPEST = 120, 40.0  # nodes, and the smallest tail as a power of 1/e
AT_ONCE = 4096  # scores, each with all nodes
SYMMETRIC, SAME = 1e-3, 1e-6


def upper_tail(z: Array, skewness: Array, excess: Array) -> Array:
    """Probability that a standardised null reaches z.

    The null is taken for the sum of a gamma and a normal variable with the same four moments;
    where its tails are lighter than those of a gamma variable of the same skewness, for a beta
    variable (Pearson's type I), which is bounded, as a statistic of permutations is; in between for
    a gamma variable (type III); and for a normal one where it is not skewed.

    Parameters
    ----------
    z, skewness, excess : ndarray
        Of one shape.

    Returns
    -------
    ndarray
        At least `LEAST`.
    """
    z, skewness, excess = (np.asarray(one, dtype=np.float64) for one in (z, skewness, excess))
    shape, flat = z.shape, [one.ravel() for one in (z, skewness, excess)]
    z, skewness, excess = flat
    gap, skewed = excess - 1.5 * skewness**2, np.abs(skewness) >= SYMMETRIC
    heavy = skewed & (gap > SAME * np.maximum(1, excess))
    light = (gap < -SAME) & (skewed | (excess < -SYMMETRIC))
    p = ndtr(-z)
    for rule, some in (
        (_gamma_and_normal, heavy),
        (_beta, light),
        (lambda z, skewness, _: gamma_tail(z, skewness), skewed & ~heavy & ~light),
    ):
        where = np.flatnonzero(some)
        for start in range(0, len(where), AT_ONCE):
            part = where[start : start + AT_ONCE]
            p[part] = rule(z[part], skewness[part], excess[part])
    found: Array = np.clip(p, LEAST, 1).reshape(shape)
    return found


def gamma_tail(z: Array, skewness: Array) -> Array:
    """Upper tail of a gamma variable moved to mean 0 and sd 1; normal where it is not skewed."""
    skewed = np.abs(skewness) >= SYMMETRIC
    skew = np.where(skewed, skewness, 1.0)
    count = 4 / skew**2
    p: Array = np.where(skewed, _gamma(count, count + 2 * z / skew, skew > 0), ndtr(-z))
    return p


def moment_bound(z: Array, excess: Array) -> Array:
    """Bound the probability that a standardised null of any shape reaches z.

    The smaller of those of Cantelli, 1 / (1 + z²), and of Markov for the fourth power, E z⁴ / z⁴;
    1 for a score that is not above the mean.
    """
    above = np.maximum(z, 1e-6)
    bound = np.minimum(1 / (1 + above**2), (excess + 3) / above**4)
    found: Array = np.where(z > 0, np.clip(bound, LEAST, 1), 1.0)
    return found


def _gamma(count: Array, reached: Array, rises: NDArray[np.bool_]) -> Array:
    """Gamma variable beyond a bound, or below it where the score falls as the variable rises."""
    bound = np.maximum(reached, 0)
    p: Array = np.where(rises, gammaincc(count, bound), gammainc(count, bound))
    return p


def _gamma_and_normal(z: Array, skewness: Array, excess: Array) -> Array:
    scale = (excess / (3 * skewness))[:, None]
    count = skewness[:, None] / (2 * scale**3)
    rest = np.sqrt(np.maximum(1 - count * scale**2, 0))
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    reached = (z[:, None] - rest * nodes) / scale + count
    p: Array = _gamma(count, reached, scale > 0) @ (weights / weights.sum())
    # A gamma variable of small shape is nearly a step, which few nodes of the normal one would see:
    # there the nodes are quantiles of the gamma variable.
    steep = np.flatnonzero((count[:, 0] < STEEP) & (rest[:, 0] > SMOOTH))
    if len(steep):
        at, weights = np.polynomial.legendre.leggauss(QUANTILES)
        at, weights = DEEPEST * (at + 1) / 2, DEEPEST / 2 * weights
        few, width, spread = count[steep], scale[steep], rest[steep]
        moved = width * (gammainccinv(few, np.exp(-at)) - few)
        p[steep] = ndtr((moved - z[steep, None]) / spread) @ (weights * np.exp(-at))
    return p


def _beta(z: Array, skewness: Array, excess: Array) -> Array:
    square = skewness**2
    both = 6 * (excess + 2 - square) / (3 * square - 2 * excess)
    lean = (both + 2) * np.abs(skewness) / np.sqrt((both + 2) ** 2 * square + 16 * (both + 1))
    one = both / 2 * (1 - np.sign(skewness) * lean)
    other = both - one
    place = one / both + z * np.sqrt(one * other / (both + 1)) / both
    p: Array = betaincc(one, other, np.clip(place, 0, 1))
    return p
