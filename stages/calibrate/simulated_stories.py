"""Recordings of stories whose responses and features are known."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.simulated_folders import target_table, write_folders
from stages.calibrate.simulated_layers import (
    Layers,
    carrying,
    draw_layers,
    draw_nuisance,
    remembered,
)
from stages.calibrate.story_layouts import CLEANING, LAYOUTS, TR, Layout
from stages.calibrate.story_responses import (
    MEMORY,
    SLOW,
    Responses,
    draw_drifting,
    draw_late,
    draw_responses,
    planted,
)
from stages.calibrate.word_features import draw_features
from stages.core.recording.types import Recording, Subject
from stages.core.time.cleaning import clean
from stages.core.time.timeline import aligner, word_rows

Array = NDArray[np.float64]
N_LAYERS = 6
CUBE = (4, 3, 2)  # voxels of a region
ACTIVE = 0.5  # of the variance of a planted region, in every voxel


def write_story(folder: Path, layout_name: str, targets: int, seed: int) -> None:
    """Write a story with responses for `encode` and features for `probe`.

    Parameters
    ----------
    folder : Path
    layout_name : str
        One of `LAYOUTS`.
    targets : int
        Of every kind of response, and of feature.
    seed : int
    """
    layout, nuisance, rng = _begun(layout_name, seed)
    layers = draw_layers(nuisance, N_LAYERS, rng)
    responses = draw_responses(layout, layers, nuisance, targets, rng)
    runs = layout.stimuli["run"].to_numpy()
    features = draw_features(layers, nuisance, runs, targets, rng)
    subject = _subject(responses)
    _write(folder, layers, _recording(layout, subject, features, nuisance))


def write_drifting(folder: Path, layout_name: str, targets: int, seed: int) -> None:
    """Write a story whose responses are nuisance variables with weights that drift.

    Parameters
    ----------
    folder : Path
    layout_name : str
    targets : int
    seed : int
    """
    layout, nuisance, rng = _begun(layout_name, seed)
    layers = draw_layers(nuisance, N_LAYERS, rng)
    subject = _subject(draw_drifting(layout, nuisance, targets, rng))
    _write(folder, layers, _recording(layout, subject, None, nuisance))


def write_late(folder: Path, layout_name: str, targets: int, seed: int) -> None:
    """Write a story whose responses nuisance variables alone drive, sooner or later than is usual.

    Its layers carry the words before.

    Parameters
    ----------
    folder : Path
    layout_name : str
    targets : int
    seed : int
    """
    layout, nuisance, rng = _begun(layout_name, seed)
    layers = carrying(draw_layers(nuisance, N_LAYERS, rng), nuisance, rng)
    subject = _subject(draw_late(layout, nuisance, targets, rng))
    _write(folder, layers, _recording(layout, subject, None, nuisance))


def _begun(layout_name: str, seed: int) -> tuple[Layout, pd.DataFrame, np.random.Generator]:
    """Draw when words are met, and the nuisance variables of each."""
    rng = np.random.default_rng(seed)
    layout = LAYOUTS[layout_name](rng)
    return layout, draw_nuisance(layout.stimuli["id"], rng), rng


def _write(folder: Path, layers: Layers, recording: Recording) -> None:
    named = dict(zip(layers.names, layers.values, strict=True))
    write_folders(folder, recording, named)


def _subject(responses: Responses) -> Subject:
    """Put every response into a voxel of its own, and all of a kind into a region."""
    n = responses.series.shape[1]
    places = np.stack([np.arange(n), np.zeros(n, int), np.zeros(n, int)], axis=1)
    ids = [f"{at}:{name}" for at, name in enumerate(responses.names)]
    table = target_table(ids, responses.situations, places)
    series = responses.series.astype(np.float32)
    return Subject("simulated", series, table, np.eye(4), (n, 1, 1))


def write_regions(folder: Path, layout_name: str, regions: int, seed: int) -> None:
    """Write a story with regions of voxels for `decode`: half of them follow what words carry.

    Parameters
    ----------
    folder : Path
    layout_name : str
    regions : int
        Of each kind, and features of each kind.
    seed : int
    """
    layout, nuisance, rng = _begun(layout_name, seed)
    layers = draw_layers(nuisance, 1, rng)
    runs = layout.stimuli["run"].to_numpy()
    features = draw_features(layers, nuisance, runs, regions, rng)
    subject = _regions(layout, features, regions, rng)
    _write(folder, layers, _recording(layout, subject, features, nuisance))


def _regions(
    layout: Layout, features: pd.DataFrame, regions: int, rng: np.random.Generator
) -> Subject:
    """Regions of slow noise, and as many of which each follows a feature that no other does."""
    n_voxels = int(np.prod(CUBE))
    shape = (len(layout.samples), 2 * regions * n_voxels)
    noise = remembered(rng.normal(size=shape), rng.uniform(*MEMORY, shape[1]))
    held = features[[name for name in map(str, features) if name.startswith(f"{planted(0.4)}/")]]
    align = aligner(layout.timeline, word_rows(layout.stimuli), "glover", [0], centre=True)
    signal = align(held.to_numpy(float))
    signal = np.repeat(signal / signal.std(axis=0), n_voxels, axis=1)
    weights = np.sqrt([ACTIVE, 1 - ACTIVE]) * [1.0, 1.0]
    driven = slice(regions * n_voxels, None)
    noise[:, driven] = weights[0] * signal + weights[1] * noise[:, driven]
    runs = layout.samples["run"].to_numpy()
    series = clean(noise, runs, TR, CLEANING).astype(np.float32)
    names = [f"{SLOW}/{at:02}" for at in range(regions)]
    names += [f"{planted(0.4)}/{at:02}" for at in range(regions)]
    cube = np.stack(np.unravel_index(np.arange(n_voxels), CUBE), axis=1)
    apart = np.arange(len(names)) * (CUBE[0] + 1)
    places = (cube[None] + apart[:, None, None] * np.array([1, 0, 0])).reshape(-1, 3)
    table = target_table(
        [f"v{at:05}" for at in range(shape[1])],
        np.repeat(names, n_voxels).tolist(),
        places,
    )
    size = (int(apart[-1]) + CUBE[0], *CUBE[1:])
    return Subject("simulated", series, table, np.diag([3.0, 3.0, 3.0, 1.0]), size)


def _recording(
    layout: Layout, subject: Subject, features: pd.DataFrame | None, nuisance: pd.DataFrame
) -> Recording:
    return Recording(
        dataset="simulated",
        kind="timeseries",
        tr=TR,
        cleaning=CLEANING,
        stimuli=layout.stimuli,
        samples=layout.samples,
        subjects=[subject],
        features=features,
        nuisance=nuisance,
    )
