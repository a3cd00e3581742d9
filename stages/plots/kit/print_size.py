"""Figures as wide as the column of a journal, with letters that can be read there."""

import itertools
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from stages.plots.kit.picture import set_title

LEAST = 6.0  # points of a letter in print
TALLEST = 240.0  # millimetres of a page
INCH = 25.4  # millimetres
COLLAPSED = "axes sizes collapsed to zero"  # what Matplotlib warns of, and lays nothing out
WIDER = 1.15  # by how much a figure grows that does not fit
TALLER = (1.0, 1.3, 1.7)  # heights that are tried before, in those of the figure's own shape
EDGE = 0.5  # pixels that something may reach beyond the page, by rounding
DOTS = 200  # per inch, of a picture that is saved


def fit_width(figure: Figure, millimetres: float) -> float:
    """Make a figure no wider than a column, and lay it out anew.

    Letters shrink with it, but to no less than `LEAST`. If more of them would touch each other or
    the edge of the page than do now, the figure becomes taller, and then wider, until they do not.

    Parameters
    ----------
    figure : Figure
        Laid out by constraints, or in shares of its size.
    millimetres : float
        Width of the column.

    Returns
    -------
    float
        Its width in millimetres: at most that of the column, or what it needs.
    """
    width, height = figure.get_size_inches()
    sizes, allowed = _letters(figure), crowding(figure)
    widths = itertools.takewhile(lambda one: one < width, _growing(min(millimetres / INCH, width)))
    for wide, tall in itertools.product(widths, TALLER):
        high = height * wide / width * tall
        if tall > 1 and high * INCH > TALLEST:
            continue
        _resize(figure, sizes, wide, high, wide / width)
        if _has_room(figure, allowed):
            return wide * INCH
    _resize(figure, sizes, width, height, 1.0)
    return float(width) * INCH


def _has_room(figure: Figure, allowed: int) -> bool:
    """Say whether a figure can be laid out, with no more that is crowded than is allowed."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        found = crowding(figure)
    collapsed = any(COLLAPSED in str(one.message) for one in told)
    return not collapsed and found <= allowed


def crowding(figure: Figure) -> int:
    """Count pairs of texts that touch each other, and texts and legends beyond the page's edge.

    Letters are as wide as they are saved: at fewer dots per inch they have other widths.
    """
    dots = figure.dpi
    figure.set_dpi(DOTS)
    figure.draw_without_rendering()
    texts = _shown(figure)
    left, low, right, high = _extents(texts)
    beside = (left[:, None] < right) & (left < right[:, None])
    above = (low[:, None] < high) & (low < high[:, None])
    touching = np.triu(beside & above, 1).sum()
    left, low, right, high = _extents([*texts, *_legends(figure)])
    page = figure.bbox.padded(EDGE)
    beyond = (left < page.x0) | (low < page.y0) | (right > page.x1) | (high > page.y1)
    figure.set_dpi(dots)
    return int(touching + beyond.sum())


def _extents(artists: Sequence[Artist]) -> NDArray[np.float64]:
    """Find the left, low, right and high end of each, shape (4, n)."""
    return np.array([_ends(one) for one in artists], dtype=float).reshape(-1, 4).T


def _ends(artist: Artist) -> tuple[float, float, float, float]:
    """Find the ends of what is drawn, which blank lines that end a text are not."""
    box = artist.get_window_extent()
    blank = 0.0
    if isinstance(artist, Text) and artist.get_rotation() == 0:
        lines = artist.get_text().split("\n")
        written = len(artist.get_text().rstrip("\n").split("\n"))
        blank = box.height * (1 - written / len(lines))
    return box.x0, box.y0 + blank, box.x1, box.y1


def _legends(figure: Figure) -> list[Artist]:
    known = [*figure.legends, *(ax.get_legend() for ax in figure.axes)]
    return [one for one in known if one is not None and one.get_visible()]


def smallest_letters(figure: Figure) -> float:
    """Points of the smallest text that is shown."""
    return min((float(text.get_fontsize()) for text in _shown(figure)), default=np.inf)


def _growing(width: float) -> Iterator[float]:
    while True:
        yield width
        width *= WIDER


def _axes(figure: Figure) -> list[Axis]:
    return [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]


def _letters(figure: Figure) -> tuple[dict[Text, float], dict[Axis, float]]:
    """Sizes of the texts, and of the numbers along each axis."""
    figure.draw_without_rendering()
    texts = {text: float(text.get_fontsize()) for text in figure.findobj(Text)}
    ticks = {axis: axis.get_major_ticks() for axis in _axes(figure)}
    numbers = {axis: float(some[0].label1.get_fontsize()) for axis, some in ticks.items() if some}
    return texts, numbers


def _resize(
    figure: Figure,
    sizes: tuple[dict[Text, float], dict[Axis, float]],
    width: float,
    height: float,
    scale: float,
) -> None:
    figure.set_size_inches(width, height)
    if figure.get_suptitle():
        set_title(figure, " ".join(figure.get_suptitle().split()))
    texts, numbers = sizes
    for axis, size in numbers.items():
        axis.set_tick_params(labelsize=_scaled(size, scale))
    for text, size in texts.items():
        text.set_fontsize(_scaled(size, scale))


def _scaled(size: float, scale: float) -> float:
    return max(size * scale, LEAST)


def _shown(figure: Figure) -> list[Text]:
    """Texts that are drawn: neither empty nor of a tick that is out of view."""
    hidden = {label for axis in _axes(figure) for label in _out_of_view(axis)}
    texts = [text for text in figure.findobj(Text) if text.get_text().strip()]
    return [text for text in texts if text not in hidden and _visible(text)]


def _out_of_view(axis: Axis) -> Iterator[Text]:
    low, high = sorted(axis.get_view_interval())
    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
        if not axis.get_visible() or not low <= tick.get_loc() <= high:
            yield from (tick.label1, tick.label2)


def _visible(text: Text) -> bool:
    ax = text.axes
    return text.get_visible() and (ax is None or bool(ax.get_visible() and ax.axison))
