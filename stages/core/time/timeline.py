"""Bringing values of words to the time of the samples, as the brain would answer to them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.recording.types import Timeline
from stages.core.run.errors import InputError
from stages.core.time.cleaning import clean
from stages.core.time.downsample import glover_weights, window_weights

Array = NDArray[np.float64]
Aligner = Callable[[NDArray[np.floating]], Array]


def aligner(timeline: Timeline, rows: pd.DataFrame, downsample: str, delays: list[int]) -> Aligner:
    """Make the function that brings values of rows to the samples of a recording.

    For time series: impulses at word offsets convolved with a haemodynamic response, or the
    mean over the words of a sample; then delays; then what was removed from the responses is
    removed here too. For events, the row of each sample.

    Parameters
    ----------
    timeline : Timeline
    rows : DataFrame
        Columns sample, run, offset.
    downsample : str
        `glover` or `window`.
    delays : list of int
        In samples, concatenated.

    Returns
    -------
    callable
        From (n_rows, n_units) to (n_samples, n_units × n_delays).

    Raises
    ------
    InputError
        If an event has no row.
    """
    samples, tr, cleaning = timeline.samples, timeline.tr, timeline.cleaning
    if tr is None:
        weights = window_weights(samples, rows)
        _check_events(samples, rows)
        return lambda values: weights @ values
    glover = downsample == "glover"
    weights = glover_weights(samples, rows) if glover else window_weights(samples, rows)
    runs = samples["run"].to_numpy()

    def align(values: NDArray[np.floating]) -> Array:
        series = delayed(weights @ values, runs, delays)
        return series if cleaning is None else clean(series, runs, tr, cleaning)

    return align


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
