"""Held-out scores of the chosen layers, without each piece of the story in turn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.regression.ridge import Fit
from stages.core.stats.scores import pearson, pick, without_each

Array = NDArray[np.float64]


def scores_without(fits: Sequence[Fit], chosen: NDArray[np.intp]) -> Array:
    """Score the design that the inner folds choose in each fold, without each piece of the rows.

    What was fitted stays as it is.

    Parameters
    ----------
    fits : sequence of Fit
        The candidates, of the same targets.
    chosen : ndarray of int, shape (n_folds, n_targets)
        Place of the design among the candidates.

    Returns
    -------
    ndarray, shape (n_pieces, n_targets)
        Pearson's r, the pieces of all folds one after the other.
    """
    per_fold = len(fits[0].pieces.n) // len(chosen)
    pieces = pick([fit.pieces for fit in fits], np.repeat(chosen, per_fold, axis=0))
    return np.stack([pearson(left) for left in without_each(pieces)])


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
