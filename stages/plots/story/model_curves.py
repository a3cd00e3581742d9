"""Curves of all models along their depth, drawn for a page of a paper."""

import math
from collections.abc import Mapping

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stages.plots.kit.model_lines import ModelLine
from stages.plots.kit.multiples import finish_lines, line_key, small_multiples, title_panel, zero
from stages.plots.kit.panels import INK, NULL
from stages.plots.story.curves import CEILING

SIZE = (1.9, 1.5)  # inches of a panel
DOT = 5.0  # size of the dot at the layer chosen
CHOSEN = "layer chosen in the inner folds"


def model_curves(
    table: pd.DataFrame, by: str, lines: Mapping[str, ModelLine], title: str
) -> Figure:
    """Draw held-out r along the relative depth of every model, one panel per region or type.

    Trained models are in colour, untrained ones grey and dashed. The band holds 95 % of the null
    of the first model, a line marks the ceiling. A dot stands at the layer chosen in the inner
    folds, as high as the score of that choice, filled where q is below .05.

    Parameters
    ----------
    table : DataFrame
        As made by `encoding_models` or `probing_models`.
    by : str
        `region` or `type`.
    lines : mapping of str to ModelLine
        How the models are drawn, the first one first.
    title : str
    """
    panels = list(table.groupby(by, sort=False))
    keys = _keys(table, lines)
    columns = max(math.ceil(math.sqrt(len(panels))), 2)
    figure, axes = small_multiples(len(panels), SIZE, columns, keys, "relative depth", least=5.0)
    for ax, (name, rows) in zip(axes, panels, strict=True):
        _draw(ax, rows, lines)
        title_panel(ax, _titled(str(name), rows), SIZE[0])
    finish_lines(figure, keys, title, "held-out r")
    return figure


def _titled(name: str, rows: pd.DataFrame) -> str:
    """Name a region, or a type of feature with its family."""
    family = str(rows["family"].iloc[0]) if "family" in rows else name
    told = name if family.lower() == name.lower() else f"{name} ({family})"
    return told.replace("_", " ")


def _draw(ax: Axes, table: pd.DataFrame, lines: Mapping[str, ModelLine]) -> None:
    zero(ax)
    hidden = table[table["kind"] == "hidden"]
    first = hidden[hidden["model"] == next(iter(lines))]
    ax.fill_between(first["depth"], first["null_low"], first["null_high"], color=NULL, lw=0)
    for ceiling in table["ceiling"].dropna().head(1):
        ax.axhline(ceiling, color=CEILING, lw=0.8, ls="--")
    for name, rows in hidden.groupby("model", sort=False):
        line = lines[str(name)]
        (curve,) = ax.plot(rows["depth"], rows["score"], line.marker, color=line.color, ms=2, lw=1)
        curve.set_linestyle(line.dashes)
    nested = table[table["kind"] == "nested"]
    filled = nested["significant"] > 0.5
    for name, depth, score, found in zip(
        nested["model"], nested["depth"], nested["score"], filled, strict=True
    ):
        line = lines[name]
        (dot,) = ax.plot(depth, score, line.marker, color=line.color, ms=DOT, zorder=3)
        dot.set(markerfacecolor=line.color if found else "white", markeredgewidth=0.8)
    ax.set_xlim(-0.05, 1.05)


def _keys(table: pd.DataFrame, lines: Mapping[str, ModelLine]) -> list[Artist]:
    """Explain lines and dots."""
    keys: list[Artist] = [
        line_key(name, line.color, line.dashes, marker=line.marker, size=2)
        for name, line in lines.items()
    ]
    keys.append(Patch(color=NULL, label=f"null (95 %), {next(iter(lines))}"))
    if table["ceiling"].notna().any():
        keys.append(line_key("ceiling", CEILING, "--"))
    if (table["kind"] == "nested").any():
        keys.append(line_key(f"{CHOSEN}, q < .05", INK, "", marker="o", size=DOT))
        keys.append(line_key(f"{CHOSEN}, q ≥ .05", INK, "", marker="o", size=DOT, face="white"))
    return keys
