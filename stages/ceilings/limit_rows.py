"""Ceilings extrapolated to infinitely many subjects, with the curves that lead there."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stages.ceilings.measured_rows import Rows, ceiling_row
from stages.ceilings.region_people import RegionPeople
from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import CeilingsStory
from stages.core.results.story_ceilings import LIMIT
from stages.core.stats.ceiling_curves import endpoint
from stages.core.stats.curve_bootstrap import extrapolate
from stages.core.stats.people_agreement import (
    mean_agreement,
    signed_root,
    with_infinitely_many,
)
from stages.core.stats.subject_subsets import SubsetValues
from stages.core.stats.two_way_jackknife import Array, over_people_and_blocks

AGREEMENT = "agreement"  # from how people agree: no curve is fitted
CURVE = "one_factor"  # which agreement gives
SHOWN = 100  # replicates of a curve that are kept


@dataclass(frozen=True)
class Limit:
    """A ceiling that was extrapolated, and its curve.

    Attributes
    ----------
    row : dict
        Columns ceiling, low, high, endpoint, failed and curve.
    curve : str
        Name of the curve of the following.
    ceiling, shape : float
    replicates : dict of str to (float, float)
        Ceiling and shape without somebody, by name, or of other draws, by number.
    """

    row: dict[str, Any]
    curve: str
    ceiling: float
    shape: float
    replicates: dict[str, tuple[float, float]] = field(default_factory=dict)


def limit_rows(people: RegionPeople, group: Limit, each: list[Limit]) -> Rows:
    """Make the rows of a region: of each person, then of the mean over people."""
    n = len(people.names) - 1
    return [
        ceiling_row(people.region, name, LIMIT, n) | limit.row
        for name, limit in zip([*people.names, GROUP], [*each, group], strict=True)
    ]


def group_limit(people: RegionPeople, values: SubsetValues, settings: CeilingsStory) -> Limit:
    """Mean correlation of one person with the mean of infinitely many others."""
    if settings.extrapolation != AGREEMENT:
        return _fitted(values, settings)
    of = people.agreement
    common = float(mean_agreement(of.whole))
    found = over_people_and_blocks(mean_agreement, of)
    value, low, high = signed_root(np.array([common, found.low, found.high])).tolist()
    interval = {"low": low, "high": high, "failed": found.failed}
    everyone = np.arange(len(of.whole))
    without = {
        name: float(mean_agreement(of.of(everyone[everyone != j]).whole))
        for j, name in enumerate(people.names)
    }
    replicates = {name: (float(np.sqrt(c)), c) for name, c in without.items() if c > 0}
    return _limit(value, common, interval, replicates)


def person_limit(
    people: RegionPeople, place: int, values: SubsetValues, settings: CeilingsStory
) -> Limit:
    """Correlation of one person with the mean of infinitely many others."""
    if settings.extrapolation != AGREEMENT:
        return _fitted(values.of(place), settings)
    everyone = np.arange(len(people.names))
    others = everyone[everyone != place]
    of = people.agreement.of(np.array([place, *others]))
    found = over_people_and_blocks(_first, of, fixed=1)
    common = float(mean_agreement(of.whole[1:, 1:]))
    return _limit(float(_first(of.whole)), common, vars(found), {})


def _first(correlations: Array) -> Array:
    found: Array = with_infinitely_many(correlations)[..., 0]
    return found


def _limit(
    value: float,
    common: float,
    interval: dict[str, Any],
    replicates: dict[str, tuple[float, float]],
) -> Limit:
    bent = common > 0 and value > 0
    end = endpoint(CURVE, value, min(common, 1.0)) if bent else np.nan
    row = {"ceiling": value, "endpoint": end, "curve": AGREEMENT} | interval
    return Limit(row, CURVE, value, common, replicates)


def _fitted(values: SubsetValues, settings: CeilingsStory) -> Limit:
    """Fit a curve, as published."""
    name = settings.extrapolation
    found = extrapolate(name, values.others, values.value, draws=settings.draws, seed=settings.seed)
    fits = list(zip(found.fits.ceiling.tolist(), found.fits.shape.tolist(), strict=True))[:SHOWN]
    replicates = {str(place): one for place, one in enumerate(fits) if np.isfinite(one[0])}
    columns = ("ceiling", "low", "high", "endpoint", "failed")
    row = {column: getattr(found, column) for column in columns} | {"curve": name}
    return Limit(row, name, found.ceiling, found.shape, replicates)
