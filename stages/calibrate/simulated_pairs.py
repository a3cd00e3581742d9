"""Images that people saw, with pairs of models that are equally near to them, or not."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group

from stages.calibrate.simulated_folders import image_table, voxel_table, write_folders
from stages.calibrate.simulated_repeats import METRICS as CORRELATED
from stages.calibrate.simulated_repeats import unit
from stages.core.recording.types import Recording, Subject

Array = NDArray[np.float64]
NOTHING, ALIKE, BETTER = "two models of noise", "two models alike", "one model better"
APART = "two models alike, people prefer one"
PAIRS = (NOTHING, ALIKE, BETTER, APART)
GROUPED = "two models alike, images in groups of four"
METRICS = (*CORRELATED, "mutual_knn_10")
NEIGHBOURS = 10
PEOPLE, IMAGES, GROUP = 4, 80, 4
LATENT, UNITS, VOXELS = 8, 24, 12
NOISE, WORSE = 0.7, 1.2  # of a model's units beside the signal, and of the other of `BETTER`
RESPONSE = 1.5  # noise of voxels
SHARED = 0.7  # of the variance, within groups


def write_pairs(folder: Path, situation: str, pairs: int, seed: int) -> None:
    """Write people with a region for each pair of models, all named by the pair's number.

    Parameters
    ----------
    folder : Path
        Gets a recording with regions such as `003`, and layers `003a` and `003b`, each a model.
    situation : str
        One of `PAIRS`, or `GROUPED`.
    pairs : int
    seed : int
    """
    rng = np.random.default_rng(seed)
    models: dict[str, Array] = {}
    people: list[list[Array]] = [[] for _ in range(PEOPLE)]
    names = [f"{at:03}" for at in range(pairs)]
    for name in names:
        both, responses = draw_pair(situation, PEOPLE, rng)
        models |= {f"{name}{letter}": one for letter, one in zip("ab", both, strict=True)}
        for person, one in zip(people, responses, strict=True):
            person.append(one)
    write_folders(folder, _recording(people, names), models)


def draw_pair(
    situation: str, people: int, rng: np.random.Generator
) -> tuple[list[Array], list[Array]]:
    """Draw two models, and what a region of each person responds.

    Of a signal, models and people have rotations, so that all geometries of it are one.

    Returns
    -------
    models : list of ndarray, shape (IMAGES, UNITS)
        Of `BETTER` the first is the better one.
    responses : list of ndarray, shape (IMAGES, VOXELS)
    """
    signal = _images(situation, LATENT, rng)
    held = [np.hstack([signal, _images(situation, LATENT, rng)]) for _ in range(2)]
    added = (NOISE, WORSE if situation == BETTER else NOISE)
    models = [
        _turned(one, UNITS, rng) + sd * _images(situation, UNITS, rng)
        for one, sd in zip(held, added, strict=True)
    ]
    responses = []
    for liked in rng.uniform(size=people):
        seen = _images(situation, LATENT, rng) if situation == NOTHING else signal
        if situation == APART:
            own = [one[:, LATENT:] for one in held]
            seen = (seen + np.sqrt(liked) * own[0] + np.sqrt(1 - liked) * own[1]) / np.sqrt(2)
        noise = RESPONSE * _images(situation, VOXELS, rng)
        responses.append(_turned(seen, VOXELS, rng) + noise)
    return models, responses


def true_difference(metric: str, draws: int, seed: int) -> float:
    """Find the mean difference of the scores of two models of which one is better.

    Parameters
    ----------
    metric : str
    draws : int
        Of images, models and a person each.
    seed : int
    """
    rng = np.random.default_rng([seed, METRICS.index(metric)])
    found = []
    for _ in range(draws):
        (one, other), (person,) = draw_pair(BETTER, 1, rng)
        found.append(score(one, person, metric) - score(other, person, metric))
    return float(np.mean(found))


def score(left: Array, right: Array, metric: str) -> float:
    """Score two representations, shape (n, any), by one of `METRICS`."""
    if metric in CORRELATED:
        return float(unit(left, metric) @ unit(right, metric))
    near = [_nearest(values) for values in (left, right)]
    return float((near[0] & near[1]).sum() / NEIGHBOURS / len(left))


def _nearest(features: Array) -> NDArray[np.bool_]:
    """Mark the nearest neighbours of every row by cosine, as mutual kNN does."""
    apart = cdist(features, features, "cosine")
    np.fill_diagonal(apart, np.inf)
    order = np.argsort(apart, axis=1)[:, :NEIGHBOURS]
    marked = np.zeros(apart.shape, dtype=np.bool_)
    np.put_along_axis(marked, order, values=True, axis=1)
    return marked


def _images(situation: str, width: int, rng: np.random.Generator) -> Array:
    noise = rng.normal(size=(IMAGES, width))
    if situation != GROUPED:
        return noise
    common = np.repeat(rng.normal(size=(IMAGES // GROUP, width)), GROUP, axis=0)
    return np.asarray(np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * noise)


def _turned(values: Array, width: int, rng: np.random.Generator) -> Array:
    rotation = ortho_group.rvs(width, random_state=rng)[: values.shape[1]]
    return np.asarray(values @ rotation)


def _recording(people: list[list[Array]], names: list[str]) -> Recording:
    stimuli = image_table(IMAGES)
    targets = voxel_table(names, VOXELS)
    subjects = [
        Subject(
            f"s{number:02}",
            np.concatenate(parts, axis=1).astype(np.float32),
            targets,
            np.eye(4),
            (len(targets), 1, 1),
        )
        for number, parts in enumerate(people)
    ]
    samples = stimuli[["id", "run", "onset"]]
    return Recording("simulated", "events", None, None, stimuli, samples, subjects)
