"""The parts of a heat map."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

INK, FAINT, NULL = "#222222", "#999999", "#d9d9d9"
SOFTEST = 0.05  # score of full colour where all scores are smaller
GAP = 0.12  # inches between the names of rows and the line of their family


def strongest(panels: Iterable[pd.DataFrame]) -> float:
    """Score of full colour, the same for all panels."""
    return max(SOFTEST, *(float(np.nanmax(abs(scores.to_numpy()))) for scores in panels))


def draw_panel(
    ax: Axes, scores: pd.DataFrame, marks: pd.DataFrame, top: float, every: int = 1
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
    """
    image = ax.imshow(scores, cmap="RdBu_r", vmin=-top, vmax=top, aspect="auto")
    _dots(ax, scores, marks, top)
    _label(ax, scores, every)
    return image


def _dots(ax: Axes, scores: pd.DataFrame, marks: pd.DataFrame, top: float) -> None:
    """Mark what is significant, in a colour that stands out from the cell's."""
    rows, columns = (marks.to_numpy() > 0.5).nonzero()
    dark = abs(scores.to_numpy()[rows, columns]) > 0.5 * top
    colors = ["white" if on_dark else INK for on_dark in dark]
    ax.scatter(columns, rows, s=4, c=colors, linewidths=0)


def _label(ax: Axes, scores: pd.DataFrame, every: int) -> None:
    """Name rows and columns; of numbered columns, by number, as many as there is room for."""
    numbers = scores.columns.astype(str).str.extract(r"(\d+)$", expand=False)
    if numbers.notna().all():
        at = range(0, len(numbers), every)
        ax.set_xticks(at, [str(int(numbers[i])) for i in at], fontsize=7)
    else:
        ax.set_xticks(range(len(numbers)), list(scores.columns), rotation=90, fontsize=7)
    names = [str(name).replace("_", " ") for name in scores.index]
    ax.set_yticks(range(len(names)), names, fontsize=7)
    ax.tick_params(length=0)
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
    ax.tick_params(axis="y", which="minor", length=0, pad=72 * (widest + 1.5 * GAP))


def finish(figure: Figure, image: AxesImage, dot: str, title: str, aspect: float) -> None:
    """Add the colour bar, the meaning of the dot, and the title."""
    panels = [ax for ax in figure.axes if ax.images]
    bar = figure.colorbar(image, ax=panels, pad=0.01, aspect=aspect)
    bar.set_label("held-out r", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)
    mark = Line2D([], [], marker="o", ms=2.5, lw=0, color=INK, label=dot)
    figure.legend(handles=[mark], loc="outside lower right", fontsize=7, frameon=False)
    figure.suptitle(title, fontsize=9)
