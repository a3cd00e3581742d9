"""Ceilings from repeats: how single measurements of one person agree with each other."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import harmonic_mean

import numpy as np

from stages.align.ceiling_rows import Rows, ceiling_labels, ceiling_rows
from stages.align.engine import align, measure
from stages.align.representation import FEWEST_ROWS, Features
from stages.align.sides import Ints, RegionSet
from stages.core.names.metrics import parse_metric
from stages.core.recording.types import Subject
from stages.core.run.shared import Shared
from stages.core.stats.backend import Array, Backend
from stages.core.stats.reliability import two_term_bound

KIND = "split_half"
REPEATS = 3
CLEAR = 4  # standard deviations of the agreement of unrelated measurements
APART = ~np.eye(REPEATS, dtype=bool)

log = logging.getLogger("concord.align")


@dataclass(frozen=True)
class RepeatTask:
    """One region of a person of whom single measurements are kept."""

    side: Shared[RegionSet]
    place: int


@dataclass(frozen=True)
class Measured:
    """Single measurements of some voxels.

    Attributes
    ----------
    single : ndarray, shape (3, n, n_voxels)
        Of the n stimuli that were measured three times.
    rows : ndarray of int, shape (n,)
        Rows of the subject's responses that these are behind.
    averaged : float
        Measurements in the average of a stimulus, the harmonic mean over all that were shown.
    """

    single: Features
    rows: Ints
    averaged: float


def repeat_tasks(sides: Sequence[Shared[RegionSet]]) -> list[RepeatTask]:
    """Make a task of each region of those of whom single measurements are kept."""
    return [
        RepeatTask(side, place)
        for side in sides
        if side.value.sources[0][0].single is not None
        for place in range(len(side.value.regions))
    ]


def repeat_rows(task: RepeatTask, *, metrics: Sequence[str], backend: Backend) -> Rows:
    """Find the ceilings of one region, from those of its stimuli that were measured again."""
    side, place = task.side.value, task.place
    name, region = side.subjects[place], side.regions[place]
    again = measurements(*side.sources[place])
    if again is None:
        return []
    n = again.single.shape[1]
    found: Rows = []
    for metric, value in split_half(again.single, metrics, backend, again.averaged).items():
        if np.isnan(value):
            log.info("region %s of subject %s: repeats do not agree by %s", region, name, metric)
            continue
        labels = ceiling_labels(region, metric, side.split, KIND, n)
        found += ceiling_rows([name], np.array([value]), labels)
    return found


def measurements(subject: Subject, shown: Ints, columns: Ints) -> Measured | None:
    """Read the single measurements of some voxels; None where none are kept.

    Parameters
    ----------
    subject : Subject
    shown, columns : ndarray of int
        Rows and columns of the subject's responses.
    """
    if subject.single is None or subject.samples is None:
        return None
    marked = np.flatnonzero(subject.samples["single"])
    if len(subject.single) != REPEATS * len(marked):
        return None
    averaged = harmonic_mean(subject.samples["repeats"].to_numpy()[shown].tolist())
    again = np.flatnonzero(np.isin(marked, shown))
    rows = (np.arange(REPEATS)[:, None] * len(marked) + again).ravel()
    single = subject.single[np.ix_(rows, columns)].reshape(REPEATS, -1, len(columns))
    return Measured(single, marked[again], averaged)


def repeat_metrics(metrics: Sequence[str]) -> list[str]:
    """Choose the metrics whose scores are correlations of centred matrices."""
    asked = {name: parse_metric(name) for name in metrics}
    return [
        name
        for name, metric in asked.items()
        if (metric.kind.routine == "kernel" and not metric.biased)
        or metric.comparison in ("pearson", "spearman")
    ]


def split_half(
    single: Features, metrics: Sequence[str], backend: Backend, averaged: float = REPEATS
) -> dict[str, float]:
    """Score that a model with the geometry of the noise-free responses would expect.

    Noise is taken to be independent between repeats, but not between voxels. Agreement of single
    measurements, and of each with the mean of the other two, tell how means of several agree with
    what all have in common (`stages.core.stats.reliability.two_term_bound`). For linear CKA this is
    the score itself; for RBF kernels and RSA the geometry that repeats have in common is that of
    noisy responses, and what is found is a bound from above (in simulated regions up to .03 for RSA
    by 1 - r, up to .08 for RBF kernels half as wide as the median distance).

    Parameters
    ----------
    single : ndarray, shape (3, n, n_voxels)
        Three measurements of the same n stimuli.
    metrics : sequence of str
        Some of those that `repeat_metrics` chooses.
    backend : Backend
    averaged : float
        Measurements in each average that is scored, their harmonic mean where these differ.

    Returns
    -------
    dict of float
        By metric; missing where single measurements do not clearly agree: by less than `CLEAR`
        standard deviations of their agreement over all permutations of the stimuli. Kernels all
        have the same; of Euclidean dissimilarities, where some stimuli are far from all others, it
        is three to seven times as much.
    """
    n = single.shape[1]
    if not metrics or n < FEWEST_ROWS:
        return {}
    values = np.asarray(single, dtype=np.float64)
    pairs = [np.delete(values, place, axis=0).mean(axis=0) for place in range(REPEATS)]
    rows = np.arange(n)[None]
    found = measure(list(values), [*values, *pairs], metrics, rows, backend)
    chance = _deviations(list(values), metrics, backend)
    return {name: _bound(scores[..., 0], chance[name], averaged) for name, scores in found.items()}


def _deviations(values: list[Array], metrics: Sequence[str], backend: Backend) -> dict[str, float]:
    """By how much the agreement of two measurements varies if stimuli are permuted."""
    n = len(values[0])
    known = {name: float(np.sqrt(2 / (n * (n - 3)))) for name in metrics}
    ranked = [name for name in metrics if parse_metric(name).comparison]
    if ranked:
        found = align(
            values,
            values,
            ranked,
            draws=1,
            seed=0,
            memory=backend.memory,
            dtype=backend.dtype,
            device=backend.device,
        )
        known |= {name: float(scores.null_sd[APART].mean()) for name, scores in found.items()}
    return known


def _bound(scores: Array, chance: float, averaged: float) -> float:
    """From the scores of each with each, and of each with the mean of the others."""
    one = float(scores[:, :REPEATS][APART].mean())
    two = float(np.diag(scores[:, REPEATS:]).mean())
    if one < CLEAR * chance:
        return float("nan")
    return two_term_bound(one, two, averaged)
