"""The layers chosen in the inner folds, drawn for a page of a paper."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stages.plots.kit.model_lines import ModelLine
from stages.plots.kit.multiples import finish_lines, line_key, plain
from stages.plots.kit.panels import FAINT, INK, NULL, label_width, paper
from stages.plots.story.curves import CEILING

WIDTH = 5.0  # inches of the scores
SPACE = 0.12  # inches of a region, besides its models
ROW = (0.05, 0.1)  # least and greatest height of a model's row, in inches
TALLEST = 14.0  # inches for rows, until they are as low as can be read
SIZE = 3.6  # of a dot


def best_dots(table: pd.DataFrame, lines: Mapping[str, ModelLine], title: str) -> Figure:
    """Draw held-out r of the layer chosen in the inner folds, one dot per region and model.

    A dot is filled where q is below .05. The band holds 95 % of the null of the first model, a
    line marks the ceiling.

    Parameters
    ----------
    table : DataFrame
        As made by `chosen_layers`, with at least one row.
    lines : mapping of str to ModelLine
        How the models are drawn, the first one first.
    title : str
    """
    regions = list(table["region"].unique())
    each = min(max(TALLEST / len(regions) / len(lines), ROW[0]), ROW[1])
    height = len(regions) * (SPACE + each * len(lines)) + 1.3
    figure = paper(WIDTH + label_width(regions), height)
    ax = figure.subplots()
    _limits(ax, table[table["model"] == next(iter(lines))], regions)
    for place, (name, line) in enumerate(lines.items()):
        shift = 0.7 * ((place + 0.5) / len(lines) - 0.5)
        _dots(ax, table[table["model"] == name], line, regions, shift)
    finish_lines(figure, _keys(table, lines), title, "")
    return figure


def _dots(
    ax: Axes, table: pd.DataFrame, line: ModelLine, regions: Sequence[str], shift: float
) -> None:
    """Draw a model's scores, so far below the middle of a region's row."""
    at = [regions.index(region) + shift for region in table["region"]]
    face = [line.color if share > 0.5 else "white" for share in table["significant"]]
    dots = ax.scatter(table["score"], at, SIZE**2, face, marker=line.marker, zorder=3)
    dots.set(edgecolor=line.color, linewidth=0.8)


def _limits(ax: Axes, table: pd.DataFrame, regions: Sequence[str]) -> None:
    """Draw the null and the ceiling of every region, and name it."""
    at = np.array([regions.index(region) for region in table["region"]])
    ax.barh(at, table["null_high"] - table["null_low"], 0.8, table["null_low"], color=NULL)
    ax.vlines(table["ceiling"], at - 0.4, at + 0.4, color=CEILING, lw=1.2)
    ax.use_sticky_edges = False  # so that bands do not touch the frame
    ax.axvline(0, color=FAINT, lw=0.5)
    ax.set_ylim(len(regions) - 0.5, -0.5)
    ax.set_yticks(range(len(regions)), [region.replace("_", " ") for region in regions])
    ax.set_xlabel("held-out r of the layer chosen in the inner folds", fontsize=8)
    plain(ax)


def _keys(table: pd.DataFrame, lines: Mapping[str, ModelLine]) -> list[Artist]:
    keys: list[Artist] = [
        line_key(name, line.color, "", marker=line.marker, size=SIZE)
        for name, line in lines.items()
    ]
    keys.append(line_key("q ≥ .05", INK, "", marker="o", size=SIZE, face="white"))
    keys.append(Patch(color=NULL, label=f"null (95 %), {next(iter(lines))}"))
    if table["ceiling"].notna().any():
        keys.append(line_key("ceiling", CEILING))
    return keys
