"""When the samples of a time series were taken, and which words began during each."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.core.run.tables import check_unique
from stages.prepare.tables.lab_cells import LabTable, read_lab_table
from stages.prepare.tables.lab_stimuli import check_runs
from stages.prepare.timing import scan_of_word
from stages.prepare.usable_targets import NAMED

logger = logging.getLogger("concord.prepare")

ROUNDED = 1e-3  # seconds to which onsets may have been rounded
OUTSIDE = 0.1  # share of a run's words that may begin outside its samples
# Encode's control of slow drift has as many units as there are samples.
MOST = 20_000


def read_lab_samples(path: Path) -> tuple[pd.DataFrame, float]:
    """Read the samples of everybody: run and onset, in seconds, of each, and `id` if it has one.

    Returns
    -------
    samples : DataFrame
        Columns id, run, onset.
    tr : float
        Seconds between samples.

    Raises
    ------
    InputError
        If runs are in pieces or of one sample, or samples are not equally far apart.
    """
    table = read_lab_table(path, ("run", "onset"), ("id",))
    n = len(table.cells)
    if n > MOST:
        do = "Average to a slower rate, or give a row of responses per stimulus instead."
        raise InputError("too many samples", where=path, expected=f"at most {MOST}", got=n, do=do)
    named = "id" in table.cells
    ids = table.texts("id") if named else [f"t{row:05d}" for row in range(1, n + 1)]
    samples = pd.DataFrame({"id": ids, "run": table.texts("run")}, dtype=object)
    samples["onset"] = table.numbers("onset")
    check_unique(samples["id"], path)
    check_runs(table, samples["run"])
    return samples, sampling_interval(table, samples)


def sampling_interval(table: LabTable, samples: pd.DataFrame) -> float:
    """Seconds between samples, the same throughout, but for onsets that were rounded to 1 ms.

    Raises
    ------
    InputError
        If a run has one sample, samples are not equally far apart, or further in some run.
    """
    found: dict[str, float] = {}
    for run, rows in samples.groupby("run", sort=False):
        if len(rows) == 1:
            where = table.place(int(rows.index[0]))
            raise InputError("run of one sample", where=where, got=repr(run))
        onset = rows["onset"].to_numpy()
        tr = (onset[-1] - onset[0]) / (len(rows) - 1)
        off = np.abs(onset - onset[0] - tr * np.arange(len(rows)))
        wrong = (off > min(ROUNDED, abs(tr) / 4) + 1e-9) | (tr <= 0)
        if wrong.any():
            _raise_uneven(table, rows)
        found[str(run)] = tr
    (run, tr), *others = found.items()
    steps = samples.groupby("run", sort=False).size() - 1
    for other, seconds in others:
        if abs(seconds - tr) * min(steps[run], steps[other]) > 2 * ROUNDED:
            where = f"{table.path}, run {other}"
            expected, got = f"{tr:g} s as in run {run}", f"{seconds:g} s"
            raise InputError("other sampling interval", where=where, expected=expected, got=got)
    weights = [steps[name] for name in found]
    return float(np.average(list(found.values()), weights=weights).round(9))


def _raise_uneven(table: LabTable, rows: pd.DataFrame) -> None:
    """Name the sample that is furthest from where the usual interval would have it."""
    steps = np.diff(rows["onset"].to_numpy())
    usual = float(np.median(steps))
    worst = int(np.abs(steps - usual).argmax())
    raise InputError(
        "samples that are not equally far apart",
        where=table.place(int(rows.index[worst + 1]), "onset"),
        expected=f"{usual:g} s after the sample before it, above 0",
        got=f"{steps[worst]:g} s",
    )


def sample_of_word(
    stimuli: pd.DataFrame, samples: pd.DataFrame, tr: float, where: Path
) -> NDArray[np.object_]:
    """Find the sample during which each word began; those outside are logged.

    Returns
    -------
    ndarray of str, shape (n_stimuli,)
        Empty for a word outside the samples of its run.

    Raises
    ------
    InputError
        If runs differ, or more than a tenth of a run's words begin outside its samples.
    """
    _check_same_runs(stimuli, samples, where)
    found = np.full(len(stimuli), "", dtype=object)
    for run in samples["run"].unique():
        words, scans = (np.flatnonzero(table["run"] == run) for table in (stimuli, samples))
        onsets, begins = stimuli["onset"].to_numpy()[words], samples["onset"].to_numpy()[scans]
        scan = scan_of_word(onsets, begins, tr)
        found[words] = np.where(scan < 0, "", samples["id"].to_numpy()[scans[scan]])
        if (scan < 0).mean() > OUTSIDE:
            first = stimuli["id"].to_numpy()[words[scan < 0][0]]
            raise InputError(
                "stimuli outside the samples",
                where=f"{where}, run {run}",
                expected=f"onsets from {begins[0]:g} to {begins[-1] + tr:g} s",
                got=f"{onsets[scan < 0][0]:g} s ({first}), and {(scan < 0).sum()} such in all",
            )
    outside = list(stimuli["id"][found == ""])
    if outside:
        more = ", …" if len(outside) > NAMED else ""
        logger.warning(
            "%d of %d stimuli begin outside the samples: %s%s",
            *(len(outside), len(found), ", ".join(outside[:NAMED]), more),
        )
    return found


def _check_same_runs(stimuli: pd.DataFrame, samples: pd.DataFrame, where: Path) -> None:
    shown, measured = (list(table["run"].unique()) for table in (stimuli, samples))
    if shown != measured:
        expected, got = (", ".join(map(repr, runs)) for runs in (measured, shown))
        raise InputError(
            "runs differ", where=where, expected=f"those of samples: {expected}", got=got
        )
