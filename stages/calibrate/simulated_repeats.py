"""Images that one person saw three times, in regions whose noise is known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.spatial.distance import pdist
from scipy.stats import rankdata

from stages.calibrate.simulated_folders import image_table, voxel_table, write_folders
from stages.core.recording.types import Recording, Subject

Array = NDArray[np.float64]
ALONE, SHARED, NOTHING = "noise of each voxel", "noise that voxels share", "nothing but noise"
SITUATIONS = (ALONE, SHARED, NOTHING)
METRICS = ("cka_linear", "rsa_pearson", "rsa_spearman")
STIMULI, VOXELS, REPEATS = 100, 40, 3
LATENT = 8  # directions of a region's signal
SIGNAL = 0.5  # share of the variance of means
MEMORY = 0.9  # from voxel to voxel, of noise that they share
DRAWS = 16  # of noise, behind each true ceiling


def draw_repeats(situation: str, regions: int, seed: int) -> tuple[Array, Array]:
    """Draw what regions respond to each image, and three measurements of it.

    Returns
    -------
    signal : ndarray, shape (regions, STIMULI, VOXELS)
        All 0 of `NOTHING`.
    single : ndarray, shape (regions, REPEATS, STIMULI, VOXELS)
    """
    rng = np.random.default_rng([seed, SITUATIONS.index(situation)])
    mixed = rng.normal(size=(regions, STIMULI, LATENT)) @ rng.normal(size=(regions, LATENT, VOXELS))
    signal = mixed / mixed.std(axis=1, keepdims=True)
    if situation == NOTHING:
        signal = np.zeros_like(signal)
    noise = _noise(situation, (regions, REPEATS, STIMULI, VOXELS), rng)
    return signal, signal[:, None] + noise


def write_repeats(folder: Path, regions: int, seed: int) -> None:
    """Write a recording of so many regions in each of `SITUATIONS`, named `SITUATION/NUMBER`."""
    drawn = [draw_repeats(situation, regions, seed)[1] for situation in SITUATIONS]
    single = np.concatenate([np.concatenate(list(one), axis=-1) for one in drawn], axis=-1)
    names = [f"{situation}/{at:03}" for situation in SITUATIONS for at in range(regions)]
    stimuli, subject = image_table(STIMULI), repeated("simulated", single, names)
    samples = stimuli[["id", "run", "onset"]].assign(split="test")
    recording = Recording("simulated", "events", None, None, stimuli, samples, [subject])
    write_folders(folder, recording, {})


def repeated(name: str, single: Array, regions: Sequence[str]) -> Subject:
    """Make one person of single responses, all kept, whose regions have as many voxels each.

    Parameters
    ----------
    name : str
    single : ndarray, shape (REPEATS, n_images, n_voxels)
    regions : sequence of str
    """
    n = single.shape[-1]
    targets = voxel_table(regions, n // len(regions))
    targets["ceiling"] = np.sqrt(signal_share(single))
    ids = image_table(single.shape[1])["id"]
    own = pd.DataFrame({"id": ids, "repeats": REPEATS, "single": True})
    return Subject(
        name,
        single.mean(axis=0).astype(np.float32),
        targets,
        np.eye(4),
        (n, 1, 1),
        own,
        single.reshape(-1, n).astype(np.float32),
    )


def signal_share(single: Array) -> Array:
    """Share of signal in the variance of each voxel's means, as the ncsnr tells it.

    Parameters
    ----------
    single : ndarray, shape (REPEATS, n_stimuli, n_voxels)
    """
    noise = single.var(axis=0, ddof=1).mean(axis=0) / REPEATS
    share: Array = np.clip(1 - noise / single.mean(axis=0).var(axis=0, ddof=1), 0, 1)
    return share


def true_ceilings(situation: str, signal: Array, seed: int) -> dict[str, Array]:
    """Find what a model with the geometry of the signal scores on average, by metric.

    Parameters
    ----------
    situation : str
    signal : ndarray, shape (n_regions, STIMULI, VOXELS)
    seed : int

    Returns
    -------
    dict of ndarray, shape (n_regions,)
    """
    rng = np.random.default_rng([seed, 7])
    found: dict[str, list[float]] = {metric: [] for metric in METRICS}
    for one in signal:
        noise = _noise(situation, (DRAWS, REPEATS, *one.shape), rng).mean(axis=1)
        for metric, values in found.items():
            right = np.stack([unit(one + drawn, metric) for drawn in noise])
            values.append(float((right @ unit(one, metric)).mean()))
    return {metric: np.array(values) for metric, values in found.items()}


def agreements(single: Array, metric: str) -> float:
    """Mean score of each measurement with each other."""
    units = np.stack([unit(one, metric) for one in single])
    return float((units @ units.T)[np.triu_indices(len(units), 1)].mean())


def unit(features: Array, metric: str) -> Array:
    """Make what a metric compares, so that an inner product of two of them is the score.

    The U-centred kernel (Székely & Rizzo 2014) above its diagonal, or centred dissimilarities or
    their ranks.
    """
    if metric == "cka_linear":
        kernel, n = features @ features.T, len(features)
        np.fill_diagonal(kernel, 0)
        rows = kernel.sum(axis=0) / (n - 2)
        kernel += rows.sum() / (n - 1) - rows - rows[:, None]
        pairs = kernel[np.triu_indices(n, 1)]
    else:
        pairs = pdist(features, "correlation")
        pairs = rankdata(pairs) if metric == "rsa_spearman" else pairs
        pairs = pairs - pairs.mean()
    length: Array = pairs / np.linalg.norm(pairs)
    return length


def _noise(situation: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Noise of single measurements, as large as `SIGNAL` asks."""
    noise = rng.normal(size=shape)
    if situation == SHARED:
        noise[..., 0] /= np.sqrt(1 - MEMORY**2)
        noise = lfilter([np.sqrt(1 - MEMORY**2)], [1.0, -MEMORY], noise, axis=-1)
    return np.asarray(np.sqrt(REPEATS * (1 - SIGNAL) / SIGNAL) * noise)
