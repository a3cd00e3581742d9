"""Tables of targets, and which targets an analysis can use."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.recording.types import TARGET_COLUMNS

logger = logging.getLogger("concord.prepare")

# How many of the things dropped a log message names.
NAMED = 8


def target_table(
    ids: Sequence[str],
    regions: Sequence[str],
    hemispheres: Sequence[str],
    voxels: NDArray[np.int64] | None = None,
    ceiling: float = np.nan,
) -> pd.DataFrame:
    """Make a table of targets.

    Parameters
    ----------
    ids, regions, hemispheres : sequence of str
        One per target; a hemisphere is `L`, `R` or empty.
    voxels : ndarray of int, shape (n_targets, 3), optional
        Indices counted from 0; missing in the table unless given.
    ceiling : float, optional
        The same for every target; missing by default.

    Returns
    -------
    DataFrame
        Columns `TARGET_COLUMNS`; i, j and k are nullable integers.
    """
    table = pd.DataFrame({"id": ids, "region": regions, "hemisphere": hemispheres}, dtype=str)
    for axis, name in enumerate("ijk"):
        column = [pd.NA] * len(table) if voxels is None else voxels[:, axis]
        table[name] = pd.array(column, dtype="Int64")
    table["ceiling"] = float(ceiling)
    return table[list(TARGET_COLUMNS)]


def constant_in_a_run(series: NDArray[np.floating], runs: NDArray[Any]) -> NDArray[np.bool_]:
    """Which columns do not vary within some run.

    Parameters
    ----------
    series : ndarray, shape (n_samples, n_columns)
    runs : ndarray, shape (n_samples,)

    Returns
    -------
    ndarray of bool, shape (n_columns,)
    """
    constant = np.zeros(series.shape[1], dtype=bool)
    for run in np.unique(runs):
        block = series[runs == run]
        constant |= np.ptp(block, axis=0) <= 1e-10 * np.abs(block).max(axis=0)
    return constant


def drop_targets(
    series: NDArray[np.floating],
    targets: pd.DataFrame,
    dropped: NDArray[np.bool_],
    subject: str,
    why: str,
) -> tuple[NDArray[np.floating], pd.DataFrame]:
    """Drop columns with their rows in the table, and log how many, the first by name, and why.

    A subject whose last targets are dropped is excluded, which is logged as a warning.
    """
    if not dropped.any():
        return series, targets
    named = targets.loc[dropped, ["id", "region"]].head(NAMED)
    names = [
        target if target == region else f"{target} ({region})"
        for target, region in zip(named["id"], named["region"], strict=True)
    ]
    more = ", …" if dropped.sum() > NAMED else ""
    level, verdict = (
        (logging.WARNING, "%s excluded: %d of %d targets")
        if dropped.all()
        else (logging.INFO, "%s: %d of %d targets dropped,")
    )
    logger.log(
        level,
        verdict + " %s: %s%s",
        *(subject, int(dropped.sum()), len(targets), why, ", ".join(names), more),
    )
    return series[:, ~dropped], targets[~dropped].reset_index(drop=True)
