"""What predicts: layers brought to the time of the responses, and control models."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations import Activations, read_layer
from stages.core.cleaning import clean
from stages.core.downsample import glover_weights, window_weights
from stages.core.errors import InputError
from stages.core.params import Encode
from stages.core.recording import Recording

Array = NDArray[np.float64]
OASM_WIDTH = 2.0  # standard deviation of the smoothing, in samples


def aligner(
    recording: Recording, params: Encode, rows: pd.DataFrame
) -> Callable[[NDArray[np.floating]], Array]:
    """Make the function that brings values of rows to the samples of a recording.

    For time series: impulses at word offsets convolved with a haemodynamic response, or the
    mean over the words of a sample; then delays; then what was removed from the responses is
    removed here too. For events, the row of each sample.

    Parameters
    ----------
    recording : Recording
    params : Encode
    rows : DataFrame
        Columns sample, run, offset.

    Returns
    -------
    callable
        From (n_rows, n_units) to (n_samples, n_units × n_delays).

    Raises
    ------
    InputError
        If an event has no row.
    """
    samples, tr, cleaning = recording.samples, recording.tr, recording.cleaning
    if tr is None:
        weights = window_weights(samples, rows)
        _check_events(samples, rows)
        return lambda values: weights @ values
    glover = params.downsample == "glover"
    weights = glover_weights(samples, rows) if glover else window_weights(samples, rows)
    runs = samples["run"].to_numpy()

    def align(values: NDArray[np.floating]) -> Array:
        series = delayed(weights @ values, runs, params.delays)
        return series if cleaning is None else clean(series, runs, tr, cleaning)

    return align


def _check_events(samples: pd.DataFrame, rows: pd.DataFrame) -> None:
    absent = samples[~samples["id"].isin(rows["sample"])]
    if len(absent):
        raise InputError(
            "event without a row",
            where="rows.parquet of the activations",
            expected=f"a row for event {absent['id'].iloc[0]}",
            do="Run `dvc repro extract`.",
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


def layer_designs(
    folder: Path, about: Activations, rows: pd.DataFrame, recording: Recording, params: Encode
) -> dict[str, Array]:
    """Bring every layer of a model to the samples.

    Raises
    ------
    InputError
        If a layer is missing or has not the announced shape.
    """
    align = aligner(recording, params, rows)
    return {layer: align(read_layer(folder, layer, about, len(rows))) for layer in about.layers}


def control_designs(recording: Recording, params: Encode) -> dict[str, Array]:
    """Make models that know nothing of language but could look as if they did.

    `nuisance`: what the recording lists as such (word rate, length, frequency, position).
    `oasm`, for time series: one-hot position in the run, smoothed in time (Hadidi, Feghhi et
    al. 2026); it can score above chance only where folds leak.
    """
    designs = {}
    if recording.nuisance is not None:
        stimuli = recording.stimuli
        rows = stimuli.assign(offset=stimuli["onset"] + stimuli["duration"])
        align = aligner(recording, params, rows)
        designs["nuisance"] = align(recording.nuisance.drop(columns="id").to_numpy(float))
    if recording.tr is not None:
        designs["oasm"] = smoothed_positions(recording.samples["run"].to_numpy())
    return designs


def smoothed_positions(runs: NDArray[np.generic]) -> Array:
    """One-hot position of each sample in its run, smoothed by a Gaussian cut at four widths.

    Returns
    -------
    ndarray, shape (n_samples, n_samples)
    """
    position = np.arange(len(runs))
    distance = position[:, None] - position
    smooth = np.exp(-(distance**2) / (2 * OASM_WIDTH**2))
    near = (runs[:, None] == runs) & (np.abs(distance) <= 4 * OASM_WIDTH)
    return np.where(near, smooth, 0.0)
