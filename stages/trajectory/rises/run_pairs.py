"""Runs of a family beside those of its control: paired by seed where they can be."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.stats.run_intervals import Mean, over_runs, over_two_groups

PAIRED = "by seed"


@dataclass(frozen=True)
class Beside:
    """One number of the runs of a family beside that of its control.

    Attributes
    ----------
    mean : Mean
        Of the differences; `n` counts the runs of the family.
    one, other : float
        Means of the family and of the control, of the runs that are compared.
    paired : bool
        Whether runs of the same size and seed were subtracted; they begin with the same weights
        where both were trained here.
    n_other : int
        Runs of the control.
    left_out : int
        Runs of either that have no value, or no partner.
    """

    mean: Mean
    one: float
    other: float
    paired: bool
    n_other: int
    left_out: int


def set_beside(one: pd.DataFrame, other: pd.DataFrame) -> Beside:
    """Compare runs of a family with runs of its control.

    Runs of the same size and seed are paired if there are two of them, or one where either has but
    one; all others are then left out. Otherwise the groups are compared as they are.

    Parameters
    ----------
    one, other : DataFrame, shape (n_runs, 1) or (n_runs, 0)
        Indexed by size and seed.
    """
    own, control = (_known(rows) for rows in (one, other))
    total = len(one) + len(other)
    runs = matched(own.index, control.index)
    if len(runs) > 1 or (len(runs) == 1 and min(len(own), len(control)) == 1):
        values, others, sizes = _values(own.loc[runs]), _values(control.loc[runs]), _sizes(runs)
        mean = over_runs(values - others, sizes)
        first, second = over_runs(values, sizes).value, over_runs(others, sizes).value
        left = total - 2 * mean.n
        return Beside(mean, first, second, paired=True, n_other=mean.n, left_out=left)
    shared = sorted(set(_sizes(own.index)) & set(_sizes(control.index)))
    own, control = (side[np.isin(_sizes(side.index), shared)] for side in (own, control))
    values, sizes = _values(own), _sizes(own.index)
    others, other_sizes = _values(control), _sizes(control.index)
    mean = over_two_groups(values, sizes, others, other_sizes)
    first, second = over_runs(values, sizes).value, over_runs(others, other_sizes).value
    left = total - len(own) - len(control)
    return Beside(mean, first, second, paired=False, n_other=len(control), left_out=left)


def matched(one: pd.Index, other: pd.Index) -> pd.Index:
    """List the runs (size and seed) that both have."""
    return one[one.isin(other)]


def _known(rows: pd.DataFrame) -> "pd.Series[float]":
    values = rows.iloc[:, 0] if rows.shape[1] else pd.Series(np.nan, rows.index, float)
    return values.dropna()


def _values(runs: "pd.Series[float]") -> NDArray[np.float64]:
    return np.asarray(runs, dtype=np.float64)


def _sizes(runs: pd.Index) -> NDArray[np.str_]:
    return np.asarray(runs.get_level_values("size"), dtype=np.str_)
