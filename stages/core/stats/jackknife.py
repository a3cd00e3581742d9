"""What scores would be of other stimuli and people, from scores without each piece of the stimuli.

The stimuli are cut into pieces; a score is taken again without each of them (Quenouille 1956,
Biometrika 43:353; Tukey 1958). That needs no stimulus drawn twice, as a bootstrap does, of which
measures of pairs and neighbours would make a perfect pair. Of neighbours it says too much: those
that are left get others in place of those left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]
LEVEL = 0.95
WIDER = 2  # times Nadeau and Bengio's share of the variance that comes of fitting


@dataclass(frozen=True)
class Estimate:
    """Means with what they would vary by, each of shape (...).

    Attributes
    ----------
    mean, sd : ndarray
        `sd` is the standard error; missing, as is what follows from it, where nothing tells it.
    low, high : ndarray
        The 95 % interval by Student's t.
    p : ndarray
        Two-sided, that the true mean is 0.
    """

    mean: Array
    sd: Array
    low: Array
    high: Array
    p: Array


def pseudo_values(score: ArrayLike, without: ArrayLike, fitted: ArrayLike = 0.0) -> Array:
    """Share of each piece in a score, s + (G - 1) (m - s₍g₎) for G pieces.

    With m the mean of the scores s₍g₎ without each piece, so that the mean of all shares is the
    score, without a correction of its bias: of neighbours, that would take away what chance is.

    Parameters
    ----------
    score : array_like, shape (...)
        Of all stimuli.
    without : array_like, shape (..., n_pieces)
        The same without each piece.
    fitted : array_like, shape (...)
        Of cross-validated predictions that were not fitted anew without each piece, the number of
        folds times their test rows per training row. Other stimuli would have been trained on,
        too: Nadeau & Bengio (2003, Machine Learning 52:239) take the variance of folds for
        1 + `fitted` times what it seems. That is enough for models of noise, and too little for
        two that predict equally well (`stages.calibrate.pair_cases`), so that it is taken for
        1 + `WIDER` × `fitted` times as much. 0 where nothing is fitted.
    """
    part = np.asarray(without, dtype=np.float64)
    mean = part.mean(axis=-1, keepdims=True)
    more = np.sqrt(1 + WIDER * np.asarray(fitted, dtype=np.float64))[..., None]
    shares = more * (part.shape[-1] - 1) * (mean - part)
    found: Array = np.asarray(score, dtype=np.float64)[..., None] + shares
    return found


def over_stimuli(values: ArrayLike) -> Estimate:
    """Estimate the mean of these people, had they met other stimuli.

    Parameters
    ----------
    values : array_like, shape (..., n_people, n_pieces)
        Pseudo-values.
    """
    pieces = np.asarray(values, dtype=np.float64).mean(axis=-2)
    n = pieces.shape[-1]
    variance = pieces.var(axis=-1, ddof=1) / n if n > 1 else np.full(pieces.shape[:-1], np.nan)
    return _estimate(pieces.mean(axis=-1), variance, np.full_like(variance, max(n - 1, 1)))


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
    values : array_like, shape (..., n_people, n_pieces)
        Pseudo-values of two or more people; of one, nothing is told of others, and all but the
        mean is missing.
    """
    cells = np.asarray(values, dtype=np.float64)
    n_people, n_pieces = cells.shape[-2:]
    mean = cells.mean(axis=(-2, -1))
    if min(n_people, n_pieces) < 2:
        nothing = np.full_like(mean, np.nan)
        return _estimate(mean, nothing, np.ones_like(mean))
    people, pieces = cells.mean(axis=-1), cells.mean(axis=-2)
    rest = cells - people[..., None] - pieces[..., None, :] + mean[..., None, None]
    error = np.square(rest).sum(axis=(-2, -1)) / ((n_people - 1) * (n_pieces - 1))
    of_people, of_pieces = (each.var(axis=-1, ddof=1) / each.shape[-1] for each in (people, pieces))
    both = of_people + of_pieces - error / (n_people * n_pieces)
    variance = np.maximum(both, np.maximum(of_people, of_pieces))
    spread = of_people**2 / (n_people - 1) + of_pieces**2 / (n_pieces - 1)
    freedom = np.divide(variance**2, spread, out=np.ones_like(spread), where=spread > 0)
    return _estimate(mean, variance, freedom)


def _estimate(mean: Array, variance: Array, freedom: Array) -> Estimate:
    sd = np.sqrt(variance)
    reach = stats.t.ppf((1 + LEVEL) / 2, freedom) * sd
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(mean) / sd, freedom)
    certain = np.where(mean == 0, 1.0, 0.0)
    return Estimate(mean, sd, mean - reach, mean + reach, np.where(sd == 0, certain, p))
