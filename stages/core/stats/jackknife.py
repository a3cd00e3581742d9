"""What scores would be of other stimuli and people, from scores without each piece of the stimuli.

The stimuli are cut into pieces; a score is taken again without each of them (Quenouille 1956,
Biometrika 43:353; Tukey 1958). That needs no second stimulus drawn twice, as a bootstrap does, of
which measures of pairs and neighbours would make a perfect pair.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean with what it would vary by.

    Attributes
    ----------
    mean, sd : float
        `sd` is the standard error; missing where there is one piece and one person.
    low, high : float
        The 95 % interval by Student's t.
    p : float
        Two-sided, that the true mean is 0.
    """

    mean: float
    sd: float
    low: float
    high: float
    p: float


def pseudo_values(score: ArrayLike, without: ArrayLike) -> Array:
    """Share of each piece in a score, s + (G - 1) (m - s₍g₎) for G pieces.

    With m the mean of the scores s₍g₎ without each piece, so that the mean of all shares is the
    score, without a correction of its bias: of neighbours, that would take away what chance is.

    Parameters
    ----------
    score : array_like, shape (...)
        Of all stimuli.
    without : array_like, shape (..., n_pieces)
        The same without each piece.
    """
    part = np.asarray(without, dtype=np.float64)
    mean = part.mean(axis=-1, keepdims=True)
    shares = (part.shape[-1] - 1) * (mean - part)
    found: Array = np.asarray(score, dtype=np.float64)[..., None] + shares
    return found


def over_stimuli(values: ArrayLike) -> Estimate:
    """Estimate the mean of these people, had they met other stimuli.

    Parameters
    ----------
    values : array_like, shape (n_people, n_pieces)
        Pseudo-values.
    """
    pieces = np.asarray(values, dtype=np.float64).mean(axis=0)
    n = len(pieces)
    variance = float(pieces.var(ddof=1)) / n if n > 1 else np.nan
    return _estimate(float(pieces.mean()), variance, n - 1)


def over_both(values: ArrayLike) -> Estimate:
    """Estimate the mean of other people who met other stimuli.

    For a value that is the sum of a mean, a part of the person, a part of the piece and a rest, of
    variances a, b and e, that of the mean of S people and G pieces is a/S + b/G + e/(SG): the
    variance of the people's means tells the first and the last, that of the pieces' means the
    second and the last, so that the last, found from the rests, is taken away once (the correction
    that rsatoolbox makes of a bootstrap over both: Schütt et al. 2023, eLife 12:e82566). Degrees
    of freedom are Satterthwaite's.

    Parameters
    ----------
    values : array_like, shape (n_people, n_pieces)
        Pseudo-values of two or more people; of one, nothing is told of others, and all but the
        mean is missing.
    """
    cells = np.asarray(values, dtype=np.float64)
    n_people, n_pieces = cells.shape
    mean = float(cells.mean())
    if min(cells.shape) < 2:
        return _estimate(mean, np.nan, 1)
    people, pieces = cells.mean(axis=1), cells.mean(axis=0)
    rest = cells - people[:, None] - pieces + mean
    error = float(np.square(rest).sum()) / ((n_people - 1) * (n_pieces - 1))
    of_people, of_pieces = people.var(ddof=1) / n_people, pieces.var(ddof=1) / n_pieces
    both = of_people + of_pieces - error / cells.size
    variance = float(max(both, of_people, of_pieces))
    spread = of_people**2 / (n_people - 1) + of_pieces**2 / (n_pieces - 1)
    return _estimate(mean, variance, variance**2 / spread if spread > 0 else 1.0)


def _estimate(mean: float, variance: float, freedom: float) -> Estimate:
    if not np.isfinite(variance):
        return Estimate(mean, np.nan, np.nan, np.nan, np.nan)
    sd = float(np.sqrt(variance))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * sd
    if sd == 0:
        return Estimate(mean, 0.0, mean, mean, float(mean == 0))
    p = 2 * float(stats.t.sf(abs(mean) / sd, freedom))
    return Estimate(mean, sd, mean - reach, mean + reach, p)
