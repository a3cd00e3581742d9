"""Models against ceilings: one panel per recording, one row per architecture."""

import math
import textwrap
from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stages.core.names.vocabulary import GROUP, UNTRAINED
from stages.core.results.language_tasks import SUMMARIES
from stages.plots.kit.multiples import finish_lines, line_key, plain
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, INK, label_width, paper
from stages.plots.language.zoo_scores import NORMALISED, row_order

PANEL, ROW = 1.75, 0.155  # inches
ACROSS = 6  # panels side by side
TRAINED, TWIN = MODALITIES["language"], MODALITIES[UNTRAINED]
BAND, ALONE = "#cfe3f2", "#777777"  # the ceiling's interval, and nuisance alone
# Smaller marks: column, mark, size and width of its line.
FURTHER = (("beyond", "|", 6.0, 1.3), ("people_value", "D", 2.6, 0.6))
LETTERS = 32  # of a line of a heading
APART = 0.17  # rows between a model and its twin


def benchmark_dots(table: pd.DataFrame, title: str) -> Figure:
    """Draw the score of every model on every recording, with interval, ceiling and nuisance.

    Parameters
    ----------
    table : DataFrame
        From `model_scores`, with at least one row.
    title : str
    """
    rows, recordings = row_order(table), list(table["recording"].unique())
    columns = min(len(recordings), ACROSS)
    bands = math.ceil(len(recordings) / columns)
    width = max(label_width(rows) + PANEL * columns + 0.4, 5.0)
    height = bands * (max(ROW * len(rows), 0.8) + 1.05) + 1.0
    figure = paper(width, height)
    axes = list(figure.subplots(bands, columns, sharey=True, squeeze=False).flat)
    for ax in axes[len(recordings) :]:
        ax.remove()
    for ax, name in zip(axes, recordings, strict=False):
        _panel(ax, table[table["recording"] == name], rows)
    axes[0].set_ylim(len(rows) - 0.4, -0.6)
    axes[0].set_yticks(range(len(rows)), rows, fontsize=6.5)
    _part_controls(axes[: len(recordings)], table, rows)
    finish_lines(figure, _keys(table), title, "")
    return figure


def _panel(ax: Axes, table: pd.DataFrame, rows: Sequence[str]) -> None:
    plain(ax)
    _limits(ax, table)
    for row in table.to_dict("records"):
        _model(ax, row, rows.index(row["architecture"]))
    scored = set(table.loc[table["value"].notna(), "architecture"])
    for place in [at for at, name in enumerate(rows) if name not in scored]:
        ax.text(0.02, place, "not scored", fontsize=5, color=FAINT, va="center",
                transform=ax.get_yaxis_transform())  # fmt: skip
    ax.set_xlabel(str(table["scale"].iloc[0]), fontsize=7)
    ax.set_title(_heading(table), fontsize=7)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelbottom=True)
    ax.set_yticks(range(len(rows)))
    ax.grid(axis="y", color="#eeeeee", lw=0.5)
    ax.set_axisbelow(True)


def _limits(ax: Axes, table: pd.DataFrame) -> None:
    """Draw the ceiling with its interval, and what nuisance variables reach alone."""
    ax.axvline(0, color=FAINT, lw=0.5, zorder=0)
    if table["scale"].iloc[0] == NORMALISED:
        ax.axvline(1, color=INK, lw=0.8, ls="--", zorder=1)
        for low, high in table[["band_low", "band_high"]].dropna().head(1).to_numpy():
            ax.axvspan(low, high, color=BAND, lw=0, zorder=0)
    if table["nuisance"].notna().any():
        ax.axvline(table["nuisance"].mean(), color=ALONE, lw=1.2, zorder=1)


def _model(ax: Axes, row: dict[Hashable, Any], place: int) -> None:
    """Draw a model's interval, score and further marks in the row of its architecture."""
    twin = not (row["trained"] or row["control"])
    color = INK if row["control"] else TWIN if twin else TRAINED
    at = place + (APART if twin else -APART)
    ax.plot([row["low"], row["high"]], [at, at], color=color, lw=0.8, zorder=2)
    face = "white" if twin else color
    ax.plot(row["value"], at, "o", color=color, mfc=face, ms=4, mew=0.7, zorder=4)
    for name, mark, size, width in FURTHER:
        if pd.notna(row[name]):
            ax.plot(row[name], at, mark, color=color, mfc="none", ms=size, mew=width, zorder=3)


def _heading(table: pd.DataFrame) -> str:
    """Name a recording, whose responses are predicted, and how high its ceiling is."""
    first, people, ceiling = table.iloc[0], table["people"].max(), table["ceiling"].max()
    if first["recording"] in SUMMARIES:
        lines = ["mean of recordings, each cut at 1"]
    else:
        whose = "average" if first["subject"] == GROUP else str(first["subject"])
        whose += "" if pd.isna(people) else f" of {people:.0f} people"
        kinds = " / ".join(kind for kind in table["ceiling_kind"].unique() if kind)
        limit = "no ceiling" if pd.isna(ceiling) else f"ceiling {ceiling:.2f}: {kinds}"
        lines = [whose, *textwrap.wrap(limit, LETTERS)]
    return "\n".join([str(first["recording"]), *lines])


def _part_controls(axes: Sequence[Axes], table: pd.DataFrame, rows: Sequence[str]) -> None:
    """Draw a line above the controls, where there are both."""
    controls = set(table.loc[table["control"], "architecture"])
    n = sum(row not in controls for row in rows)
    if 0 < n < len(rows):
        for ax in axes:
            ax.axhline(n - 0.5, color=INK, lw=0.6)


def _keys(table: pd.DataFrame) -> list[Artist]:
    keys: list[Artist] = [line_key("trained", TRAINED, "", marker="o", size=4)]
    if not table["trained"].all():
        keys.append(line_key("untrained twin", TWIN, "", marker="o", size=4, face="white"))
    if table["control"].any():
        keys.append(line_key("control", INK, "", marker="o", size=4))
    if table["beyond"].notna().any():
        keys.append(line_key("beyond nuisance", TRAINED, "", marker="|", size=6))
    if table["people_value"].notna().any():
        keys.append(
            line_key("mean of people / their ceiling", TRAINED, "", marker="D", size=3, face="none")
        )
    if table["nuisance"].notna().any():
        keys.append(line_key("nuisance alone", ALONE))
    if table["scale"].eq(NORMALISED).any():
        keys.append(line_key("ceiling", INK, "--"))
    if table["band_low"].notna().any():
        keys.append(Patch(color=BAND, label="95 % of the people's ceiling"))
    return keys
