"""Responses to single stimuli: repeats are averaged, and brought into the order of the stimuli."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError, did_you_mean
from stages.prepare.single_responses import kept_single
from stages.prepare.subjects import drop_unusable
from stages.prepare.tables.lab_cells import cell_place
from stages.prepare.tables.lab_responses import ID, Measured
from stages.prepare.usable_targets import NAMED

logger = logging.getLogger("concord.prepare")

SHARED = 0.5  # share of the stimuli measured that everybody must have


@dataclass(frozen=True)
class Answers:
    """Mean responses of one subject.

    Attributes
    ----------
    places : ndarray of int, shape (n,)
        Which stimuli were met, ascending.
    repeats : ndarray of int, shape (n,)
    means : ndarray, shape (n, n_targets)
    often : ndarray of bool, shape (n,)
        Of which stimuli single responses are kept.
    single : ndarray of float32, shape (n_kept, n_targets), or None
        These, as a recording has them.
    """

    places: NDArray[np.intp]
    repeats: NDArray[np.intp]
    means: NDArray[np.float64]
    often: NDArray[np.bool_]
    single: NDArray[np.float32] | None

    def at(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """Means of some of the stimuli that were met."""
        return self.means[np.searchsorted(self.places, places)]


def average_repeats(measured: Measured, stimuli: Sequence[str]) -> Answers:
    """Average the rows of each stimulus, and keep the first of those that have enough.

    Raises
    ------
    InputError
        If rows say of no stimulus, or of an unknown one, that they answer to it, or all repeats
        are the same.
    """
    if measured.ids is None:
        expected = f"a column or array `{ID}`, or a file samples.csv for a time series"
        raise InputError("responses to nothing", where=measured.path, expected=expected)
    known = {name: place for place, name in enumerate(stimuli)}
    for row, name in enumerate(measured.ids):
        if name not in known:
            where, do = cell_place(measured.path, row, ID), did_you_mean(name, stimuli)
            raise InputError("unknown stimulus", where=where, got=repr(name), do=do)
    rows = np.array([known[name] for name in measured.ids], dtype=np.intp)
    places, which, repeats = np.unique(rows, return_inverse=True, return_counts=True)
    _check_repeats(measured, which)
    sums = np.zeros((len(places), measured.series.shape[1]))
    np.add.at(sums, which, measured.series)
    often, single = kept_single(measured.series, which)
    return Answers(places, repeats, sums / repeats[:, None], often, single)


def _check_repeats(measured: Measured, which: NDArray[np.intp]) -> None:
    """Raise `InputError` if every repeat is there twice to the last digit: rows were written twice.

    Repeats without noise would make a ceiling of 1, and those counted twice one that is too high.
    Whole numbers, such as counts, may recur.
    """
    series = measured.series
    known = [(place, one.tobytes()) for place, one in zip(which, series, strict=True)]
    rows, repeated = pd.Series(known, dtype=object), np.bincount(which)[which] > 1
    twins = rows.duplicated(keep=False).to_numpy()
    counts = np.array_equal(series, np.round(series))
    if repeated.any() and twins[repeated].all() and not counts:
        again = np.flatnonzero(rows.duplicated())
        raise InputError(
            "repeats that are all the same",
            where=cell_place(measured.path, int(again[0])),
            expected="what was measured each time",
            got=f"{len(again)} rows that are there already",
            do="Remove what was written twice, and averages.",
        )


def answers_of(
    people: Mapping[str, tuple[Measured, pd.DataFrame]], stimuli: Sequence[str], where: Path
) -> dict[str, tuple[Answers, pd.DataFrame]]:
    """Average everybody's repeats, drop targets that do not vary, and people without any left.

    Raises
    ------
    InputError
        If nobody is left.
    """
    found = {}
    for name, (measured, targets) in people.items():
        answers = average_repeats(measured, stimuli)
        whole = np.zeros(len(answers.places))
        means, kept = drop_unusable(answers.means, targets, whole, name)
        logger.info(
            "%s: %d of %d stimuli, met %.2f times on average",
            *(name, len(answers.places), len(stimuli), answers.repeats.mean()),
        )
        if len(kept):
            single = single_of(answers.single, targets, kept)
            found[name] = (replace(answers, means=np.asarray(means), single=single), kept)
    if not found:
        raise InputError("no usable subject", where=where)
    return found


def single_of(
    single: NDArray[np.float32] | None, targets: pd.DataFrame, kept: pd.DataFrame
) -> NDArray[np.float32] | None:
    """Keep the columns of single responses, if there are any, that are of the targets kept."""
    if single is None:
        return None
    columns = targets["id"].isin(kept["id"]).to_numpy()
    return np.ascontiguousarray(single[:, columns])


def as_written(
    means: NDArray[np.float64], targets: pd.DataFrame, name: str
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Round responses to what a recording holds, and drop targets that no longer vary.

    Parameters
    ----------
    means : ndarray, shape (n, n_targets)
        Of the stimuli that are kept.
    targets : DataFrame
    name : str
        Of the subject, for the log.
    """
    rounded = means.astype(np.float32)
    kept, targets = drop_unusable(rounded, targets, np.zeros(len(means)), name)
    return np.asarray(kept, dtype=np.float32), targets


def shared_places(
    answers: Mapping[str, Answers], stimuli: Sequence[str], where: Path
) -> NDArray[np.intp]:
    """Stimuli to which everybody answers; who lacks which of the others is logged.

    Raises
    ------
    InputError
        If they are fewer than half of those that somebody answers to.
    """
    everything = np.unique(np.concatenate([one.places for one in answers.values()]))
    shared = everything
    for name, one in answers.items():
        lacking = np.setdiff1d(everything, one.places)
        shared = np.intersect1d(shared, one.places)
        if len(lacking):
            more = ", …" if len(lacking) > NAMED else ""
            logger.warning(
                "%d stimuli are left out for everybody: %s has no response to %s%s",
                *(len(lacking), name, ", ".join(stimuli[k] for k in lacking[:NAMED]), more),
            )
    if len(shared) < SHARED * len(everything):
        raise InputError(
            "few stimuli to which everybody answers",
            where=where,
            expected=f"at least half of {len(everything)}",
            got=len(shared),
            do="Leave people out with story.prepare.subjects, or make folders of their own.",
        )
    return shared
