"""Tiles of claims and rungs: green holds, red fails, grey was not asked."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED, RUNGS
from stages.plots.kit.panels import INK, label_width, paper, row_height
from stages.plots.kit.picture import set_title

COLORS = {HOLDS: "#59b898", FAILS: "#e5a17a", NOT_ASKED: "#ededed"}
BETWEEN = LinearSegmentedColormap.from_list("held", [COLORS[FAILS], "#f5f0d0", COLORS[HOLDS]])
COLUMN = 0.85  # inches of a tile


def region_map(rows: pd.DataFrame, title: str) -> Figure:
    """Draw the rungs of the claims about every region, with what was found.

    Parameters
    ----------
    rows : DataFrame
        From `region_rows`.
    title : str
    """
    regions = list(rows["region"].unique())
    states = rows["state"].to_numpy().reshape(len(regions), len(RUNGS))
    values = rows["value"].to_numpy(float).reshape(states.shape)
    figure, ax = _tiles([region.replace("_", " ") for region in regions])
    for (row, column), state in np.ndenumerate(states):
        known = np.isfinite(values[row, column])
        told = f"{values[row, column]:.2f}" if known else ""
        _tile(ax, row, column, COLORS[state], told)
    _finish(figure, title)
    return figure


def claim_map(counts: pd.DataFrame, title: str) -> Figure:
    """Draw of every claim in how many of the regions that were asked each rung holds.

    Parameters
    ----------
    counts : DataFrame
        From `claim_counts`.
    title : str
    """
    names = counts["study"] + ": " + counts["claim"]
    claims = list(names.unique())
    shape = len(claims), len(RUNGS)
    asked, held = (counts[name].to_numpy(int).reshape(shape) for name in ("asked", "held"))
    figure, ax = _tiles([claim.replace("_", " ") for claim in claims])
    for (row, column), n in np.ndenumerate(asked):
        here = held[row, column]
        color = BETWEEN(here / n) if n else COLORS[NOT_ASKED]
        _tile(ax, row, column, color, f"{here}/{n}" if n else "")
    _finish(figure, title)
    return figure


def _tiles(names: Sequence[str]) -> tuple[Figure, Axes]:
    height = row_height(len(names)) * len(names)
    figure = paper(label_width(names) + COLUMN * len(RUNGS) + 0.4, height + 1.5)
    ax = figure.subplots()
    ax.set(xlim=(-0.5, len(RUNGS) - 0.5), ylim=(len(names) - 0.5, -0.5))
    ax.set_xticks(range(len(RUNGS)), [rung.replace(" ", "\n") for rung in RUNGS], fontsize=7)
    ax.set_yticks(range(len(names)), names, fontsize=7)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return figure, ax


def _tile(ax: Axes, row: int, column: int, color: object, told: str) -> None:
    ax.fill_between([column - 0.48, column + 0.48], row - 0.46, row + 0.46, color=color, lw=0)
    ax.text(column, row, told, ha="center", va="center", fontsize=6.5, color=INK)


def _finish(figure: Figure, title: str) -> None:
    keys = [Patch(color=color, label=state) for state, color in COLORS.items()]
    figure.legend(handles=keys, loc="outside lower center", ncols=3, fontsize=7, frameon=False)
    set_title(figure, title)
