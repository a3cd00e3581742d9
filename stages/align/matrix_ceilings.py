"""Ceilings of dissimilarities: how people agree by region, and what their mean can reach."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stages.align.ceiling_rows import Rows, ceiling_labels, ceiling_rows
from stages.align.ceilings import subject_bounds
from stages.align.engine import measure
from stages.align.representation import Representation
from stages.align.sides import RegionSet
from stages.core.names.metrics import parse_metric
from stages.core.names.vocabulary import GROUP
from stages.core.run.shared import Shared
from stages.core.stats.backend import Backend
from stages.core.stats.reliability import bound_of_the_mean

log = logging.getLogger("concord.align")


@dataclass(frozen=True)
class Matrices:
    """Dissimilarities of all regions of all subjects, in the order of the set's regions."""

    side: RegionSet
    known: Sequence[Representation]


@dataclass(frozen=True)
class MatrixTask:
    """One region of all subjects that have it."""

    of: Shared[Matrices]
    region: str


def matrix_tasks(side: RegionSet) -> list[MatrixTask]:
    """Make a task of each region."""
    shared = Shared(Matrices(side, side.representations()))
    return [MatrixTask(shared, region) for region in dict.fromkeys(side.regions)]


def matrix_rows(task: MatrixTask, *, metrics: Sequence[str], backend: Backend) -> Rows:
    """Find the ceilings of one region: of several people, or of one."""
    side = task.of.value.side
    people = [
        place
        for place, (subject, name) in enumerate(zip(side.subjects, side.regions, strict=True))
        if name == task.region and subject != GROUP
    ]
    rows_of = _people_rows if len(people) > 1 else _alone_rows
    return rows_of(task.of.value, task.region, people, metrics, backend)


def _people_rows(
    of: Matrices, region: str, people: list[int], metrics: Sequence[str], backend: Backend
) -> Rows:
    """Compare people by region, and say what their mean can reach."""
    side, of_people = of.side, [of.known[place] for place in people]
    names, n = [side.subjects[place] for place in people], len(side.stimuli)
    rows: Rows = []
    for metric, bounds in subject_bounds(of_people, metrics, backend).items():
        for kind, values in (("nili_lower", bounds.lower), ("nili_upper", bounds.upper)):
            rows += ceiling_rows(names, values, ceiling_labels(region, metric, side.split, kind, n))
    if GROUP not in side.subjects:
        return rows
    # Correlations, for which Spearman and Brown's formula holds.
    graded = [name for name in metrics if parse_metric(name).comparison in ("pearson", "spearman")]
    for metric, value in mean_reliability(of_people, graded, n, backend).items():
        labels = ceiling_labels(region, metric, side.split, "spearman_brown", n)
        rows += ceiling_rows([GROUP], np.array([value]), labels)
    return rows


def _alone_rows(
    of: Matrices, region: str, people: list[int], metrics: Sequence[str], backend: Backend
) -> Rows:
    """Compare what one subject alone has, as the monkey, with the mean of people elsewhere."""
    side = of.side
    means = [k for k, name in enumerate(side.subjects) if name == GROUP]
    others = [of.known[place] for place in means if side.regions[place] != region]
    if not people or not others:
        log.info("region %s has no ceiling: there is one subject only", region)
        return []
    n = len(side.stimuli)
    found = measure([of.known[people[0]]], others, metrics, np.arange(n)[None], backend)
    rows: Rows = []
    for metric, scores in found.items():
        labels = ceiling_labels(region, metric, side.split, "between_regions", n)
        best = scores[0, :, 0].max(keepdims=True)
        rows += ceiling_rows([side.subjects[people[0]]], best, labels)
    return rows


def mean_reliability(
    people: Sequence[Representation], metrics: Sequence[str], n: int, backend: Backend
) -> dict[str, float]:
    """Correlation of the mean of people with what infinitely many would give.

    From the mean correlation between two people; n is the number of rows.
    """
    if not metrics:
        return {}
    k = len(people)
    found = measure(people, people, metrics, np.arange(n)[None], backend)
    others = ~np.eye(k, dtype=bool)
    between = {name: float(scores[..., 0][others].mean()) for name, scores in found.items()}
    return {name: bound_of_the_mean(r, k) for name, r in between.items()}
