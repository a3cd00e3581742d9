"""The layers chosen in the inner folds, drawn for a page of a paper."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stages.plots.kit.model_lines import ModelLine, model_lines
from stages.plots.kit.multiples import key_columns, line_key, plain
from stages.plots.kit.panels import FAINT, INK, NULL, label_width, paper
from stages.plots.kit.picture import set_title
from stages.plots.story.curves import CEILING

WIDTH = 5.0  # inches of the scores
SPACE = 0.12  # inches of a region, besides its models
ROW = (0.05, 0.1)  # least and greatest height of a model's row, in inches
TALLEST = 14.0  # inches for rows, until they are as low as can be read
SIZE = 3.6  # of a dot


def best_dots(table: pd.DataFrame, title: str) -> Figure:
    """Draw held-out r of the layer chosen in the inner folds, one dot per region and model.

    A dot is filled where q is below .05. The band holds 95 % of the null of the first model, a
    line marks the ceiling.

    Parameters
    ----------
    table : DataFrame
        As made by `chosen_layers`, with at least one row.
    title : str
    """
    names = table.drop_duplicates("model")
    lines = model_lines(names[["model", "weights"]].itertuples(index=False, name=None))
    regions = list(table["region"].unique())
    each = min(max(TALLEST / len(regions) / len(lines), ROW[0]), ROW[1])
    keys = _keys(table, lines)
    width = WIDTH + label_width(regions)
    height = len(regions) * (SPACE + each * len(lines)) + 1.3
    figure = paper(width, height)
    ax = figure.subplots()
    _limits(ax, table, next(iter(lines)), regions)
    for place, (name, line) in enumerate(lines.items()):
        rows = table[table["model"] == name]
        shift = 0.7 * ((place + 0.5) / len(lines) - 0.5)
        at = [regions.index(region) + shift for region in rows["region"]]
        face = [line.color if share > 0.5 else "white" for share in rows["significant"]]
        look = {"s": SIZE**2, "marker": line.marker, "c": face, "ec": line.color, "lw": 0.8}
        ax.scatter(rows["score"], at, zorder=3, **look)
    figure.legend(
        handles=keys,
        loc="outside lower center",
        ncols=key_columns(keys, width),
        fontsize=7,
        frameon=False,
    )
    set_title(figure, title)
    return figure


def _limits(ax: Axes, table: pd.DataFrame, first: str, regions: list[str]) -> None:
    """Draw the null and the ceiling of every region, and name it."""
    rows = table[table["model"] == first]
    at = [regions.index(region) for region in rows["region"]]
    ax.barh(at, rows["null_high"] - rows["null_low"], 0.8, rows["null_low"], color=NULL)
    for place, ceiling in zip(at, rows["ceiling"], strict=True):
        ax.vlines(ceiling, place - 0.4, place + 0.4, color=CEILING, lw=1.2)
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
