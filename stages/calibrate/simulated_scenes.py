"""Images that one person saw three times, of which layers predict nothing, or a known part."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.simulated_folders import RECORDING, image_table, voxel_table, write_folders
from stages.calibrate.simulated_images import (
    ALONE,
    GROUP,
    GROUPED,
    SIZES,
    STIMULI,
    WIDTHS,
    draw_rows,
)
from stages.calibrate.simulated_layers import remembered
from stages.calibrate.simulated_repeats import REPEATS, signal_share
from stages.core.recording.types import Recording, Subject
from stages.core.run.origins import of_recording
from stages.core.run.tables import write_table

Array = NDArray[np.float64]
LAYERS = 3
VOXELS = 12  # of a region
WHITE, SKEWED, DRIFT = "white", "few images drive most", "drift within a session"
RELIABLE = 0.5  # share of a trial's variance that is signal, where something is planted
SHARES = (0.0, 0.5)  # the same where nothing is
COMMON = 0.5  # of what is not the layer's, between the voxels of a region
SLOW = 0.98  # from trial to trial, of drift
KNOWN, UNKNOWN = "groups", "none_alike"  # tables of which images are alike


def write_scenes(folder: Path, situation: str, regions: int, seed: int, *, apart: bool) -> None:
    """Write images with layers, and regions that layers predict or not.

    Parameters
    ----------
    folder : Path
        Gets a recording, layers, and tables of images that are alike: `KNOWN` says which are in
        groups, `UNKNOWN` that none are.
    situation : str
        ALONE, GROUPED or TIMED, of `stages.calibrate.simulated_images`. Of images by themselves
        there are regions of three kinds that no layer predicts. But of images in groups, there are
        regions that one does, such as `SIZE/LAYER/NUMBER`.
    regions : int
        Of each kind.
    seed : int
    apart : bool
        Whether two of eight images are kept apart.
    """
    rng = np.random.default_rng(seed)
    layers = {
        f"layer_{at:02}": draw_rows(situation, width, rng)
        for at, width in enumerate(WIDTHS[:LAYERS])
    }
    names = [f"{kind}/{at:03}" for kind in _kinds(situation) for at in range(regions)]
    if situation != GROUPED:
        names += [
            f"{size:g}/{list(layers)[at % len(layers)]}/{at:03}"
            for size in SIZES
            for at in range(regions)
        ]
    trials = [_trials(name, situation, layers, rng) for name in names]
    single = np.concatenate(trials, axis=-1)
    recording = _recording(single, names, apart=apart)
    write_folders(folder, recording, layers)
    _write_groups(folder, recording, situation)


def _kinds(situation: str) -> tuple[str, ...]:
    return (WHITE, SKEWED, DRIFT) if situation == ALONE else (WHITE,)


def _trials(name: str, situation: str, layers: dict[str, Array], rng: np.random.Generator) -> Array:
    """Draw three responses to each image, of variance 1: shape (REPEATS, STIMULI, VOXELS)."""
    kind, *planted = name.split("/")
    common = np.sqrt(COMMON) * draw_rows(situation, 1, rng)
    own = common + np.sqrt(1 - COMMON) * draw_rows(situation, VOXELS, rng)
    share: Array | float = rng.uniform(*SHARES, VOXELS)
    if kind == SKEWED:
        own = np.expm1(1.5 * own)
        own /= own.std(axis=0)
    if len(planted) == 2:
        layer, size, share = layers[planted[0]], float(kind), RELIABLE
        mixed = layer @ rng.normal(size=(layer.shape[1], VOXELS)) / np.sqrt(layer.shape[1])
        own = np.sqrt(size) * mixed + np.sqrt(1 - size) * own
    noise = rng.normal(size=(REPEATS, STIMULI, VOXELS))
    if kind == DRIFT:
        noise = np.sqrt(0.5) * (noise + _drift(rng))
    return np.asarray(np.sqrt(share) * own + np.sqrt(1 - np.asarray(share)) * noise)


def _drift(rng: np.random.Generator) -> Array:
    """Draw what drifts from trial to trial, images coming in random order; all voxels follow."""
    series = remembered(rng.normal(size=(REPEATS * STIMULI, 1)), SLOW)
    return rng.permutation(series).reshape(REPEATS, STIMULI, 1)


def _recording(single: Array, names: list[str], *, apart: bool) -> Recording:
    stimuli = image_table(STIMULI)
    samples = stimuli[["id", "run", "onset"]]
    if apart:
        tested = np.arange(STIMULI) % 8 < 2
        samples = samples.assign(split=np.where(tested, "test", "train"))
    targets = voxel_table(names, VOXELS)
    averaged = signal_share(single)
    trial = averaged / (averaged + REPEATS * (1 - averaged))
    targets["ncsnr"] = np.sqrt(trial / (1 - trial))
    own = pd.DataFrame({"id": stimuli["id"], "repeats": REPEATS})
    series = single.mean(axis=0).astype(np.float32)
    subject = Subject("simulated", series, targets, np.eye(4), (len(targets), 1, 1), own)
    return Recording("simulated", "events", None, None, stimuli, samples, [subject])


def _write_groups(folder: Path, recording: Recording, situation: str) -> None:
    ids = recording.stimuli["id"]
    step = GROUP if situation == GROUPED else 1
    first = ids.to_numpy()[np.arange(len(ids)) // step * step]
    made_from = of_recording(folder / RECORDING)
    for name, groups in ((KNOWN, first), (UNKNOWN, ids)):
        table = pd.DataFrame({"id": ids, "group": groups})
        write_table(folder / f"{name}.parquet", table, made_from)
