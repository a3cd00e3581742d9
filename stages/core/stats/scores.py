"""Held-out scores from sums over the test samples, so that folds and layers combine freely."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Sums over the test samples of each fold.

    With y the response and d the prediction less the mean of the training responses.
    All arrays have the shape (n_folds, n_targets) or (n_folds, n_targets, n_draws).

    Attributes
    ----------
    n, y, yy, d, dd, yd : ndarray
        Count, and sums of y, y², d, d² and yd.
    base : ndarray
        Mean of the training responses.
    """

    n: Array
    y: Array
    yy: Array
    d: Array
    dd: Array
    yd: Array
    base: Array

    def without_prediction(self) -> "Moments":
        """Predict the mean of the training responses instead."""
        zero = np.zeros_like(self.d)
        return Moments(self.n, self.y, self.yy, zero, zero, zero, self.base)

    def columns(self, columns: slice) -> "Moments":
        """Keep some of the targets."""
        return Moments(*(values[:, columns] for values in vars(self).values()))


def without_each(moments: Moments) -> Iterator[Moments]:
    """Leave out each of the folds, or of the pieces that they were cut into, in turn."""
    for place in range(len(moments.n)):
        yield Moments(*(np.delete(values, place, axis=0) for values in vars(moments).values()))


def halves(moments: Moments) -> dict[str, Moments]:
    """Split the folds in two, for reliability: the first, third … and the second, fourth …."""
    parts = {"odd": slice(0, None, 2), "even": slice(1, None, 2)}
    return {
        name: Moments(*(values[part] for values in vars(moments).values()))
        for name, part in parts.items()
    }


def pick(candidates: list[Moments], chosen: NDArray[np.intp]) -> Moments:
    """Take each fold and target from the candidate chosen for it.

    Parameters
    ----------
    candidates : list of Moments
        One per layer.
    chosen : ndarray of int, shape (n_folds, n_targets)
        Index of the candidate.
    """
    fold, target = np.indices(chosen.shape)

    def gather(name: str) -> Array:
        stacked = np.stack([getattr(moments, name) for moments in candidates])
        taken: Array = stacked[chosen, fold, target]
        return taken

    return Moments(*(gather(name) for name in vars(candidates[0])))


def pearson(moments: Moments) -> Array:
    """Pearson correlation of responses and predictions over all test samples.

    Predictions contain the mean of their training responses, which moves against the test
    responses from fold to fold: noise scores slightly below 0, and so does its null. A prediction
    that varies within no fold carries no information and scores 0.

    Returns
    -------
    ndarray, shape (n_targets,) or (n_targets, n_draws)
    """
    m = moments
    predicted = m.d + m.n * m.base
    squared = m.dd + 2 * m.base * m.d + m.n * m.base**2
    within = (m.dd - m.d**2 / m.n).sum(axis=0)
    sums = (m.n, m.y, m.yy, predicted, squared, m.yd + m.base * m.y)
    n, y, yy, p, pp, yp = (values.sum(axis=0) for values in sums)
    var_y, var_p = yy - y**2 / n, pp - p**2 / n
    varies = (within > 1e-10 * var_y) & (var_y > 0)
    r: Array = np.where(varies, yp - y * p / n, 0.0) / np.sqrt(np.where(varies, var_y * var_p, 1.0))
    return r


def r_squared(moments: Moments) -> Array:
    """Share of the variance over all test samples that the prediction explains.

    One less the ratio of the squared errors to the squared deviations of the responses
    from their mean over all test samples (scikit-learn's `r2_score`).

    Returns
    -------
    ndarray, shape (n_targets,) or (n_targets, n_draws)
    """
    m = moments
    baseline = m.yy - 2 * m.base * m.y + m.n * m.base**2
    errors = (baseline - 2 * (m.yd - m.base * m.d) + m.dd).sum(axis=0)
    total = m.yy.sum(axis=0) - m.y.sum(axis=0) ** 2 / m.n.sum(axis=0)
    r2: Array = 1 - errors / total
    return r2


def explained(moments: Moments, total: Array) -> Array:
    """Share of a sum of squares by which predictions lower the squared errors.

    Parameters
    ----------
    moments : Moments
        Of responses without what nuisance variables explain of them, and of predictions of these.
    total : ndarray, shape (n_targets,) or (n_targets, 1)
        Squared deviations of the whole responses from their mean over all test samples: what is
        found is then the unique part of R², that of both less that of the nuisance variables.

    Returns
    -------
    ndarray, shape (n_targets,) or (n_targets, n_draws)
    """
    m = moments
    lowered = (2 * (m.yd - m.base * m.d) - m.dd).sum(axis=0)
    share: Array = lowered / total
    return share


METRICS = {"r": pearson, "r2": r_squared}
