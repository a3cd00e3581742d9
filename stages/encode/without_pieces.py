"""Held-out scores of the chosen layers, without each piece of the story in turn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.stats.scores import Moments, pearson, pick, without_each
from stages.encode.judging import UNIQUE
from stages.encode.shared_part import SHARED, parts

Array = NDArray[np.float64]


def pieces_of(candidates: Sequence[Moments], chosen: NDArray[np.intp]) -> Moments:
    """Take the pieces of each fold from the design that its inner folds choose.

    Parameters
    ----------
    candidates : sequence of Moments
        Shape (n_folds × n_pieces, n_targets), one per design.
    chosen : ndarray of int, shape (n_folds, n_targets)
        Place of the design among the candidates.

    Returns
    -------
    Moments
        Shape (n_folds × n_pieces, n_targets), the pieces of all folds one after the other.
    """
    per_fold = len(candidates[0].n) // len(chosen)
    return pick(list(candidates), np.repeat(chosen, per_fold, axis=0))


def scores_without(pieces: Moments) -> Array:
    """Score without each piece of the rows; what was fitted stays as it is.

    Returns
    -------
    ndarray, shape (n_pieces, n_targets)
        Pearson's r.
    """
    return np.stack([pearson(left) for left in without_each(pieces)])


def parts_without(beyond: Moments, plain: Moments) -> dict[str, Array]:
    """Split R² without each piece of the rows; see `stages.encode.shared_part.parts`.

    Both parts lack the same piece, so that they vary together as they do over stories.

    Returns
    -------
    dict of str to ndarray, shape (n_pieces, n_targets)
        By metric.
    """
    pairs = zip(without_each(beyond), without_each(plain), strict=True)
    found = np.stack([parts(*each) for each in pairs], axis=1)
    return {UNIQUE: found[0], SHARED: found[1]}


def without_table(names: pd.DataFrame, scores: Array, **labels: Any) -> pd.DataFrame:
    """Make one row per piece and target.

    Parameters
    ----------
    names : DataFrame
        The columns that name each target.
    scores : ndarray, shape (n_pieces, n_targets)
    **labels
        More columns, the same for all targets or with a value for each.
    """
    named = names.assign(**labels)
    tables = [named.assign(piece=piece, score=row) for piece, row in enumerate(scores)]
    return pd.concat(tables, ignore_index=True)
