"""Scores by shuffled and by contiguous folds, drawn for a page of a paper."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.plots.kit.multiples import line_key, plain, title_panel
from stages.plots.kit.panels import FAINT, label_width, paper
from stages.plots.kit.picture import set_title

COLORS = ("#0072b2", "#d55e00")  # of the model, and of what knows nothing but time
ROW, PANEL = 0.16, 2.6  # inches of a region, and of the width of a panel


def fold_dots(pairs: pd.DataFrame, title: str) -> Figure:
    """Draw a line from the score by shuffled folds to that by contiguous ones, region by region.

    The model stands to the left, the control to the right, on one scale.

    Parameters
    ----------
    pairs : DataFrame
        Made by `stages.plots.folds.fold_gallery.fold_pairs`.
    title : str
    """
    regions, whats = list(pairs["region"].unique()), list(pairs["what"].unique())
    width = len(whats) * PANEL + label_width(regions) + 0.3
    figure = paper(max(width, 5.5), ROW * len(regions) + 1.5)
    axes = figure.subplots(1, len(whats), sharex=True, sharey=True, squeeze=False)[0]
    for ax, what, color in zip(axes, whats, COLORS, strict=True):
        _panel(ax, pairs[pairs["what"] == what].set_index("region").loc[regions], color)
        title_panel(ax, what, PANEL)
        ax.set_xlabel("held-out r", fontsize=8)
    names = [region.replace("_", " ") for region in regions]
    axes[0].set_yticks(range(len(regions)), names, fontsize=7)
    axes[0].set_ylim(len(regions) - 0.5, -0.5)
    keys = [
        line_key("shuffled samples", FAINT, "", marker="o", size=4, face="white"),
        line_key("contiguous blocks or runs", FAINT, "", marker="o", size=4),
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=2, fontsize=7, frameon=False)
    set_title(figure, title)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, color: str) -> None:
    at = range(len(rows))
    ax.axvline(0, color=FAINT, lw=0.6, zorder=0)
    ax.hlines(at, rows["contiguous"], rows["shuffled"], color=color, lw=1)
    for column, face in (("shuffled", "white"), ("contiguous", color)):
        ax.scatter(rows[column], at, s=16, c=face, ec=color, lw=0.9, zorder=3)
    plain(ax)
