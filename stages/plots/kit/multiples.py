"""The parts that pictures of the scene study have in common."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.typing import LineStyleType

from stages.core.names.areas import purity_of
from stages.plots.kit.palette import network_color
from stages.plots.kit.panels import FAINT, paper
from stages.plots.kit.picture import set_title

PER_BAND = 60  # regions side by side, so that their names can be read
TITLES = 0.35  # inches of a title
SIZES = (3.5, 8.0)  # least and greatest size of a panel's title
LETTER = 0.56  # width of a letter, in the size of the print
KEYS = 0.2  # inches of a line of keys


def small_multiples(
    n: int,
    size: tuple[float, float],
    columns: int,
    keys: Sequence[Artist],
    across: str = "",
    *,
    least: float = 4.0,
) -> tuple[Figure, list[Axes]]:
    """Make panels side by side that share their axes.

    Parameters
    ----------
    n : int
        How many.
    size : tuple of float
        Width and height of one, in inches.
    columns : int
        How many side by side, at most.
    keys : sequence of Artist
        What the legend below explains.
    across : str
        What the horizontal axes are.
    least : float
        Width of the figure at least, in inches.
    """
    columns = min(columns, n)
    rows = math.ceil(n / columns)
    width = max(size[0] * columns + 0.6, least)
    lines = math.ceil(len(keys) / key_columns(keys, width)) if keys else 0
    figure = paper(width, size[1] * rows + TITLES + KEYS * lines + 0.3)
    axes = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    for ax in axes[n:]:
        ax.remove()
    for ax in axes[:n]:
        plain(ax)
    for ax in axes[max(n - columns, 0) : n]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel(across, fontsize=7)
    return figure, axes[:n]


def plain(ax: Axes) -> None:
    """Draw only the axes that carry a scale, in small print."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=7)


def title_panel(ax: Axes, title: str, width: float) -> None:
    """Put a title above a panel of so many inches, smaller where it would not fit."""
    longest = max(map(len, title.splitlines()))
    size = min(max(72 * width / (LETTER * longest), SIZES[0]), SIZES[1])
    ax.set_title(title, fontsize=size, pad=3)


def zero(ax: Axes) -> None:
    """Mark a score of nothing."""
    ax.axhline(0, color=FAINT, lw=0.5, zorder=0)


def finish_lines(figure: Figure, keys: Sequence[Artist], title: str, up: str) -> None:
    """Add the meaning of lines and dots, what the vertical axes are, and the title."""
    if keys:
        figure.legend(
            handles=list(keys),
            loc="outside lower center",
            ncols=key_columns(keys, figure.get_figwidth()),
            fontsize=7,
            frameon=False,
        )
    figure.supylabel(up, fontsize=8)
    set_title(figure, title)


def key_columns(keys: Sequence[Artist], width: float) -> int:
    """Choose how many keys stand side by side in so many inches."""
    longest = max(len(str(key.get_label())) for key in keys)
    return max(min(len(keys), int(width / (0.055 * longest + 0.6))), 1)


def line_key(
    label: str,
    color: str,
    style: LineStyleType = "-",
    *,
    marker: str = "",
    size: float = 3.0,
    face: str | None = None,
) -> Line2D:
    """Explain a line or, without a style, a mark in a legend."""
    line = Line2D([], [], color=color, ls=style, marker=marker, ms=size, label=label)
    line.set_markerfacecolor(face or color)
    return line


def color_bar(figure: Figure, image: AxesImage, label: str) -> None:
    """Add the scale of the colours, as narrow beside a tall picture as beside a low one."""
    panels = [ax for ax in figure.axes if ax.images]
    bar = figure.colorbar(image, ax=panels, pad=0.01, aspect=6 * figure.get_figheight())
    bar.set_label(label, fontsize=8)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)


def bands(regions: Sequence[str]) -> list[list[str]]:
    """Cut a row of regions into bands of equal length that can be read."""
    rows = math.ceil(len(regions) / PER_BAND)
    length = math.ceil(len(regions) / rows)
    return [list(regions[i : i + length]) for i in range(0, len(regions), length)]


def name_columns(ax: Axes, names: Sequence[str]) -> None:
    """Name every column, upright."""
    ax.set_xticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=7)
    for label in ax.get_xticklabels():
        label.set_rotation(90)


def network_strip(ax: Axes, regions: Sequence[str], networks: Sequence[str], room: int) -> None:
    """Draw the colours of the networks of regions that are in one, as high as they are pure.

    There is room for so many.
    """
    for column, (region, network) in enumerate(zip(regions, networks, strict=True)):
        if network:
            ax.bar(column, purity_of(region), 1, color=network_color(network), lw=0)
    ax.set_ylim(0, 1)
    ax.set_xlim(-0.5, room - 0.5)
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def network_keys(networks: pd.Series) -> list[Artist]:
    """Explain the colours of networks; nothing where no region is in one."""
    return [Patch(color=network_color(name), label=str(name)) for name in networks.unique() if name]
