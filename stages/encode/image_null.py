"""What held-out scores of images are by chance: in other orders of the images.

Of one split into training and test images, those tested in any order, it needs no draws. With a
and b the predictions and responses of n test images, of mean 0 and length 1, r is the sum of
a_i b_i, and that of a permutation p is the sum of d_ip(i), d_ij = a_i b_j; the mean over voxels is
such a sum too, with d the mean of theirs. Rows and columns of d add up to 0, so that over all
permutations the mean is 0, the variance Σ d² / (n - 1) and the third moment n Σ d³ / ((n - 1)
(n - 2)) (Hoeffding 1951, Ann Math Stat 22:558). All voxels meet the same permutation, and what they
share counts as shared.

Of several folds, test images of one are training images of others. Predictions that stay as they
are would make the null too narrow; so permuted responses are predicted anew, with the
regularisation that the observed ones chose. So are those of images in groups or in time, whose
orders keep together what is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearson3

from stages.core.regression.drawn_targets import DrawnTargets, drawn_scores
from stages.core.regression.piece_scores import held_out_folds
from stages.core.regression.ridge import Fit
from stages.core.stats.chance import significance
from stages.core.stats.judged import Columns
from stages.core.stats.scores import pearson

Array = NDArray[np.float64]
Values = NDArray[np.floating]
CLOSED, DRAWN = "closed", "drawn"
BYTES = 1 << 26  # of permuted responses that are held at once


@dataclass(frozen=True)
class Permuted:
    """Moments of a score over all orders of the test images; its mean is 0."""

    sd: float
    skewness: float


def permuted_mean(predicted: Values, observed: Values) -> Permuted:
    """Moments of the mean over voxels of r, over all orders of the images.

    Parameters
    ----------
    predicted, observed : ndarray, shape (n_images, n_voxels)
        Three images or more.
    """
    n, n_voxels = observed.shape
    products = _unit(predicted) @ _unit(observed).T / n_voxels
    variance = float(np.square(products).sum()) / (n - 1)
    if variance <= 0:
        return Permuted(0.0, 0.0)
    third = n * float((products**3).sum()) / ((n - 1) * (n - 2))
    return Permuted(float(np.sqrt(variance)), third / variance**1.5)


def judge_mean(fit: Fit, observed: Values, orders: NDArray[np.intp]) -> dict[str, object]:
    """Hold the mean over voxels of r against chance.

    Parameters
    ----------
    fit : Fit
        Of these voxels.
    observed : ndarray, shape (n_images, n_voxels)
    orders : ndarray of int, shape (n_draws, n_images)
        Of the images, in which they are predicted anew; none for a fit of one fold whose images
        are tested in any order.

    Returns
    -------
    dict
        Columns of the results table.
    """
    score = float(pearson(fit.observed).mean())
    if len(orders) == 0:
        chance = permuted_mean(held_out(fit, observed), _tested(fit, observed))
        z = score / chance.sd if chance.sd else 0.0
        p = float(pearson3.sf(z, chance.skewness)) if chance.sd else 1.0
        found: dict[str, object] = {"null_mean": 0.0, "null_sd": chance.sd, "z": z, "p": p}
        return {"score": score, "null_kind": CLOSED} | found
    null = _drawn(fit, observed, orders).mean(axis=0)
    told = vars(significance(np.array([score]), null[None]))
    return {"score": score, "null_kind": DRAWN} | {
        name: float(values[0]) for name, values in told.items()
    }


def judge_each(fit: Fit, observed: Values, orders: NDArray[np.intp]) -> Columns:
    """Hold r of every voxel against chance; parameters are those of `judge_mean`."""
    scores = pearson(fit.observed)
    if len(orders):
        null = _drawn(fit, observed, orders)
        return {"score": scores, **vars(significance(scores, null))}
    one, other = _unit(held_out(fit, observed)), _unit(_tested(fit, observed))
    n, varies = len(one), one.any(axis=0)
    third = n * (one**3).sum(axis=0) * (other**3).sum(axis=0) / ((n - 1) * (n - 2))
    z = scores * np.sqrt(n - 1)
    p = np.where(varies, pearson3.sf(z, third * (n - 1) ** 1.5), 1.0)
    sd = np.where(varies, 1 / np.sqrt(n - 1), 0.0)
    return {"score": scores, "null_mean": np.zeros_like(z), "null_sd": sd, "z": z, "p": p}


def held_out(fit: Fit, observed: Values) -> Array:
    """Predict the test images of the only fold of a fit, but for the mean of the training images.

    Returns
    -------
    ndarray, shape (n_test, n_voxels)
    """
    (predicted,) = held_out_folds(fit, observed)
    return predicted


def _tested(fit: Fit, observed: Values) -> Values:
    return observed[fit.factors[0].split.test]


def _unit(values: Values) -> Array:
    """Bring columns to mean 0 and length 1; those that do not vary to 0."""
    centred = np.asarray(values, dtype=float) - values.mean(axis=0, dtype=float)
    length = np.sqrt(np.square(centred).sum(axis=0))
    flat = length <= 1e-10 * np.abs(values).max(axis=0)
    unit: Array = centred / np.where(flat, np.inf, length)
    return unit


def _drawn(fit: Fit, observed: Values, orders: NDArray[np.intp]) -> Array:
    """Held-out r of permuted responses, (n_voxels, n_draws); all voxels meet the same orders."""
    n, n_voxels = observed.shape
    step = max(BYTES // (4 * orders.size), 1)
    together = np.zeros(n, dtype=np.intp)
    taken = np.arange(len(orders))[:, None]
    found = []
    for start in range(0, n_voxels, step):
        columns = slice(start, start + step)
        values = np.asarray(observed[:, columns], dtype=float)
        standard = ((values - values.mean(axis=0)) / values.std(axis=0)).T.astype(np.float32)
        drawn = DrawnTargets(standard[:, orders], together, taken)
        found.append(drawn_scores(fit.columns(columns), drawn))
    return np.concatenate(found)
