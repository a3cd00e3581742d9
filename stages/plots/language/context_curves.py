"""Scores by how much is read before each word: a panel per region, from one word to all."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

from stages.plots.kit.averages import BAND
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import finish_lines, line_key, plain, title_panel, zero
from stages.plots.kit.panels import INK, NULL, paper
from stages.plots.kit.picture import Files, Picture

FOLDER, ALL = "contexts", "all"
PANEL = (2.2, 1.9)  # inches
ACROSS = 4
LINES: Mapping[str, tuple[str, LineStyleType]] = {
    "score": ("score", "-"),
    "beyond": ("beyond nuisance variables", (0, (4, 1.5))),
}


def context_files(table: pd.DataFrame) -> Files:
    """Draw the scores of a model by how much it reads.

    Parameters
    ----------
    table : DataFrame
        From `read_contexts`.
    """
    data = f"{FOLDER}/contexts.csv"
    model, recording = table[["model", "recording"]].iloc[0]
    title = f"{model} on {recording}, by how much is read before each word"
    caption = (
        "Held-out correlation of the layer that inner folds choose, extracted and fitted anew "
        "after each number of words, those of the stimulus included. Band: 95 % of the null."
    )
    drawn = in_order(table)
    return {data: drawn, f"{FOLDER}/contexts.png": Picture(_figure(drawn, title), caption, data)}


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Put rows from the fewest words to all of them, and say which those are (`words`)."""
    words = table["context"].map(lambda count: f"{count:.0f}" if count else ALL)
    last = table["context"].where(table["context"] > 0, float("inf"))
    ordered = table.assign(words=words, last=last).sort_values("last", kind="stable")
    return ordered.drop(columns=["context", "last"]).reset_index(drop=True)


def _figure(drawn: pd.DataFrame, title: str) -> Figure:
    regions = list(drawn["region"].unique())
    across = min(len(regions), ACROSS)
    down = -(-len(regions) // across)
    figure = paper(max(PANEL[0] * across + 0.6, 4.6), PANEL[1] * down + 1.1)
    axes = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, region in zip(axes, regions, strict=False):
        _draw(ax, drawn[drawn["region"] == region])
        title_panel(ax, region, PANEL[0])
    for ax in axes[len(regions) :]:
        ax.set_visible(False)
    for ax in axes[max(len(regions) - across, 0) : len(regions)]:
        ax.set_xlabel("words read", fontsize=7)
    keys = [line_key(name, COLORS[0], style) for name, style in LINES.values()]
    keys += [line_key("ceiling", INK, ":"), line_key("null (95 %)", NULL, marker="s", size=6)]
    finish_lines(figure, keys, title, "correlation")
    return figure


def _draw(ax: Axes, rows: pd.DataFrame) -> None:
    plain(ax)
    zero(ax)
    places = range(len(rows))
    spread = BAND * rows["null_sd"]
    low, high = rows["null_mean"] - spread, rows["null_mean"] + spread
    ax.fill_between(places, low, high, color=NULL, lw=0)
    for column, (_, style) in LINES.items():
        ax.plot(places, rows[column], ls=style, color=COLORS[0], lw=1.1, marker="o", ms=2.5)
    ax.plot(places, rows["ceiling"], ls=":", color=INK, lw=0.9)
    ax.set_xticks(list(places), list(rows["words"]))
