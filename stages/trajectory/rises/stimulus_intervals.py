"""Intervals over other stimuli, of runs that stay as they are.

One run gives no interval over runs, and needs none for what other stimuli would have said of it:
that is another question, and its answer says nothing of another seed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.stats.jackknife import over_stimuli
from stages.core.stats.run_intervals import Mean

STIMULI = "stimuli"
NO_PIECES = "no scores without each piece of the stimuli"
PIECE_LEFT = "a piece of the stimuli leaves no score"
PLACE = ["of", "weights", "measure", "region"]
_SAME = 1e-6

Shares = Mapping[tuple[Any, ...], pd.DataFrame]


def shares_by_place(pieces: pd.DataFrame) -> Shares:
    """Arrange the shares of pieces by what they are of.

    Parameters
    ----------
    pieces : DataFrame
        The columns `PIECE` of `stages.trajectory.curves.piece_curves`.

    Returns
    -------
    dict of tuple to DataFrame
        By family, kind of weights, measure and region: a row for each size, seed and step, a column
        for each piece.
    """
    values = pieces.set_index([*PLACE, "size", "seed", "step", "piece"])["value"]
    wide = values.unstack("piece").dropna(how="all")  # noqa: PD010 (pivot_table makes every product)
    return {
        place: rows.droplevel([*PLACE]) for place, rows in wide.groupby(level=PLACE, sort=False)
    }


def piece_rises(
    shares: pd.DataFrame | None, runs: pd.Index, first: Sequence[int], last: Sequence[int]
) -> pd.DataFrame:
    """Take the share of every piece in the rises of runs.

    Parameters
    ----------
    shares : DataFrame or None
        One of `shares_by_place`.
    runs : Index
        Size and seed of those that are asked for.
    first, last : sequence of int
        Steps between whose means the curves rise.

    Returns
    -------
    DataFrame, shape (n_runs, n_pieces)
    """
    if shares is None:
        return pd.DataFrame(index=runs)
    step = shares.index.get_level_values("step")
    means = [
        shares[step.isin(some)].groupby(level=["size", "seed"], sort=False).mean()
        for some in (last, first)
    ]
    return (means[0] - means[1]).reindex(runs)


def over_pieces(tables: Sequence[pd.DataFrame], mean_of: Callable[..., float], mean: Mean) -> Mean:
    """Give a mean over runs the interval that other stimuli would give.

    Parameters
    ----------
    tables : sequence of DataFrame, shape (n_runs, n_pieces)
        Shares of pieces in what the mean is of: of one group of runs, or of two.
    mean_of : callable
        From a column of each table to the mean, which is linear in them.
    mean : Mean
        The mean itself, which is that of its shares, and the runs that it stands on.

    Returns
    -------
    Mean
        Student's interval over pieces, and a one-sided p; missing where `reason` says why.
    """
    value, n = mean.value, mean.n
    names = [name for name in tables[0].columns if all(name in one for one in tables)]
    if not np.isfinite(value) or len(names) < 2:
        return Mean(value, np.nan, np.nan, np.nan, n, NO_PIECES)
    shares = np.array([mean_of(*(one[[name]] for one in tables)) for name in names])
    if not abs(shares.mean() - value) <= _SAME:
        return Mean(value, np.nan, np.nan, np.nan, n, PIECE_LEFT)
    return student_over_pieces(shares, value, n)


def student_over_pieces(shares: NDArray[np.float64], value: float, n: int) -> Mean:
    """Student's interval over pieces, and a one-sided p.

    Parameters
    ----------
    shares : ndarray, shape (n_pieces,)
        Pseudo-values, whose mean is `value`.
    value : float
    n : int
        Runs that it stands on.
    """
    found = over_stimuli(shares[None])
    half = float(found.p) / 2
    p = half if value > 0 else 1 - half
    return Mean(value, float(found.low), float(found.high), p, n, "")
