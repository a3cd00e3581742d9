"""What the head and the scanner did: variables that leave the responses, never the features.

Where movement follows the stimulus, responses that keep it are predicted from nothing; taking it
out of the responses alone errs on the safe side. Names are those of fMRIPrep from 1.2 on.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import lies_there
from stages.prepare.bids.bids_tables import MISSING, numbers, read_bids_table, read_sidecar

MOTION = tuple(f"{kind}_{axis}" for kind in ("trans", "rot") for axis in "xyz")
EXPANSIONS = ("_derivative1", "_power2", "_derivative1_power2")
MOTION_24 = (*MOTION, *(name + end for end in EXPANSIONS for name in MOTION))
COMPONENTS = 5
COMPONENT, COSINE = ("a_comp_cor", "t_comp_cor", "c_comp_cor", "w_comp_cor"), "cosine"
DUMMY = "non_steady_state_outlier"
SPIKES = ("motion_outlier", DUMMY)
# Of the samples of the shortest run, no more confounds than this leave enough to study.
SHARE = 3


def check_filter(strategy: str | Sequence[str], high_pass: float) -> None:
    """Refuse confounds that do not go with the filter of the responses.

    fMRIPrep finds components in series without slow fluctuations, and its cosines are a filter.

    Parameters
    ----------
    strategy : str or list of str
        As in `confound_names`.
    high_pass : float
        Period in seconds from which on fluctuations leave the responses; 0 for none.

    Raises
    ------
    InputError
        If there are components and no filter, or cosines and a filter.
    """
    listed = [] if isinstance(strategy, str) else list(strategy)
    where = "params.yaml: bids.confounds"
    if not high_pass and (strategy == "compcor" or any(n.startswith(COMPONENT) for n in listed)):
        raise InputError(
            "components of filtered series for series that are not",
            where=where,
            expected="story.prepare.high_pass of 128, as fMRIPrep has it",
            got="0",
            do="Set story.prepare.high_pass, or other confounds.",
        )
    cosines = [name for name in listed if name.startswith(COSINE)]
    if high_pass and cosines:
        raise InputError(
            "two filters of slow fluctuations",
            where=where,
            expected="cosines or story.prepare.high_pass",
            got=f"{', '.join(cosines)} and {high_pass:g} s",
            do="Leave the cosines out, or set story.prepare.high_pass to 0.",
        )


def read_confounds(path: Path, n_volumes: int) -> pd.DataFrame:
    """Read the table of confounds of a run.

    Raises
    ------
    InputError
        If it has not one row per volume.
    """
    table = read_bids_table(path)
    if len(table) != n_volumes:
        raise InputError(
            "confounds of another length", where=path, expected=n_volumes, got=len(table)
        )
    return table


def confound_names(table: pd.DataFrame, path: Path, strategy: str | Sequence[str]) -> list[str]:
    """Name the columns of a strategy, without those that mark single volumes.

    Parameters
    ----------
    table : DataFrame
    path : Path
        Of the table; its .json says which components come first.
    strategy : `none`, `motion6`, `motion24`, `compcor` or list of str

    Raises
    ------
    InputError
        If a column is not there.
    """
    if strategy == "none":
        return []
    names = list(strategy) if not isinstance(strategy, str) else list(MOTION_24)
    if strategy == "motion6":
        names = list(MOTION)
    if strategy == "compcor":
        names += _components(path, table)
    for name in names:
        if name not in table.columns:
            near = did_you_mean(name, table.columns)
            raise InputError("no such confound", where=path, got=repr(name), do=near)
    return names


def _components(path: Path, table: pd.DataFrame) -> list[str]:
    """Name the first anatomical components of white matter and fluid together, by their .json."""
    sidecar = path.with_suffix(".json")
    about = read_sidecar(sidecar) if lies_there(sidecar) else {}
    combined = [
        name
        for name, said in about.items()
        if name.startswith("a_comp_cor")
        and said.get("Mask") == "combined"
        and said.get("Retained", True)
        and name in table.columns
    ]
    if not combined:
        raise InputError(
            "no anatomical components",
            where=sidecar,
            expected="entries a_comp_cor_* with Mask combined",
            do="Set bids.confounds to motion24, or list columns.",
        )
    return sorted(combined, key=lambda name: (len(name), name))[:COMPONENTS]


def marked_volumes(table: pd.DataFrame) -> list[str]:
    """Name the columns that mark single volumes: sudden movement, and before the steady state."""
    return [name for name in table.columns if name.startswith(SPIKES)]


def count_dummies(table: pd.DataFrame) -> int:
    """Count the volumes before the steady state."""
    return sum(name.startswith(DUMMY) for name in table.columns)


def confound_values(
    table: pd.DataFrame, path: Path, names: Sequence[str], kept: slice
) -> NDArray[np.float64]:
    """Take columns of the volumes that are kept; marks of others are left out.

    A derivative has no value at the first volume: it gets that of the second.

    Returns
    -------
    ndarray, shape (n_volumes, n_confounds)

    Raises
    ------
    InputError
        If a value is missing elsewhere, or is no number.
    """
    columns = []
    for name in names:
        values = numbers(table[name], path).copy()
        if len(values) > 1 and np.isnan(values[0]):
            values[0] = values[1]
        missing = np.isnan(values)
        if missing.any():
            at = int(missing.argmax())
            where = f"{path}, line {table.index[at]}, {name}"
            raise InputError("missing value", where=where, expected="a number", got=MISSING)
        if np.ptp(values[kept]) > 0:
            columns.append(values[kept])
    n = len(range(*kept.indices(len(table))))
    return np.column_stack(columns) if columns else np.empty((n, 0))
