"""Families of curves whose lead is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.trajectory.leads.run_leads import Course

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """How a family of curves is drawn.

    Attributes
    ----------
    runs : int
        Seeds.
    octaves : int
        Checkpoints after step 0, one an octave.
    width : float
        Octaves over which the logistic course rises by a factor e of its odds.
    lead : float
        Mean lead of alignment, in octaves.
    between : float
        Standard deviation of the lead over runs.
    pace : float
        Standard deviation over runs of the time at which both curves are half way.
    alignment_noise, performance_noise : float
        Standard deviations in units of the rise.
    """

    runs: int
    octaves: int
    width: float
    lead: float
    between: float
    pace: float
    alignment_noise: float
    performance_noise: float


def planted_family(
    planted: Planted, draws: int, rng: np.random.Generator
) -> tuple[list[Course], list[Course]]:
    """Draw many families at once.

    Parameters
    ----------
    planted : Planted
    draws : int
    rng : Generator

    Returns
    -------
    alignment, performance : list of Course
        One per run, with values of shape (draws, octaves + 1). Performance falls short of its
        rise by as much as alignment: the two differ in time and in noise only.
    """
    after = np.arange(planted.octaves, dtype=float)
    octaves = np.concatenate([[-np.inf], after])
    alignment: list[Course] = []
    performance: list[Course] = []
    for _ in range(planted.runs):
        half = after.mean() + planted.pace * rng.normal(size=(draws, 1))
        lead = planted.lead + planted.between * rng.normal(size=(draws, 1))
        for courses, middle, noise in (
            (alignment, half - lead / 2, planted.alignment_noise),
            (performance, half + lead / 2, planted.performance_noise),
        ):
            rise = _logistic((octaves - middle) / planted.width)
            courses.append(Course(octaves, rise + noise * rng.normal(size=rise.shape)))
    return alignment, performance


def shuffled(courses: list[Course], rng: np.random.Generator) -> list[Course]:
    """Permute the checkpoints of every curve, as a control without any course."""
    return [Course(run.octaves, rng.permuted(run.values, axis=-1)) for run in courses]


def _logistic(values: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-values)))
