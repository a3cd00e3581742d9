"""The parts that heat maps have in common."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from stages.plots.kit.picture import set_title

INK, FAINT, NULL = "#222222", "#999999", "#d9d9d9"
KINDS = {"hidden": "hidden states", "attention": "attention"}
MOST = "q < .05 for most features"
SOFTEST = 0.05  # score of full colour where all scores are smaller
GAP = 0.12  # inches between the names of rows and the line of their family
ROW = (0.16, 0.24)  # least and greatest height of a row, in inches
TALLEST = 14.0  # inches for rows, until they are as low as can be read


def paper(width: float, height: float) -> Figure:
    """Make a figure of so many inches that measures text with one renderer, not one per text."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def row_height(n_rows: int) -> float:
    """Choose the height of a row, in inches."""
    return min(max(TALLEST / n_rows, ROW[0]), ROW[1])


def label_width(names: Iterable[str]) -> float:
    """Estimate the width of the longest name beside a heat map, in inches."""
    return 0.06 * max(len(name) for name in names)


def strongest(panels: Iterable[pd.DataFrame]) -> float:
    """Score of full colour, the same for all panels."""
    return max(SOFTEST, *(float(np.nanmax(abs(scores.to_numpy()))) for scores in panels))


def draw_panel(
    ax: Axes,
    scores: pd.DataFrame,
    marks: pd.DataFrame,
    top: float,
    *,
    every: int = 1,
    dot: tuple[float, float] = (0.0, 0.0),
) -> AxesImage:
    """Draw scores as colours, symmetric about 0, with a dot where the mark exceeds one half.

    Parameters
    ----------
    ax : Axes
    scores, marks : DataFrame
        One row and one column per row and column of cells; a missing score is grey.
    top : float
        Score of full colour.
    every : int
        Of columns that end with a number, name each so many-th.
    dot : tuple of float
        Where in a cell the dot is, in cells from its middle, right and down.
    """
    image = ax.imshow(scores, cmap="RdBu_r", vmin=-top, vmax=top, aspect="auto")
    rows, columns = (marks.to_numpy() > 0.5).nonzero()
    inks = ink(scores, top)[rows, columns]
    ax.scatter(columns + dot[0], rows + dot[1], s=4, c=list(inks), linewidths=0)
    _label(ax, scores, every)
    return image


def ink(scores: pd.DataFrame, top: float) -> NDArray[np.str_]:
    """Choose the colour that stands out from each cell's."""
    return np.where(abs(scores.to_numpy()) > 0.5 * top, "white", INK)


def _label(ax: Axes, scores: pd.DataFrame, every: int) -> None:
    """Name rows and columns; of numbered columns, by number, as many as there is room for."""
    names = scores.columns.astype(str)
    numbers = names.str.extract(r"(\d+)$", expand=False)
    known = numbers.notna()
    last = len(names) if known.all() else int(np.count_nonzero(known)) - every + 1
    at = [i for i in range(len(names)) if pd.isna(numbers[i]) or (i % every == 0 and i < last)]
    shown = [names[i] if pd.isna(numbers[i]) else str(int(numbers[i])) for i in at]
    ax.set_xticks(at, [name.replace("_", " ") for name in shown], fontsize=7)
    for i, label in zip(at, ax.get_xticklabels(), strict=True):
        label.set_rotation(90 if pd.isna(numbers[i]) else 0)
    rows = [str(name).replace("_", " ") for name in scores.index]
    ax.set_yticks(range(len(rows)), rows, fontsize=7)
    ax.tick_params(length=0, which="both")
    ax.spines[:].set_visible(False)
    ax.set_facecolor(NULL)


def part_families(axes: Sequence[Axes], families: Sequence[str]) -> None:
    """Draw a line between rows of different families."""
    for row in range(1, len(families)):
        if families[row] != families[row - 1]:
            for ax in axes:
                ax.axhline(row - 0.5, color="white", lw=2)


def name_families(figure: Figure, ax: Axes, families: Sequence[str]) -> None:
    """Name each family once, beside a line along the names of its rows."""
    widest = max(label.get_window_extent().width for label in ax.get_yticklabels()) / figure.dpi
    rows = pd.Series(range(len(families))).groupby(list(families), sort=False)
    left = ScaledTranslation(-widest - GAP, 0, figure.dpi_scale_trans)
    beside = ax.get_yaxis_transform() + left
    for first, last in zip(rows.min() - 0.3, rows.max() + 0.3, strict=True):
        line = Line2D([0, 0], [first, last], color=FAINT, lw=0.8, transform=beside, clip_on=False)
        ax.add_artist(line)
    middles = rows.mean()
    ax.yaxis.remove_overlapping_locs = False  # the middle of a family may be that of a row
    ax.set_yticks(middles, list(middles.index), minor=True, fontsize=7)
    ax.tick_params(axis="y", which="minor", pad=72 * (widest + 1.5 * GAP))


def name_bands(firsts: Iterable[Axes], names: Collection[str]) -> None:
    """Name bands of panels above the titles of their first ones, where there are several bands."""
    for ax, name in zip(firsts, names, strict=True):
        if len(names) > 1:
            lines = len(ax.get_title().splitlines())
            ax.set_title(name + "\n" * lines, loc="left", fontsize=8, fontweight="bold")


def dot_key(meaning: str, face: str = INK, edge: str = INK, size: float = 2.5) -> Line2D:
    """Explain a dot in a legend."""
    return Line2D([], [], lw=0, marker="o", ms=size, mew=0.6, mfc=face, mec=edge, label=meaning)


def finish(
    figure: Figure,
    image: AxesImage,
    keys: Sequence[Artist],
    title: str,
    *,
    aspect: float,
    scale: str = "held-out r",
) -> None:
    """Add the colour bar with the name of its scale, the meaning of the marks, and the title."""
    panels = [ax for ax in figure.axes if ax.images]
    bar = figure.colorbar(image, ax=panels, pad=0.01, aspect=aspect)
    bar.set_label(scale, fontsize=8)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)
    figure.legend(
        handles=list(keys), loc="outside lower right", ncols=len(keys), fontsize=7, frameon=False
    )
    set_title(figure, title)
