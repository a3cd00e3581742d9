"""What a picture of a ceiling shows: measured values, and curves to infinitely many subjects."""

from typing import Any

import numpy as np

from stages.ceilings.limit_rows import Limit
from stages.ceilings.measured_rows import Rows
from stages.ceilings.region_people import RegionPeople
from stages.core.names.vocabulary import GROUP
from stages.core.results.story_ceilings import EXTRAPOLATED, MEASURED, REPLICATE
from stages.core.stats.ceiling_curves import FAR, curve
from stages.core.stats.subject_subsets import SubsetValues
from stages.core.stats.two_way_jackknife import Array

POINTS = 24  # of a curve
BEYOND = 1.5  # times the endpoint, how far curves are drawn


def value_points(people: RegionPeople, values: SubsetValues) -> Rows:
    """Mean over subsets of each size, of each person held out."""
    rows = []
    for place, name in enumerate(people.names):
        own, names = values.of(place), _names(people.region, name, MEASURED)
        for size in np.unique(own.others):
            mean = float(own.value[own.others == size].mean())
            rows.append(names | {"others": float(size), "value": mean})
    return rows


def curve_points(people: RegionPeople, limit: Limit) -> Rows:
    """Heights of the curve of the mean over people, and of its replicates; none if it has none."""
    if not limit.ceiling > 0 or not limit.shape > 0:
        return []
    others = drawn_sizes(len(people.names), limit.row["endpoint"])
    curves = {"": (limit.ceiling, limit.shape)} | limit.replicates
    rows = []
    for name, (ceiling, shape) in curves.items():
        heights = ceiling * curve(limit.curve).form(others, np.asarray(shape))
        part = REPLICATE if name else EXTRAPOLATED
        names = _names(people.region, GROUP, part, name)
        pairs = zip(others.tolist(), heights.tolist(), strict=True)
        rows += [names | {"others": n, "value": height} for n, height in pairs]
    return rows


def drawn_sizes(n_people: int, endpoint: float) -> Array:
    """Numbers of others at which curves are drawn: dense where they bend."""
    last = FAR if np.isnan(endpoint) else endpoint
    last = max(last * BEYOND, 2.0 * n_people)
    sizes: Array = np.unique(np.geomspace(1, last, POINTS).round())
    return sizes


def _names(region: str, subject: str, part: str, replicate: str = "") -> dict[str, Any]:
    return {"region": region, "subject": subject, "part": part, "replicate": replicate}
