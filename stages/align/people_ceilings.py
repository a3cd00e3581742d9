"""Ceilings between people: how their responses agree on the images that all of them saw."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from stages.align.ceiling_rows import Rows, ceiling_labels, ceiling_rows
from stages.align.ceilings import between_subjects
from stages.align.representation import FEWEST_ROWS
from stages.align.sides import Ints, RegionSet
from stages.core.names.metrics import parse_metric
from stages.core.run.shared import Shared
from stages.core.stats.backend import Backend

log = logging.getLogger("concord.align")


@dataclass(frozen=True)
class PeopleTask:
    """One region of the people that have it, on the stimuli that all of them saw.

    Attributes
    ----------
    sides : sequence of Shared
        Of these people.
    region, split : str
    common : ndarray of int
        Rows of the stimuli.
    """

    sides: Sequence[Shared[RegionSet]]
    region: str
    split: str
    common: Ints


def people_tasks(sides: Sequence[Shared[RegionSet]]) -> list[PeopleTask]:
    """Make a task of each region that several people have.

    Parameters
    ----------
    sides : sequence of Shared
        One of each person, of the same split.
    """
    if len(sides) < 2:
        log.info("no ceiling between subjects: there is one subject only")
        return []
    known = [side.value for side in sides]
    common = reduce(np.intersect1d, [side.stimuli for side in known])
    if len(common) < FEWEST_ROWS:
        log.warning("no ceiling between subjects: they share %d images", len(common))
        return []
    tasks = []
    for region in dict.fromkeys(region for side in known for region in side.regions):
        having = [side for side in sides if region in side.value.regions]
        if len(having) < 2:
            log.info("region %s has no ceiling between subjects: one has it", region)
            continue
        tasks.append(PeopleTask(having, region, known[0].split, common))
    return tasks


def people_rows(task: PeopleTask, *, metrics: Sequence[str], backend: Backend) -> Rows:
    """Compare people in one region."""
    n = len(task.common)
    metrics = [name for name in metrics if parse_metric(name).k < n]
    sides = [side.value for side in task.sides]
    people = [
        side.region_features(side.regions.index(task.region))[_places(side.stimuli, task.common)]
        for side in sides
    ]
    names = [side.subjects[0] for side in sides]
    rows: Rows = []
    for metric, values in between_subjects(people, metrics, backend).items():
        labels = ceiling_labels(task.region, metric, task.split, "between_subject", n)
        rows += ceiling_rows(names, values, labels)
    return rows


def _places(stimuli: Ints, common: Ints) -> Ints:
    """Find where the common stimuli stand among one person's."""
    order = np.argsort(stimuli)
    return order[np.searchsorted(stimuli, common, sorter=order)]
