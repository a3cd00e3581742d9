"""Folds as published analyses cut them: single samples at random, whatever stands beside them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold

from stages.core.regression.folds import Fold, Rows, Split

PARTS, SEED = 5, 1


def random_folds(runs: NDArray[Any]) -> tuple[Fold, ...]:
    """Cut samples into five random parts, and those that are left in five for the inner folds.

    Every part has its share of each run where runs are long enough: words of a sentence, scans of a
    story (Schrimpf et al. 2021, PNAS 118:e2105646118). Short runs, such as passages of sentences,
    are cut whatever comes.

    Parameters
    ----------
    runs : ndarray, shape (n_samples,)
    """
    everything = np.arange(len(runs))
    return tuple(Fold(outer, _parts(outer.train, runs)) for outer in _parts(everything, runs))


def _parts(rows: Rows, runs: NDArray[Any]) -> tuple[Split, ...]:
    own = runs[rows]
    shared = np.unique(own, return_counts=True)[1].min() >= PARTS
    scheme = StratifiedKFold if shared else KFold
    parts = scheme(PARTS, shuffle=True, random_state=SEED).split(rows, own)
    return tuple(Split(rows[train], rows[test]) for train, test in parts)
