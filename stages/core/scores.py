"""Held-out scores from sums over the test samples, so that folds and layers combine freely."""

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

    def take(self, folds: NDArray[np.intp]) -> "Moments":
        """Keep the given folds, in this order."""
        return Moments(*(values[folds] for values in vars(self).values()))

    def without_prediction(self) -> "Moments":
        """Predict the mean of the training responses instead."""
        zero = np.zeros_like(self.d)
        return Moments(self.n, self.y, self.yy, zero, zero, zero, self.base)


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


def _sums_about_the_base(m: Moments) -> tuple[Array, Array]:
    """Sum responses, and their squares, as deviations from the mean of the training responses."""
    return m.y - m.n * m.base, m.yy - 2 * m.base * m.y + m.n * m.base**2


def pearson(moments: Moments) -> Array:
    """Pearson correlation of responses and predictions over all test samples.

    Both are taken as deviations from the mean of the training responses: that mean moves against
    the test responses from fold to fold, which alone would make a negative correlation. A
    prediction that does not vary scores 0.

    Returns
    -------
    ndarray, shape (n_targets,) or (n_targets, n_draws)
    """
    m = moments
    sums = (m.n, *_sums_about_the_base(m), m.d, m.dd, m.yd - m.base * m.d)
    n, y, yy, d, dd, yd = (values.sum(axis=0) for values in sums)
    var_y, var_d = yy - y**2 / n, dd - d**2 / n
    varies = (var_d > 1e-10 * var_y) & (var_y > 0)
    scale = np.sqrt(np.where(varies, var_y * var_d, 1.0))
    r: Array = np.where(varies, (yd - y * d / n) / scale, 0.0)
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
    _, baseline = _sums_about_the_base(m)
    errors = (baseline - 2 * (m.yd - m.base * m.d) + m.dd).sum(axis=0)
    total = m.yy.sum(axis=0) - m.y.sum(axis=0) ** 2 / m.n.sum(axis=0)
    r2: Array = 1 - errors / total
    return r2


METRICS = {"r": pearson, "r2": r_squared}
