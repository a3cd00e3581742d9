"""Whether the rows of a representation could as well stand in another order.

The null permutes rows, as if each stimulus had been drawn by itself. Frames of a film follow each
other, and shots of one object resemble each other: two representations that have nothing else in
common then share which stimuli are alike, and nearly all are significant.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stages.align.representation import Dissimilarities, Features, Representation, at_hand
from stages.align.routines.squared import AT_ONCE, spread
from stages.core.stats.backend import Array

SAMPLED = 256  # rows that are held against all
NEAR = 0.1**2  # of the mean squared distance: nearer rows are near-duplicates
MOST_Z = 5.0  # of the autocorrelation, on both sides
MOST_REPEATS = 0.05  # share of rows

log = logging.getLogger("concord.align")


@dataclass(frozen=True)
class RowOrder:
    """What speaks against the exchange of rows.

    Attributes
    ----------
    lag : float
        Autocorrelation at lag 1 along the rows: the mean product of each centred row with the next,
        by the mean square of all.
    z : float
        It, less what it is by chance, -1 / (n - 1), in sd of what other orders would give.
    repeats : float
        Share of rows that have a near-duplicate, told from at most SAMPLED of them. In three
        dimensions or fewer, some of many rows have one by chance.
    """

    lag: float
    z: float
    repeats: float


def row_order(representation: Representation) -> RowOrder:
    """Measure the order of the rows of one representation.

    Parameters
    ----------
    representation : Representation
        `Dissimilarities` pass for squared distances.
    """
    held = at_hand(representation)
    if isinstance(held, Dissimilarities):
        steps, norms, distances = _matrix_parts(np.asarray(held.values, np.float64))
    else:
        steps, norms, distances = _feature_parts(held)
    n, mean = len(norms), float(norms.mean())
    some = spread(n, SAMPLED)
    # Products of centred rows, from distances: those of a row with others sum to minus its square.
    products = (norms[some, None] + norms - distances) / 2
    own = np.arange(n) == some[:, None]
    sd = np.sqrt(np.square(products[~own]).mean() / (n - 1)) / mean
    lag = float(steps.mean()) / mean
    nearest = np.where(own, np.inf, distances).min(axis=1)
    repeats = float((nearest < NEAR * 2 * mean).mean())
    return RowOrder(lag, (lag + 1 / (n - 1)) / sd, repeats)


def _feature_parts(features: Features) -> tuple[Array, Array, Array]:
    """Products of each centred row with the next, squares, and distances of some from all."""
    n, mean = len(features), features.mean(axis=0, dtype=np.float64)
    sampled = features[spread(n, SAMPLED)] - mean
    steps, norms, distances = np.empty(n - 1), np.empty(n), np.empty((len(sampled), n))
    for start in range(0, n, AT_ONCE):
        rows = features[start : start + AT_ONCE + 1] - mean
        steps[start : start + AT_ONCE] = (rows[:-1] * rows[1:]).sum(axis=1)[:AT_ONCE]
        rows = rows[:AT_ONCE]
        norms[start : start + AT_ONCE] = np.square(rows).sum(axis=1)
        distances[:, start : start + AT_ONCE] = sampled @ rows.T
    distances *= -2
    distances += norms + np.square(sampled).sum(axis=1)[:, None]
    return steps, norms, distances


def _matrix_parts(squares: Array) -> tuple[Array, Array, Array]:
    """As `_feature_parts`, from squared distances (Gower 1966)."""
    n, rows = len(squares), squares.mean(axis=1)
    norms = rows - rows.mean() / 2
    steps = (norms[:-1] + norms[1:] - np.diag(squares, 1)) / 2
    return steps, norms, squares[spread(n, SAMPLED)]


def warn_of_order(
    layers: Sequence[RowOrder], regions: Sequence[RowOrder], where: str, permute: str
) -> None:
    """Warn where both sides follow the order of the rows, or many rows have a near-duplicate.

    Parameters
    ----------
    layers, regions : sequence of RowOrder
    where : str
        Whose, for the message.
    permute : {"rows", "blocks", "shifts"}
        How the null permutes rows.
    """
    layer, region = (max(side, key=lambda one: one.z) for side in (layers, regions))
    if min(layer.z, region.z) > MOST_Z and permute != "shifts":
        log.warning(
            "%s: rows follow an order that both layers and regions see (autocorrelation at lag 1 "
            "up to %.2f and %.2f): p values are too small if stimuli were taken in it, as frames "
            "of a film, and not only listed by kind; set align.permute to shifts then, or to "
            "blocks where they come in groups",
            where,
            layer.lag,
            region.lag,
        )
    repeats = [float(np.median([one.repeats for one in side])) for side in (layers, regions)]
    if max(repeats) > MOST_REPEATS and permute == "rows":
        log.warning(
            "%s: %.0f %% of rows have a near-duplicate in layers, %.0f %% in regions: p values are "
            "too small, since such rows do not trade places by chance; average them, or put them "
            "together and set align.permute to blocks of as many",
            where,
            100 * repeats[0],
            100 * repeats[1],
        )
