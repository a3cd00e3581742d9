"""How areas align with each other: within a person, and between people."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.align.area_sets import AreaSet
from stages.align.engine import SLACK, Scores, align, measure
from stages.align.repeat_ceilings import REPEATS, split_half
from stages.align.representation import FEWEST_ROWS, Representation
from stages.align.sides import Ints
from stages.core.names.metrics import parse_metric
from stages.core.params.schema import Align
from stages.core.results.area_alignment import APART, AREAS, PEOPLE, PEOPLE_APART, SAME
from stages.core.results.typed_tables import empty_table
from stages.core.run.errors import InputError
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.backend import Array, Backend
from stages.core.stats.chance import significance
from stages.core.stats.multiple import adjust
from stages.core.stats.row_orders import row_orders

FAMILY = ("metric", "kind", "parts")
FARTHEST = 0, REPEATS - 1  # in time, of the showings of an image
NUMBERS = ("score", "null_mean", "null_sd", "p")


@dataclass(frozen=True)
class Person:
    """Areas of a person, and how reliable they are.

    Attributes
    ----------
    areas : AreaSet
    limits : ndarray, shape (n_areas,)
        Score that a model with the geometry of each area would expect with the mean of its trials;
        NaN where repeats do not tell.
    own : ndarray, shape (n_areas,)
        Score of each area at the first showing with itself at the last; NaN likewise, and of both
        where it is not above 0.
    """

    areas: AreaSet
    limits: Array
    own: Array


@dataclass(frozen=True)
class _Pair:
    """Two people, or one with himself, by areas of the same parts."""

    first: Shared[Person]
    second: Shared[Person]


def check_metric(name: str) -> None:
    """Raise `InputError` unless a metric is a debiased kernel's, by which noise averages to 0."""
    metric = parse_metric(name)
    if metric.kind.routine != "kernel" or metric.biased:
        raise InputError(
            "metric by which areas cannot be compared",
            where="params.yaml: survey.metric",
            expected="a debiased CKA",
            got=name,
            do="Set it to cka_linear for this comparison.",
        )


def area_table(
    people: Sequence[Person], dataset: str, metric: str, settings: Align, backend: Backend
) -> pd.DataFrame:
    """Align every area with every other, within people and between them.

    Of people, p is that of permuted images. Of showings apart a score is the mean of the two ways
    to take one area from the first showing and the other from the last (those between are nearer in
    time, and what drifts is common to them), and p the share of draws that reach it, in which the
    images of one area trade places, at both showings alike. Of the same trials there is none.

    The ceiling is what two areas of one geometry would score, exactly so for linear CKA: of people
    the product of both areas' `limits`, of showings apart the square root of that of their `own`.

    Parameters
    ----------
    people : sequence of Person
        Made by `judge_areas`.
    dataset, metric : str
    settings : Align
    backend : Backend

    Returns
    -------
    DataFrame
        Columns `AREAS`. Between people every area of one with every area of the other; within a
        person every two once, and of showings apart every area with itself. q is over all pairs of
        a kind, but for areas with themselves: these agree anyhow, and among the others would let
        pairs pass that have nothing in common.
    """
    shared = [Shared(one) for one in people]
    pairs = [_Pair(one, one) for one in shared]
    pairs += [
        _Pair(first, second)
        for first, second in combinations(shared, 2)
        if first.value.areas.subject != second.value.areas.subject
        and first.value.areas.parts == second.value.areas.parts
    ]
    run = partial(_compare, metric=metric, settings=settings, backend=backend)
    tables = [part for parts in parallel_map(run, pairs, "areas") for part in parts]
    if not tables:
        return empty_table(AREAS)
    table = pd.concat(tables, ignore_index=True).assign(dataset=dataset, metric=metric)
    table = table.assign(q=np.nan, q_family="")
    itself = _with_itself(table)
    for rows, over in ((~itself, "pairs of areas × people"), (itself, "areas × people")):
        table[rows] = adjust(table[rows], FAMILY, over)
    return table[list(AREAS)]


def _with_itself(table: pd.DataFrame) -> "pd.Series[bool]":
    """Tell the rows of one area of one person beside itself."""
    found = pd.Series(data=True, index=table.index)
    for name in ("subject", "region", "hemisphere"):
        found &= table[name].eq(table[f"second_{name}"])
    return found


def judge_areas(sets: Sequence[AreaSet], metric: str, backend: Backend) -> list[Person]:
    """Find how reliable all areas are.

    Parameters
    ----------
    sets : sequence of AreaSet
        Made by `stages.align.area_sets.shared_areas`.
    metric : str
    backend : Backend
    """
    return parallel_map(partial(_judged, metric=metric, backend=backend), sets, "reliability")


def _judged(areas: AreaSet, *, metric: str, backend: Backend) -> Person:
    unknown = np.full(len(areas.representations), np.nan)
    if len(areas.again) < FEWEST_ROWS:
        return Person(areas, unknown, unknown)
    rows = np.arange(len(areas.again), dtype=np.intp)[None]
    limits, own = unknown.copy(), unknown.copy()
    for place, single in enumerate(areas.single):
        limit = split_half(single, [metric], backend, areas.averaged)[metric]
        first, last = ([single[time]] for time in FARTHEST)
        agreed = measure(first, last, [metric], rows, backend)[metric].item()
        # Geometries that drift may agree from one showing to the next, and not from first to last.
        if np.isfinite(limit) and agreed > 0:
            limits[place], own[place] = limit, agreed
    return Person(areas, limits, own)


def _compare(pair: _Pair, *, metric: str, settings: Align, backend: Backend) -> list[pd.DataFrame]:
    """Compare two people, or one with himself: by means of trials and by showings apart."""
    first, second = pair.first.value, pair.second.value
    one, other = first.areas, second.areas
    alone = one.subject == other.subject
    kept = np.ones((len(one.regions), len(other.regions)), dtype=np.bool_)
    rows = _Rows(one, other, np.triu(kept) if alone else kept)
    found = []
    if not alone:
        scores = _scores(one.representations, other.representations, metric, settings, backend)
        found.append(rows.table(PEOPLE, scores, np.outer(first.limits, second.limits), one.n))
    elif len(one.regions) > 1:
        found.append(_same_trials(one, metric, backend))
    again = np.intersect1d(one.again, other.again)
    if len(again) >= FEWEST_ROWS:
        scores = _apart((one, other), again, metric, settings, backend)
        bounds = np.sqrt(np.outer(first.own, second.own))
        kind = APART if alone else PEOPLE_APART
        found.append(rows.table(kind, scores, bounds, len(again)))
    return found


def _same_trials(one: AreaSet, metric: str, backend: Backend) -> pd.DataFrame:
    known, rows = one.representations, np.arange(one.n, dtype=np.intp)[None]
    score = measure(known, known, [metric], rows, backend)[metric][..., 0]
    n = len(known)
    unknown = np.full((n, n), np.nan)
    drawn = np.zeros((n, n), dtype=np.bool_)
    scores = Scores(score, unknown, unknown, unknown, unknown, drawn)
    kept = np.triu(np.ones((n, n), dtype=np.bool_), 1)
    return _Rows(one, one, kept).table(SAME, scores, unknown, one.n)


def _apart(
    pair: tuple[AreaSet, AreaSet], again: Ints, metric: str, settings: Align, backend: Backend
) -> Scores:
    """Compare all areas, one from the first showing of the images and the other from the last."""
    one, other = pair
    how = settings.draws, settings.seed, settings.permute, settings.block
    orders = row_orders(len(again), *how)
    total = np.zeros((len(one.regions), len(other.regions), len(orders)))
    for first, last in (FARTHEST, FARTHEST[::-1]):
        sides = one.retold(again, first), other.retold(again, last)
        total += measure(*sides, [metric], orders, backend)[metric]
    score, null = total[..., 0] / 2, total[..., 1:] / 2
    found = significance(score - SLACK * backend.eps, null)
    drawn = np.ones(score.shape, dtype=np.bool_)
    return Scores(score, found.null_mean, found.null_sd, found.z, found.p, drawn)


def _scores(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metric: str,
    settings: Align,
    backend: Backend,
) -> Scores:
    return align(
        left,
        right,
        [metric],
        draws=settings.draws,
        seed=settings.seed,
        memory=backend.memory,
        dtype=backend.dtype,
        device=backend.device,
        permute=settings.permute,
        block=settings.block,
    )[metric]


@dataclass(frozen=True)
class _Rows:
    """What rows of pairs have in common: the areas, and which pairs are kept."""

    first: AreaSet
    second: AreaSet
    kept: NDArray[np.bool_]

    def table(self, kind: str, scores: Scores, bounds: Array, n: int) -> pd.DataFrame:
        """Make a row of each pair that is kept, of n images."""
        first, second, kept = self.first, self.second, self.kept
        left, right = kept.nonzero()
        numbers = {name: getattr(scores, name)[kept] for name in NUMBERS}
        return pd.DataFrame(
            {
                "split": first.split,
                "parts": first.parts,
                "kind": kind,
                "subject": first.subject,
                "region": np.array(first.regions, dtype=object)[left],
                "hemisphere": np.array(first.hemispheres, dtype=object)[left],
                "second_subject": second.subject,
                "second_region": np.array(second.regions, dtype=object)[right],
                "second_hemisphere": np.array(second.hemispheres, dtype=object)[right],
                **numbers,
                "ceiling": bounds[kept],
                "n": float(n),
            }
        )
