"""Runs of a family beside those of its control: paired by seed where they can be."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

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
    runs = matched(own, control)
    if len(runs) > 1 or (len(runs) == 1 and min(len(own), len(control)) == 1):
        pairs = own.loc[runs], control.loc[runs]
        mean = over_runs((pairs[0] - pairs[1]).to_numpy(float), _sizes(pairs[0]))
        means = [over_runs(side.to_numpy(float), _sizes(side)).value for side in pairs]
        return Beside(mean, *means, paired=True, n_other=mean.n, left_out=total - 2 * mean.n)
    sizes = set(_sizes(own)) & set(_sizes(control))
    own, control = (side[np.isin(_sizes(side), list(sizes))] for side in (own, control))
    groups = [(side.to_numpy(float), _sizes(side)) for side in (own, control)]
    mean = over_two_groups(*groups[0], *groups[1])
    means = [over_runs(*group).value for group in groups]
    left = total - len(own) - len(control)
    return Beside(mean, *means, paired=False, n_other=len(control), left_out=left)


def matched(one: pd.DataFrame, other: pd.DataFrame) -> pd.Index:
    """List the runs (size and seed) that both have."""
    return one.index[one.index.isin(other.index)]


def _known(rows: pd.DataFrame) -> "pd.Series[float]":
    values = rows.iloc[:, 0] if rows.shape[1] else pd.Series(np.nan, rows.index, float)
    return values.dropna()


def _sizes(rows: "pd.Series[float]") -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
    return rows.index.get_level_values("size").to_numpy(str)
