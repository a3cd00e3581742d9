"""How deep in a model the alignment with a region is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.results.survey import TABLES
from stages.survey.all_scores import KEYS, scored


def relative_depths(towers: Sequence[str]) -> NDArray[np.float64]:
    """Place every layer between the first, 0, and the last, 1, of its tower.

    Parameters
    ----------
    towers : sequence of str
        Of each layer, in order of depth.

    Returns
    -------
    ndarray, shape (n_layers,)
        0.5 for the only layer of a tower.
    """
    groups = pd.Series(list(towers), dtype=object).groupby(list(towers), sort=False)
    place, last = groups.cumcount(), groups.transform("size") - 1
    depths: NDArray[np.float64] = (place / last.where(last > 0)).fillna(0.5).to_numpy(float)
    return depths


def bin_of(depth: "pd.Series[float]", bins: int) -> "pd.Series[int]":
    """Find the number of the part of equal size that each relative depth lies in, from 1."""
    return (depth * bins).astype(int).clip(upper=bins - 1) + 1


def depth_profile(scores: pd.DataFrame, bins: int) -> pd.DataFrame:
    """Average the scores of the layers in each part of a model's depth.

    Parameters
    ----------
    scores : DataFrame
        Made by `stages.survey.all_scores.gather`.
    bins : int
        Parts of equal size.

    Returns
    -------
    DataFrame
        One row per model, region and part that has layers, with their number.
    """
    rows = _deep(scores)
    rows = rows.assign(bin=bin_of(rows["depth"], bins))
    by = [*KEYS, "network", "bin"]
    table = rows.groupby(by, sort=False)["score"].agg(score="mean", layers="size").reset_index()
    return table[list(TABLES["depth"])]


def depth_centre(scores: pd.DataFrame) -> pd.DataFrame:
    """Find the mean depth of a model's layers, weighted by their scores.

    Negative scores weigh nothing; where no score is positive, there is no row.

    Parameters
    ----------
    scores : DataFrame
        Made by `stages.survey.all_scores.gather`.

    Returns
    -------
    DataFrame
        Columns `KEYS`, network and depth_centre.
    """
    rows = _deep(scores)
    weight = rows["score"].clip(lower=0)
    rows = rows.assign(weight=weight, moment=weight * rows["depth"])
    sums = rows.groupby([*KEYS, "network"], sort=False)[["weight", "moment"]].sum().reset_index()
    sums = sums[sums["weight"] > 0]
    return sums.assign(depth_centre=sums["moment"] / sums["weight"])[list(TABLES["centres"])]


def _deep(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of layers that have a depth."""
    rows = scored(scores)
    return rows[rows["depth"].notna()]
