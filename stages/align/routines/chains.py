"""Kernels of one representation, each made of the next wider one where that takes no exponential.

A kernel of half the bandwidth is the fourth power of a kernel.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stages.align.routines.squared import Squared
from stages.core.names.metrics import Metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import Backend

FLAT = 16  # units of rounding; a kernel that varies less is noise
Width = tuple[float | None, ...]  # in medians, or in units of the features
NARROW = 1.0  # slope above which a kernel is mostly near 0 between rows, rather than near 1


@dataclass(frozen=True)
class Link:
    """One kernel: that of some metrics, biased or not.

    Attributes
    ----------
    metric : Metric
        One of them.
    follows : bool
        Whether it is the fourth power of the link before it.
    """

    metric: Metric
    follows: bool


def _width(metric: Metric) -> Width:
    return metric.bandwidth, metric.sigma


def chain(metrics: Sequence[Metric]) -> list[Link]:
    """Put the kernels of some metrics, each once, in an order in which many follow."""
    asked = {_width(metric): metric for metric in metrics}
    links: list[Link] = []
    for width in sorted(asked, key=lambda one: [-math.inf if x is None else -x for x in one]):
        if width not in asked:
            continue
        links.append(Link(asked.pop(width), follows=False))
        half = _half(width)
        while half in asked:
            links.append(Link(asked.pop(half), follows=True))
            half = _half(half)
    return links


def _half(width: Width) -> Width:
    return tuple(None if one is None else one / 2 for one in width)


def place_in(links: Sequence[Link], metric: Metric) -> int:
    """Find the kernel of a metric."""
    return [_width(link.metric) for link in links].index(_width(metric))


def steepness(metric: Metric, squared: Squared, where: str) -> float:
    """Factor c of a kernel exp(-c d²), with d² in units of its mean; 0 for the linear kernel.

    Raises
    ------
    InputError
        If the bandwidth is in medians of distances, and the median is 0.
    """
    if metric.sigma is not None:
        return squared.unit / (2 * metric.sigma**2)
    if metric.bandwidth is None:
        return 0.0
    if squared.median**2 <= FLAT * squared.backend.eps:
        raise InputError("more than half of the distances are 0", where=f"{where}, {metric.name}")
    return 1 / (2 * (metric.bandwidth * squared.median) ** 2)


def own(slope: float) -> float:
    """Kernel of a row with itself, as `kernels` scales it."""
    if slope > NARROW:
        return 1.0
    return math.expm1(slope) if slope else 1.0


def kernels(
    distances: Any, links: Sequence[Link], slopes: Sequence[float], backend: Backend, room: Any
) -> Iterator[Any]:
    """Make one kernel after the other, up to constants and factors.

    Narrow kernels are exp(-c d²); wide ones exp(-c (d² - 1)) - 1 and the linear one 1 - d², so
    that rounding does not swallow what varies.

    Parameters
    ----------
    distances : device array
        Squared distances less 1, their mean.
    links : sequence of Link
    slopes : sequence of float
        Of `steepness`.
    backend : Backend
    room : pair of device arrays
        Of the shape of the distances, to work in.

    Yields
    ------
    device array
        The first of the room, which the next kernel overwrites.
    """
    value, spare = room
    before = 0.0
    for link, slope in zip(links, slopes, strict=True):
        if link.follows:
            _fourth_power(value, spare, before, slope, backend)
        else:
            _begin(value, distances, slope, backend)
        before = slope
        yield value


def _begin(value: Any, distances: Any, slope: float, backend: Backend) -> None:
    xp = backend.xp
    xp.multiply(distances, -slope if slope else -1.0, out=value)
    if slope > NARROW:
        value -= slope
        xp.exp(value, out=value)
    elif slope:
        xp.expm1(value, out=value)


def _fourth_power(value: Any, spare: Any, before: float, slope: float, backend: Backend) -> None:
    """Turn the kernel of slope `before` into that of four times the slope."""
    xp = backend.xp
    if slope <= NARROW:
        for _ in range(2):  # (1 + e)² - 1 = e (2 + e)
            xp.add(value, 2.0, out=spare)
            value *= spare
        return
    if before <= NARROW:
        value += 1.0
        value *= math.exp(-before)
    for _ in range(2):
        xp.multiply(value, value, out=value)
