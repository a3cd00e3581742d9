"""Ceilings of the people who were measured: of their mean, and of each from the others."""

from typing import Any

import numpy as np

from stages.ceilings.region_people import RegionPeople
from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import CeilingsStory
from stages.core.results.story_ceilings import OTHERS, SPLIT_HALF
from stages.core.stats.people_agreement import half_masks, signed_root, split_half, with_others
from stages.core.stats.two_way_jackknife import Array, over_blocks

Rows = list[dict[str, Any]]


def split_half_row(people: RegionPeople, settings: CeilingsStory) -> Rows:
    """Correlation of the mean of these people with what they have in common.

    The interval is over samples: the mean is that of these very people.
    """
    halves = half_masks(len(people.names), settings.subsets, settings.seed)
    value = signed_root(split_half(people.agreement.whole, halves))
    found = over_blocks(lambda one: split_half(one, halves), people.agreement)
    low, high = signed_root(np.array([found.low, found.high]))
    row = ceiling_row(people.region, GROUP, SPLIT_HALF, len(people.names))
    return [row | {"ceiling": float(value), "low": low, "high": high, "failed": found.failed}]


def held_out_rows(people: RegionPeople) -> Rows:
    """Correlation of each person with the mean of the others, and its mean over people.

    With few others that mean is noisy itself, and good models exceed this. The intervals are over
    samples: person and others are these very people.
    """
    n = len(people.names)
    rows = []
    for place, name in enumerate([*people.names, GROUP]):

        def statistic(one: Array, place: int = place) -> Array:
            each = with_others(one)
            value: Array = each[..., place] if place < n else each.mean(axis=-1)
            return value

        found = over_blocks(statistic, people.agreement)
        value = float(statistic(people.agreement.whole))
        row = ceiling_row(people.region, name, OTHERS, n - 1)
        rows.append(row | {"ceiling": value} | vars(found))
    return rows


def ceiling_row(region: str, subject: str, kind: str, subjects: int) -> dict[str, Any]:
    """Name what a ceiling is of, and how many people are averaged."""
    return {"region": region, "subject": subject, "kind": kind, "subjects": float(subjects)}
