"""The ceilings of a recording: how well each of its regions can be aligned with at all."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
import pandas as pd

from stages.align.backend import Array, Backend
from stages.align.ceilings import between_subjects, ncsnr_ceiling, subject_bounds
from stages.align.engine import measure
from stages.align.representation import FEWEST_ROWS, Representation
from stages.align.side_scores import possible_metrics
from stages.align.sides import Ints, RegionSet, cut_sides
from stages.align.workers import choose_backends
from stages.core.names.metrics import parse_metric
from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import Align
from stages.core.recording.types import Recording
from stages.core.results.results import results_table
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.reliability import bound_of_the_mean

TEST = "test"  # the split that everybody saw
Rows = list[dict[str, Any]]

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
    by kernel metrics, and `between_subject` on the images that everybody saw, of regions that
    several people have.

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
        rows = [row for side in sides for row in _matrix_rows(side, metrics, backend)]
    else:
        bounded = [name for name in metrics if parse_metric(name).kind.routine == "kernel"]
        run = partial(_noise_rows, metrics=bounded, seed=settings.seed, backend=backend)
        tasks = [
            _Task(shared, place)
            for shared in map(Shared, sides if bounded else [])
            for place in range(len(shared.value.regions))
        ]
        rows = [row for found in parallel_map(run, tasks, "ceilings") for row in found]
        shared = [side for side in sides if side.split == TEST]
        rows += _between_rows(shared, metrics, backend)
    table = results_table(rows)
    return table.assign(dataset=recording.dataset, kind="ceiling", ceiling=table["score"])


def _matrix_rows(
    side: RegionSet, metrics: Sequence[str], backend: Backend
) -> Iterator[dict[str, Any]]:
    """Go through the regions: of several people, or of one."""
    known = side.representations()
    for region in dict.fromkeys(side.regions):
        people = [
            place
            for place, (subject, name) in enumerate(zip(side.subjects, side.regions, strict=True))
            if name == region and subject != GROUP
        ]
        rows_of = _people_rows if len(people) > 1 else _alone_rows
        yield from rows_of(side, region, people, known=known, metrics=metrics, backend=backend)


def _people_rows(
    side: RegionSet,
    region: str,
    people: list[int],
    *,
    known: Sequence[Representation],
    metrics: Sequence[str],
    backend: Backend,
) -> Iterator[dict[str, Any]]:
    """Compare people by region, and say what their mean can reach."""
    of_people, n = [known[place] for place in people], len(side.stimuli)
    names = [side.subjects[place] for place in people]
    for metric, bounds in subject_bounds(of_people, metrics, backend).items():
        for kind, values in (("nili_lower", bounds.lower), ("nili_upper", bounds.upper)):
            yield from _rows(names, values, _labels(region, metric, side.split, kind, n))
    if GROUP not in side.subjects:
        return
    # Correlations, for which Spearman and Brown's formula holds.
    graded = [name for name in metrics if parse_metric(name).comparison in ("pearson", "spearman")]
    for metric, value in mean_reliability(of_people, graded, n, backend).items():
        labels = _labels(region, metric, side.split, "spearman_brown", n)
        yield from _rows([GROUP], np.array([value]), labels)


def _alone_rows(
    side: RegionSet,
    region: str,
    people: list[int],
    *,
    known: Sequence[Representation],
    metrics: Sequence[str],
    backend: Backend,
) -> Iterator[dict[str, Any]]:
    """Compare what one subject alone has, as the monkey, with the mean of people elsewhere."""
    means = [k for k, name in enumerate(side.subjects) if name == GROUP]
    others = [known[place] for place in means if side.regions[place] != region]
    if not people or not others:
        log.info("region %s has no ceiling: there is one subject only", region)
        return
    n = len(side.stimuli)
    found = measure([known[people[0]]], others, metrics, np.arange(n)[None], backend)
    for metric, scores in found.items():
        labels = _labels(region, metric, side.split, "between_regions", n)
        yield from _rows([side.subjects[people[0]]], scores[0, :, 0].max(keepdims=True), labels)


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


def _noise_rows(task: _Task, *, metrics: Sequence[str], seed: int, backend: Backend) -> Rows:
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
        labels = _labels(region, metric, side.split, "ncsnr", len(side.stimuli))
        rows += _rows([name], np.array([value]), labels)
    return rows


def _between_rows(
    sides: Sequence[RegionSet], metrics: Sequence[str], backend: Backend
) -> Iterator[dict[str, Any]]:
    """Compare people, on the images that all of them saw."""
    if len(sides) < 2:
        log.info("no ceiling between subjects: there is one subject only")
        return
    common = reduce(np.intersect1d, [side.stimuli for side in sides])
    if len(common) < FEWEST_ROWS:
        log.warning("no ceiling between subjects: they share %d images", len(common))
        return
    metrics = [name for name in metrics if parse_metric(name).k < len(common)]
    known = [dict(zip(side.regions, side.features(), strict=True)) for side in sides]
    for region in dict.fromkeys(region for side in sides for region in side.regions):
        having = [place for place, regions in enumerate(known) if region in regions]
        if len(having) < 2:
            log.info("region %s has no ceiling between subjects: one has it", region)
            continue
        people = [known[place][region][_places(sides[place].stimuli, common)] for place in having]
        names = [sides[place].subjects[0] for place in having]
        for metric, values in between_subjects(people, metrics, backend).items():
            labels = _labels(region, metric, TEST, "between_subject", len(common))
            yield from _rows(names, values, labels)


def _places(stimuli: Ints, common: Ints) -> Ints:
    """Find where the common stimuli stand among one person's."""
    order = np.argsort(stimuli)
    return order[np.searchsorted(stimuli, common, sorter=order)]


def _rows(
    subjects: Sequence[str], values: Array, labels: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Make a row per subject; `n` is one of the labels."""
    for subject, value in zip(subjects, values, strict=True):
        yield labels | {"subject": subject, "score": float(value)}


def _labels(region: str, metric: str, split: str, kind: str, n: int) -> dict[str, Any]:
    return {
        "region": region,
        "metric": metric,
        "split": split,
        "ceiling_kind": kind,
        "n": float(n),
    }
