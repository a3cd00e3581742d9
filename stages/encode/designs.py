"""What predicts: layers brought to the time of the responses, and control models."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations.activations import Activations, read_layer
from stages.core.params.schema import Encode
from stages.core.recording.types import Recording
from stages.core.time.timeline import aligner
from stages.encode.nuisance_design import nuisance_design

Array = NDArray[np.float64]
OASM_WIDTH = 2.0  # standard deviation of the smoothing, in samples
ONSET = 60.0  # seconds from the beginning of a run


def layer_designs(
    folder: Path,
    about: Activations,
    rows: pd.DataFrame,
    recording: Recording,
    settings: Encode,
    *,
    centre: bool,
) -> dict[str, Array]:
    """Bring every layer of a model to the samples, `centre` as in `aligner`.

    Raises
    ------
    InputError
        If a layer is missing or has not the announced shape.
    """
    align = aligner(recording.timeline, rows, settings.downsample, settings.delays, centre=centre)
    return {layer: align(read_layer(folder, layer, about, len(rows))) for layer in about.layers}


def control_designs(recording: Recording, settings: Encode) -> dict[str, Array]:
    """Make models that know nothing of language but could look as if they did.

    `nuisance`: what the recording lists as such (word rate, length, frequency, position), as
    `nuisance_design` brings it to the samples.
    `oasm`, for time series: one-hot position in the run, smoothed in time (Hadidi, Feghhi et
    al. 2026); it can score above chance only where folds leak. `onset`, where there are several
    runs: time since the beginning of the run, which it cannot see and whatever begins with a run
    follows.
    """
    nuisance = nuisance_design(recording, settings)
    designs = {} if nuisance is None else {"nuisance": nuisance}
    if recording.tr is not None:
        runs = recording.samples["run"].to_numpy()
        designs["oasm"] = smoothed_positions(runs)
        if len(np.unique(runs)) > 1:
            designs["onset"] = since_onset(runs, recording.tr)
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


def since_onset(runs: NDArray[np.generic], tr: float) -> Array:
    """One-hot time since the beginning of a run, the same in all runs, smoothed likewise.

    Parameters
    ----------
    runs : ndarray, shape (n_samples,)
        One run after the other.
    tr : float
        Seconds.

    Returns
    -------
    ndarray, shape (n_samples, n_times)
        Times are those of the first minute of a run, and smoothing reaches four widths further;
        zero after that.
    """
    starts = np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]])
    lengths = np.diff(np.r_[starts, len(runs)])
    since = np.arange(len(runs)) - np.repeat(starts, lengths)
    distance = since[:, None] - np.arange(min(int(np.ceil(ONSET / tr)), lengths.max()))
    smooth = np.exp(-(distance**2) / (2 * OASM_WIDTH**2))
    return np.where(np.abs(distance) <= 4 * OASM_WIDTH, smooth, 0.0)
