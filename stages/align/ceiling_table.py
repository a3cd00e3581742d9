"""The ceilings of a recording: how well each of its regions can be aligned with at all."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd

from stages.align.ceiling_rows import Rows, ceiling_labels, ceiling_rows
from stages.align.ceilings import ncsnr_ceiling
from stages.align.matrix_ceilings import matrix_rows, matrix_tasks
from stages.align.people_ceilings import people_rows, people_tasks
from stages.align.repeat_ceilings import repeat_metrics, repeat_rows, repeat_tasks
from stages.align.side_scores import possible_metrics
from stages.align.sides import RegionSet, cut_sides
from stages.core.names.metrics import parse_metric
from stages.core.params.schema import Align
from stages.core.recording.types import Recording
from stages.core.results.results import results_table
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.backend import Backend
from stages.core.stats.devices import choose_backends

TEST = "test"  # the split that everybody saw
T = TypeVar("T")

log = logging.getLogger("concord.align")


@dataclass(frozen=True)
class _Task:
    """One region of a set of them."""

    side: Shared[RegionSet]
    place: int


def ceiling_table(recording: Recording, settings: Align) -> pd.DataFrame:
    """Find the ceilings of every region, metric and split.

    Kinds, of dissimilarities: `nili_lower` and `nili_upper` of every person, `spearman_brown` of
    their mean, and of a region that one subject alone has `between_regions`, its alignment with
    the mean of people in the region that is most like it. Of responses: `ncsnr` of every person,
    by kernel metrics, `split_half` of whoever single measurements are kept, from those images of
    a split that were measured three times, and `between_subject` on the images that everybody saw,
    of regions that several people have.

    `ncsnr` takes noise to be independent between voxels. Where they share it, the ceiling of CKA is
    too high, a bound from above; that of dissimilarities and of neighbours is too low (.03 for .77
    of `rsa_pearson`, .08 for .22 of mutual kNN), no bound at all, and so is not given.

    Returns
    -------
    DataFrame
        A results table of the kind `ceiling`; score and ceiling are the same number.

    Raises
    ------
    InputError
        As those of `stages.align.model.align_model`.
    """
    sides = cut_sides(recording, settings.min_voxels)
    metrics = possible_metrics(settings.metrics, sides)
    backend = choose_backends()[0]
    if recording.kind == "rdm":
        rows = _matrix_rows(sides, metrics, backend)
    else:
        shared = [Shared(side) for side in sides]
        rows = _noise_rows(shared, metrics, settings.seed, backend)
        rows += _repeat_rows(shared, metrics, backend)
        rows += _people_rows(shared, metrics, backend)
    table = results_table(rows)
    return table.assign(dataset=recording.dataset, kind="ceiling", ceiling=table["score"])


def _matrix_rows(sides: Sequence[RegionSet], metrics: Sequence[str], backend: Backend) -> Rows:
    """Compare people by their dissimilarities."""
    tasks = [task for side in sides for task in matrix_tasks(side)]
    return _of_all(partial(matrix_rows, metrics=metrics, backend=backend), tasks)


def _repeat_rows(
    sides: Sequence[Shared[RegionSet]], metrics: Sequence[str], backend: Backend
) -> Rows:
    """Compare single measurements of one person with each other."""
    run = partial(repeat_rows, metrics=repeat_metrics(metrics), backend=backend)
    return _of_all(run, repeat_tasks(sides))


def _people_rows(
    sides: Sequence[Shared[RegionSet]], metrics: Sequence[str], backend: Backend
) -> Rows:
    """Compare people by their responses to the images that all of them saw."""
    tasks = people_tasks([side for side in sides if side.value.split == TEST])
    return _of_all(partial(people_rows, metrics=metrics, backend=backend), tasks)


def _noise_rows(
    sides: Sequence[Shared[RegionSet]], metrics: Sequence[str], seed: int, backend: Backend
) -> Rows:
    """Say what a perfect model would score, by the metrics that are bounded so."""
    bounded = [name for name in metrics if parse_metric(name).kind.routine == "kernel"]
    tasks = [
        _Task(side, place)
        for side in (sides if bounded else [])
        for place in range(len(side.value.regions))
    ]
    return _of_all(partial(_region_noise, metrics=bounded, seed=seed, backend=backend), tasks)


def _of_all(run: Callable[[T], Rows], tasks: Sequence[T]) -> Rows:
    """Run all tasks, each on one thread of linear algebra: more would round the sums otherwise."""
    return [row for found in parallel_map(run, tasks, "ceilings") for row in found]


def _region_noise(task: _Task, *, metrics: Sequence[str], seed: int, backend: Backend) -> Rows:
    """Say what a perfect model would score in one region, from the noise of every voxel."""
    side, place = task.side.value, task.place
    name, region = side.subjects[place], side.regions[place]
    subject, _, columns = side.sources[place]
    limits = subject.targets["ceiling"].to_numpy(float)[columns]
    if np.isnan(limits).any():
        log.warning("region %s of subject %s: voxels without a noise ceiling", region, name)
        return []
    if not limits.any():
        log.warning("region %s of subject %s has no ceiling: it is all noise", region, name)
        return []
    responses = side.region_features(place)
    found = ncsnr_ceiling(responses, limits**2, metrics, seed=seed, backend=backend)
    rows: Rows = []
    for metric, value in found.items():
        labels = ceiling_labels(region, metric, side.split, "ncsnr", len(side.stimuli))
        rows += ceiling_rows([name], np.array([value]), labels)
    return rows
