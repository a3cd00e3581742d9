"""Dissimilarities of the rows of one representation, all of them at once."""

import numpy as np
from scipy.spatial.distance import squareform

from stages.align.representation import Dissimilarities, Features, Representation, at_hand
from stages.align.routines.ranks import tied_ranks
from stages.align.routines.squared import AT_ONCE
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array


def unit_rows(features: Features, distance: str, where: str, dtype: str) -> Features:
    """Turn rows so that their squared Euclidean distances are twice the distance asked for.

    Parameters
    ----------
    features : ndarray, shape (n, p)
    distance : {"correlation", "euclidean", "cosine"}
        Of Euclidean distances, the rows as they are.
    where : str
        Whose, for messages.
    dtype : str

    Raises
    ------
    InputError
        If a row does not vary over units (correlation) or is all 0 (cosine).
    """
    if distance == "euclidean":
        return features
    made = np.empty(features.shape, dtype=dtype)
    for start in range(0, len(features), AT_ONCE):
        rows = features[start : start + AT_ONCE].astype(np.float64)
        size = np.abs(rows).max(axis=1)
        if distance == "correlation":
            rows -= rows.mean(axis=1, keepdims=True)
        lengths = np.linalg.norm(rows, axis=1)
        flat = lengths <= 1e-7 * size if distance == "correlation" else lengths == 0
        if flat.any():
            what = f"row without variance over units, for the {distance} distance"
            raise InputError(what, where=f"{where}, row {start + int(flat.argmax())}")
        made[start : start + AT_ONCE] = rows / lengths[:, None]
    return made


def dissimilarities(representation: Representation, distance: str, where: str) -> Array:
    """Dissimilarities of all pairs of rows, row by row above the diagonal.

    Parameters
    ----------
    representation : Representation
        `Dissimilarities` are taken as they are.
    distance : {"correlation", "euclidean", "cosine"}
        1 - Pearson's r over units, the Euclidean distance, or 1 - the cosine of the angle.
    where : str
        Its name, for messages.

    Returns
    -------
    ndarray, shape (n (n - 1) / 2,)

    Raises
    ------
    InputError
        If a row does not vary over units (correlation) or is all 0 (cosine).
    """
    held = at_hand(representation)
    if isinstance(held, Dissimilarities):
        given: Array = squareform(np.asarray(held.values, dtype=float), checks=False)
        return given
    if distance != "euclidean":
        rows = unit_rows(held, distance, where, "float64")
        likeness: Array = squareform(rows @ rows.T, checks=False)
        return 1 - likeness
    rows = np.asarray(held, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    products = rows @ rows.T
    power = np.diag(products).copy()
    products *= -2
    products += power[:, None]
    products += power
    squares: Array = squareform(products, checks=False)
    return np.sqrt(np.maximum(squares, 0))


def unit_vector(values: Array, comparison: str, where: str) -> Array:
    """Turn dissimilarities so that products are comparisons.

    Parameters
    ----------
    values : ndarray, shape (n_pairs,)
    comparison : {"pearson", "spearman", "cosine"}
    where : str
        Whose, for messages.

    Raises
    ------
    InputError
        If all pairs are equally far apart.
    """
    if comparison == "spearman":
        values = tied_ranks(values)
    if comparison != "cosine":
        size, values = np.abs(values).max(), values - values.mean()
        if np.abs(values).max() <= 1e-12 * size:
            raise InputError("all rows equally far apart", where=where)
    scaled: Array = values / np.linalg.norm(values)
    return scaled
