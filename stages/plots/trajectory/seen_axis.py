"""A logarithmic axis of what was seen in training, with the start shown apart."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from stages.plots.kit.panels import INK

APART = 0.12  # of the axis, between the start and the first checkpoint
LEAST = 0.3  # decades of it at least
MARGIN = 0.04  # of the axis, at either end
LABELS = 5  # amounts named at most, in a panel of ordinary width
SLANT = 0.008  # half the width of a stroke of the break, of the axis
OCTAVE = float(np.log10(2))  # decades
UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class SeenAxis:
    """Places of what was seen, in decades.

    Attributes
    ----------
    first, last : float
        Decimal logarithm of the least and the greatest amount beyond 0.
    """

    first: float
    last: float

    @property
    def start(self) -> float:
        """Place of 0."""
        return self.first - max(APART * (self.last - self.first), LEAST)

    def at(self, seen: "pd.Series[float] | NDArray[np.float64]") -> NDArray[np.float64]:
        """Give the places of amounts; those of no more than 0 stand apart."""
        amounts = np.asarray(seen, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(amounts > 0, np.log10(amounts), self.start)


def seen_axis(seen: "pd.Series[float]") -> SeenAxis:
    """Make the axis of amounts; of one decade where none is beyond 0."""
    known = seen[seen > 0]
    if known.empty:
        return SeenAxis(0.0, 1.0)
    first, last = float(np.log10(known.min())), float(np.log10(known.max()))
    return SeenAxis(first, max(last, first + LEAST))


def draw_axis(ax: Axes, axis: SeenAxis, most: int = LABELS) -> None:
    """Scale the horizontal axis, name `most` amounts, and break it between the start and those."""
    room = MARGIN * (axis.last - axis.start)
    ax.set_xlim(axis.start - room, axis.last + room)
    marks = ticks(axis, most)
    names = ["0", *(short(10**mark) for mark in marks)]
    ax.set_xticks([axis.start, *marks], names, fontsize=7)
    middle = (axis.start + axis.first) / 2
    place = (middle - axis.start + room) / (axis.last - axis.start + 2 * room)
    for shift in (-SLANT, SLANT):
        across = [place + shift - SLANT, place + shift + SLANT]
        stroke = Line2D(across, [-0.03, 0.03], lw=0.8, color=INK, clip_on=False)
        stroke.set_transform(ax.transAxes)
        ax.add_artist(stroke)


def ticks(axis: SeenAxis, most: int = LABELS) -> list[float]:
    """Choose at most so many round amounts to be named: decades, or 1, 2 and 5 of each."""
    low, high = int(np.floor(axis.first)), int(np.ceil(axis.last))
    for digits in (range(1, 10), (1, 2, 5), (1, 3), (1,)):
        marks = [power + np.log10(digit) for power in range(low, high + 1) for digit in digits]
        inside = [float(m) for m in marks if axis.first - 1e-9 <= m <= axis.last + 1e-9]
        if len(inside) <= most:
            return inside
    return inside[:: -(-len(inside) // most)]


def round_octaves(low: float, high: float) -> tuple[list[float], list[str]]:
    """Choose round amounts between two octaves: where they are, and how they are written."""
    marks = ticks(SeenAxis(low * OCTAVE, high * OCTAVE))
    return [mark / OCTAVE for mark in marks], [short(10**mark) for mark in marks]


def short(amount: float) -> str:
    """Write an amount with the letter of its thousands."""
    for factor, unit in UNITS:
        if amount >= factor * (1 - 1e-9):
            return f"{amount / factor:.3g}{unit}"
    return f"{amount:.3g}"
