"""Areas of two people who saw images three times, in one order, with noise of several kinds."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.calibrate.simulated_folders import image_table, write_folders
from stages.calibrate.simulated_layers import remembered
from stages.calibrate.simulated_repeats import REPEATS, repeated
from stages.core.recording.types import Recording

Array = NDArray[np.float64]
NOISE, TRIAL, DRIFT, TREND = (
    *("noise of each voxel", "noise that areas share"),
    *("drift, memory .98", "a line from first to last trial"),
)
NOTHING = (NOISE, TRIAL, DRIFT, TREND)
PLANTED = "20% of variance planted"
SITUATIONS = (*NOTHING, PLANTED)
PEOPLE = ("s00", "s01")
IMAGES, VOXELS, LATENT = 100, 12, 6
SIGNAL, SHARED = 0.3, 0.35  # of a trial's variance
OWN = 0.1  # of it, of an area's own signal where something is planted
MEMORY = 0.98  # from trial to trial


def write_areas(folder: Path, areas: int, seed: int) -> None:
    """Write areas named `SITUATION/NUMBER`, each with a signal that no other area has.

    Beside it areas share noise of `NOTHING`; or, of `PLANTED`, a signal, in both people.

    Parameters
    ----------
    folder : Path
    areas : int
        Of each situation and person.
    seed : int
    """
    rng = np.random.default_rng(seed)
    trials = _order(rng)
    common = rng.normal(size=(IMAGES, LATENT))
    names = [f"{situation}/{at:03}" for situation in SITUATIONS for at in range(areas)]
    subjects = []
    for person in PEOPLE:
        series = {situation: _shared(situation, rng) for situation in NOTHING}
        parts = [_area(name.split("/")[0], common, series, trials, rng) for name in names]
        subjects.append(repeated(person, np.concatenate(parts, axis=-1), names))
    stimuli = image_table(IMAGES)
    samples = stimuli[["id", "run", "onset"]].assign(split="test")
    recording = Recording("simulated", "events", None, None, stimuli, samples, subjects)
    write_folders(folder, recording, {"layer_00": rng.normal(size=(IMAGES, LATENT))})


def _order(rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw the trials of each image, in the order of time: shape (REPEATS, IMAGES)."""
    drawn = rng.permutation(REPEATS * IMAGES).reshape(REPEATS, IMAGES)
    return np.asarray(np.sort(drawn, axis=0), dtype=np.intp)


def _shared(situation: str, rng: np.random.Generator) -> Array:
    """Draw what areas of a person have in common, trial by trial: shape (n_trials, LATENT)."""
    noise = rng.normal(size=(REPEATS * IMAGES, LATENT))
    if situation == DRIFT:
        return remembered(noise, MEMORY)
    if situation == TREND:
        line = np.linspace(-1, 1, len(noise)) * np.sqrt(3)
        return np.outer(line, rng.normal(size=LATENT))
    return noise if situation == TRIAL else 0 * noise


def _area(
    situation: str,
    common: Array,
    series: dict[str, Array],
    trials: NDArray[np.intp],
    rng: np.random.Generator,
) -> Array:
    """Draw single responses of one area, of variance 1: shape (REPEATS, IMAGES, VOXELS)."""
    weights = rng.normal(size=(2, LATENT, VOXELS)) / np.sqrt(LATENT)
    own = rng.normal(size=(IMAGES, LATENT)) @ weights[0]
    noise = rng.normal(size=(REPEATS, IMAGES, VOXELS))
    if situation == PLANTED:
        signal = np.sqrt(OWN) * own + np.sqrt(0.2) * common @ weights[1]
        return np.asarray(signal + np.sqrt(1 - OWN - 0.2) * noise)
    other = (series[situation] @ weights[1])[trials]
    share = SHARED if situation != NOISE else 0.0
    rest = np.sqrt(1 - SIGNAL - share) * noise
    return np.asarray(np.sqrt(SIGNAL) * own + np.sqrt(share) * other + rest)
