"""Recordings of images whose responses are known, shown in several orders."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.calibrate.simulated_folders import image_table, voxel_table, write_folders
from stages.calibrate.simulated_layers import remembered
from stages.core.recording.types import Recording, Subject

Array = NDArray[np.float64]
ALONE, GROUPED, TIMED = "images by themselves", "images in groups of four", "images in time"
STIMULI, GROUP = 120, 4
MEMORY = 0.5  # from image to image, in time
SHARED = 0.7  # of the variance, within groups
WIDTHS = (16, 32, 64, 128, 32, 64)  # of layers
UNITS = 12  # of a region
SIZES = (0.1, 0.2, 0.4)  # share of the variance of a planted region


def write_images(folder: Path, situation: str, regions: int, seed: int) -> None:
    """Write images with layers and regions that have nothing to do with each other.

    Parameters
    ----------
    folder : Path
    situation : str
        ALONE, GROUPED, TIMED. Of images by themselves, regions that follow a layer come last,
        named `SIZE/LAYER/NUMBER`.
    regions : int
        Of nothing, and of each size of what is planted.
    seed : int
    """
    rng = np.random.default_rng(seed)
    layers = {
        f"layer_{number:02}": draw_rows(situation, width, rng)
        for number, width in enumerate(WIDTHS)
    }
    parts = {f"nothing/{at:03}": draw_rows(situation, UNITS, rng) for at in range(regions)}
    if situation == ALONE:
        for size in SIZES:
            for at in range(regions):
                name = list(layers)[at % len(layers)]
                parts[f"{size:g}/{name}/{at:03}"] = _following(layers[name], size, rng)
    write_folders(folder, _recording(parts), layers)


def draw_rows(situation: str, width: int, rng: np.random.Generator) -> Array:
    """Draw white units, shape (STIMULI, width), alike or not from image to image."""
    noise = rng.normal(size=(STIMULI, width))
    if situation == TIMED:
        return remembered(noise, MEMORY)
    if situation == GROUPED:
        common = np.repeat(rng.normal(size=(STIMULI // GROUP, width)), GROUP, axis=0)
        return np.asarray(np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * noise)
    return noise


def _following(layer: Array, size: float, rng: np.random.Generator) -> Array:
    """Responses that share a part of their variance with a layer."""
    mixed = layer @ rng.normal(size=(layer.shape[1], UNITS)) / np.sqrt(layer.shape[1])
    noise = rng.normal(size=mixed.shape)
    return np.asarray(np.sqrt(size) * mixed + np.sqrt(1 - size) * noise)


def _recording(parts: dict[str, Array]) -> Recording:
    stimuli = image_table(STIMULI)
    series = np.concatenate(list(parts.values()), axis=1).astype(np.float32)
    targets = voxel_table(list(parts), UNITS)
    return Recording(
        dataset="simulated",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=stimuli[["id", "run", "onset"]],
        subjects=[Subject("simulated", series, targets, np.eye(4), (len(targets), 1, 1))],
    )
