"""Simulated brains: where the voxels lie, and what is measured there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from stages.core.names.aal import AAL_NAMES
from stages.simulate.story.atlas import Region
from stages.simulate.story.timetable import RUNS, TR

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

# Voxels of 3 mm, indices from 1 to MNI millimetres, x running from right to left as SPM has it.
VOXEL_SIZE = 3.0
AFFINE = np.array([[-3.0, 0, 0, 81], [0, 3, 0, -115], [0, 0, 3, -53], [0, 0, 0, 1]])
DIMENSIONS = (53, 63, 46)
BRAIN_CENTRE, BRAIN_RADII = np.array([0.0, -18, 10]), np.array([65.0, 82, 55])
UNLABELLED_VOXELS = 150
TINY_VOXELS = 3

# Share of a voxel's planted variance that is its own, and of its noise that its region shares.
OWN_SIGNAL = 0.6
SHARED_NOISE = 0.5
# All in units of the noise of one voxel, which is this share of its baseline.
NOISE = 0.012
DRIFT = 1.0
DRIFT_PERIOD = 240.0  # seconds; drift is slower
SPIKE = 2.5
SPIKES_PER_RUN = 3
# Digits of the signal, whose noise is about 9: of 10 million values that differ between processors
# by 1e-12, 1e-3 are expected to be rounded otherwise elsewhere.
DIGITS = 2


@dataclass(frozen=True)
class Anatomy:
    """The voxels of one subject.

    Attributes
    ----------
    shape : tuple of int
        Dimensions of the volume.
    coordinates : ndarray of int, shape (n_voxels, 3)
        Indices of each voxel, from 1.
    labels : ndarray of int, shape (n_voxels,)
        Number of its region in the atlas; 0 for none.
    """

    shape: tuple[int, int, int]
    coordinates: Ints
    labels: Ints


def make_anatomy(
    regions: Sequence[Region], sizes: Sequence[int], rng: np.random.Generator
) -> Anatomy:
    """Place the voxels of one subject: compact regions, and voxels without a label.

    Parameters
    ----------
    regions : sequence of Region
    sizes : sequence of int
        Voxels of each.
    rng : Generator
    """
    x, y, z = (size + int(rng.integers(-1, 2)) for size in DIMENSIONS)
    grid = np.indices((x, y, z)).reshape(3, -1).T + 1
    place = grid @ AFFINE[:3, :3].T + AFFINE[:3, 3]
    inside = (((place - BRAIN_CENTRE) / BRAIN_RADII) ** 2).sum(axis=1) <= 1
    labels = np.full(len(grid), -1)
    for region, size in zip(regions, sizes, strict=True):
        centre = np.array(region.centre) + rng.normal(0, 2, 3)
        free = inside & (labels == -1) & (np.sign(place[:, 0]) == np.sign(region.centre[0]))
        candidates = np.flatnonzero(free)
        distance = ((place[candidates] - centre) ** 2).sum(axis=1)
        nearest = candidates[np.argsort(distance, kind="stable")[:size]]
        labels[nearest] = AAL_NAMES.index(region.name) + 1
    rest = np.flatnonzero(inside & (labels == -1))
    labels[rng.choice(rest, UNLABELLED_VOXELS, replace=False)] = 0
    voxels = rng.permutation(np.flatnonzero(labels >= 0))
    return Anatomy((x, y, z), grid[voxels], labels[voxels])


def measure(
    anatomy: Anatomy,
    courses: Mapping[str, Array | None],
    signal: float,
    autocorrelation: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Simulate the raw signal of every voxel of one subject.

    A voxel has a baseline and varies around it with what drives its region (partly shared
    by the region, partly its own mixture), first-order autoregressive noise (half of its
    variance shared by the region, so that averaging does not remove it), slow drift in
    every run, and spikes as head movements make them, everywhere at once.

    Parameters
    ----------
    anatomy : Anatomy
    courses : mapping of str to ndarray, shape (n_volumes, 1 + n_courses), or None
        What drives each region by name, what its voxels share first. Nothing drives the others.
    signal : float
        Standard deviation of what is planted, in units of the noise.
    autocorrelation : float
        Of the noise, from one volume to the next.
    rng : Generator

    Returns
    -------
    ndarray of float32, shape (n_volumes, n_voxels)
        Rounded to `DIGITS`.
    """
    n_voxels = len(anatomy.labels)
    varying = drift(n_voxels, rng) + spikes(n_voxels, rng)
    for label in np.unique(anatomy.labels):
        voxels = np.flatnonzero(anatomy.labels == label)
        varying[:, voxels] += region_noise(len(voxels), autocorrelation, rng)
        planted = courses.get(AAL_NAMES[label - 1]) if label else None
        if planted is not None:
            varying[:, voxels] += signal * voxel_signal(planted, len(voxels), rng)
    baseline = rng.uniform(500, 1000, n_voxels)
    return (baseline * (1 + NOISE * varying)).round(DIGITS).astype(np.float32)


def voxel_signal(courses: Array, n_voxels: int, rng: np.random.Generator) -> Array:
    """Mix what a region shares with a random mixture of each voxel, shape (n_volumes, n_voxels)."""
    weights = rng.standard_normal((courses.shape[1] - 1, n_voxels))
    weights /= np.linalg.norm(weights, axis=0)
    own, shared = courses[:, 1:] @ weights, courses[:, :1]
    mixed: Array = np.sqrt(1 - OWN_SIGNAL) * shared + np.sqrt(OWN_SIGNAL) * own
    return mixed


def region_noise(n_voxels: int, autocorrelation: float, rng: np.random.Generator) -> Array:
    """Noise of unit variance, partly shared, shape (n_volumes, n_voxels)."""
    own = autoregressive(n_voxels, autocorrelation, rng)
    shared = autoregressive(1, autocorrelation, rng)
    mixed: Array = np.sqrt(SHARED_NOISE) * shared + np.sqrt(1 - SHARED_NOISE) * own
    return mixed


def autoregressive(n_series: int, autocorrelation: float, rng: np.random.Generator) -> Array:
    """Stationary AR(1) noise of unit variance, each run starting anew.

    Returns
    -------
    ndarray, shape (n_volumes, n_series)
    """
    runs = []
    for run in RUNS:
        steps = rng.standard_normal((run.n_trs, n_series))
        steps[1:] *= np.sqrt(1 - autocorrelation**2)
        runs.append(lfilter([1], [1, -autocorrelation], steps, axis=0))
    return np.concatenate(runs)


def drift(n_voxels: int, rng: np.random.Generator) -> Array:
    """Draw a line and slow cosines in every run, shape (n_volumes, n_voxels)."""
    runs = []
    for run in RUNS:
        order = np.arange(1, 1 + int(2 * run.n_trs * TR / DRIFT_PERIOD))
        phase = np.pi * (np.arange(run.n_trs) + 0.5) / run.n_trs
        slow = np.column_stack([np.linspace(-1, 1, run.n_trs), np.cos(np.outer(phase, order))])
        weights = rng.standard_normal((slow.shape[1], n_voxels)) / np.sqrt(slow.shape[1])
        runs.append(DRIFT * slow @ weights)
    return np.concatenate(runs)


def spikes(n_voxels: int, rng: np.random.Generator) -> Array:
    """Sudden displacements that fade over a few volumes, shape (n_volumes, n_voxels)."""
    runs = []
    for run in RUNS:
        impulses = np.zeros((run.n_trs, 1))
        at = rng.choice(run.n_trs, SPIKES_PER_RUN, replace=False)
        impulses[at, 0] = rng.normal(0, SPIKE, SPIKES_PER_RUN)
        runs.append(lfilter([1], [1, -0.5], impulses, axis=0))
    return np.concatenate(runs) * rng.normal(1, 0.5, n_voxels)
