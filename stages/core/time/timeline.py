"""Bringing values of words to the time of the samples, as the brain would answer to them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stages.core.recording.types import Timeline
from stages.core.run.errors import InputError
from stages.core.time.cleaning import clean
from stages.core.time.downsample import glover_weights, overlap_weights, window_weights

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Aligner:
    """Brings values of rows to the samples of a recording; made by `aligner`.

    Attributes
    ----------
    weights : sparse array, shape (n_samples, n_rows)
    timeline : Timeline
    delays : list of int
        In samples, concatenated.
    centre_within : ndarray, shape (n_rows,), or None
        Run of each row, whose mean is taken out first.
    """

    weights: csr_array
    timeline: Timeline
    delays: list[int]
    centre_within: NDArray[np.generic] | None = None

    def __call__(self, values: NDArray[np.floating]) -> Array:
        """Turn values of shape (n_rows, n_units) into (n_samples, n_units × n_delays)."""
        tr, cleaning = self.timeline.tr, self.timeline.cleaning
        if self.centre_within is not None:
            values = centre_runs(values, self.centre_within)
        series: Array = self.weights @ values
        if tr is None:
            return series
        runs = self.timeline.samples["run"].to_numpy()
        series = delayed(series, runs, self.delays)
        return series if cleaning is None else clean(series, runs, tr, cleaning)


def aligner(
    timeline: Timeline,
    rows: pd.DataFrame,
    downsample: str,
    delays: list[int],
    *,
    centre: bool,
) -> Aligner:
    """Make what brings values of rows to the samples of a recording.

    For time series: impulses at word offsets convolved with a haemodynamic response, or the
    mean over the words of a sample; then delays; then what was removed from the responses is
    removed here too. For events, the row of each sample.

    Responses that were moved back in time stand where their stimuli are: nothing is convolved,
    whatever `downsample` says, and a sample's value is the mean over the rows that are on while it
    lasts, by how long they are; zero where there is none. Delays are beyond that shift.

    Parameters
    ----------
    timeline : Timeline
    rows : DataFrame
        Columns sample, run, offset, and onset where responses were moved back.
    downsample : str
        `glover` or `window`; without effect where responses were moved back.
    delays : list of int
        In samples, concatenated.
    centre : bool
        Whether values leave their mean over the words of a run first (time series only). Each word
        adds its value to a convolved series, so that what does not average zero is also a count
        of words: any two such series follow the word rate and rise together as a run begins.

    Returns
    -------
    Aligner

    Raises
    ------
    InputError
        If an event has no row.
    """
    if timeline.tr is None:
        _check_events(timeline.samples, rows)
    series = timeline.tr is not None
    within = rows["run"].to_numpy() if series and centre else None
    return Aligner(csr_array(_weights(timeline, rows, downsample)), timeline, delays, within)


def _weights(timeline: Timeline, rows: pd.DataFrame, downsample: str) -> Array | csr_array:
    """Weights of the rows in every sample, shape (n_samples, n_rows)."""
    if timeline.tr is not None and timeline.shifted:
        return overlap_weights(timeline.samples, rows, timeline.tr)
    if timeline.tr is not None and downsample == "glover":
        return glover_weights(timeline.samples, rows)
    return window_weights(timeline.samples, rows)


def centre_runs(values: NDArray[np.floating], runs: NDArray[np.generic]) -> Array:
    """Take the mean over the rows of each run out of every column, shape (n_rows, n_units)."""
    centred = np.array(values, dtype=float)
    for run in np.unique(runs):
        centred[runs == run] -= centred[runs == run].mean(axis=0)
    return centred


def word_rows(stimuli: pd.DataFrame) -> pd.DataFrame:
    """Describe each stimulus as a row of its own, which ends when the stimulus does."""
    return stimuli.assign(offset=stimuli["onset"] + stimuli["duration"])


def _check_events(samples: pd.DataFrame, rows: pd.DataFrame) -> None:
    absent = samples[~samples["id"].isin(rows["sample"])]
    if len(absent):
        raise InputError(
            "event without a row",
            where="rows.parquet of the activations",
            expected=f"a row for event {absent['id'].iloc[0]}",
            do="Run `dvc repro`.",
        )


def delayed(series: Array, runs: NDArray[np.generic], delays: list[int]) -> Array:
    """Concatenate copies of a series delayed within runs, zero before the run's start.

    Parameters
    ----------
    series : ndarray, shape (n_samples, n_units)
    runs : ndarray, shape (n_samples,)
    delays : list of int
        In samples.

    Returns
    -------
    ndarray, shape (n_samples, n_units × n_delays)
    """
    copies = []
    for delay in delays:
        copy = np.zeros_like(series)
        for run in np.unique(runs):
            rows = np.flatnonzero(runs == run)
            copy[rows[delay:]] = series[rows[: len(rows) - delay]]
        copies.append(copy)
    return np.concatenate(copies, axis=1)
