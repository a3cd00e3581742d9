"""Ceilings that are extrapolated to infinitely many subjects, drawn for a page of a paper."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter, ScalarFormatter

from stages.core.names.vocabulary import GROUP
from stages.core.results.story_ceilings import EXTRAPOLATED, LIMIT, MEASURED, REPLICATE
from stages.plots.kit.multiples import (
    finish_lines,
    line_key,
    plain,
    small_multiples,
    title_panel,
    zero,
)
from stages.plots.kit.panels import FAINT, INK

SIZE, COLUMNS = (1.7, 1.5), 4  # of a panel, in inches; side by side
CEILING, BAND, DOT = "#b2182b", "#f4c7c3", "#0072b2"
TICKS = (1, 3, 10, 30, 100, 300, 1000)
CAPTION = (
    "Correlation of a subject held out with the mean of so many others, in {regions}; a dot is one "
    "of {people}, the mean over subsets of the others; the dashed curve leads to infinitely many "
    "others, grey ones are its replicates; the line is the ceiling before its 95 % interval, the "
    "numbers are the ceiling and how many others it takes until one more adds less than .0005."
)


def extrapolated(ceilings: pd.DataFrame) -> pd.DataFrame:
    """Keep the ceilings that are extrapolated for the mean over subjects, by region."""
    group = ceilings[(ceilings["subject"] == GROUP) & (ceilings["kind"] == LIMIT)]
    return group[group["ceiling"].notna()].sort_values("region", ignore_index=True)


def asymptotes(ceilings: pd.DataFrame, points: pd.DataFrame, title: str) -> Figure:
    """Draw agreement against the number of others, and where it tends to, one panel per region.

    Dots are subjects held out, each the mean over subsets of the others; the dashed line is the
    curve to infinitely many, grey lines are its replicates; the line across is the ceiling before
    its 95 % interval.

    Parameters
    ----------
    ceilings : DataFrame
        Made by `extrapolated`, with at least one row.
    points : DataFrame
        Columns `POINT_COLUMNS`.
    title : str
    """
    keys = _keys(set(ceilings["curve"]))
    figure, axes = small_multiples(len(ceilings), SIZE, COLUMNS, keys, "other subjects", least=5.0)
    for ax, (_, row) in zip(axes, ceilings.iterrows(), strict=True):
        _panel(ax, points[points["region"] == row["region"]])
        _limit(ax, row)
        title_panel(ax, str(row["region"]).replace("_", " "), SIZE[0])
    last = points["others"].max()
    for ax in axes:
        ax.set_xscale("log")
        ax.set_xticks([tick for tick in TICKS if tick <= last])
        ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.minorticks_off()
    finish_lines(figure, keys, title, "correlation with the mean of others")
    return figure


def _panel(ax: Axes, points: pd.DataFrame) -> None:
    """Draw what was measured, and the curves."""
    replicates = points[points["part"] == REPLICATE]
    for _, one in replicates.groupby("replicate", sort=False):
        ax.plot(one["others"], one["value"], color=FAINT, lw=0.4, alpha=0.5, zorder=1)
    curve = points[points["part"] == EXTRAPOLATED]
    ax.plot(curve["others"], curve["value"], color=INK, lw=1, ls="--", zorder=3)
    measured = points[points["part"] == MEASURED]
    ax.scatter(measured["others"], measured["value"], s=4, c=DOT, alpha=0.5, linewidths=0, zorder=2)
    plain(ax)
    zero(ax)


def _limit(ax: Axes, row: pd.Series) -> None:
    """Draw the ceiling, its interval, and say where the curve ends."""
    if np.isfinite(row["low"]):
        ax.axhspan(row["low"], row["high"], color=BAND, lw=0, zorder=0)
    ax.axhline(row["ceiling"], color=CEILING, lw=0.8, zorder=1)
    told = f"{row['ceiling']:.2f}".replace("0.", ".", 1)
    if np.isfinite(row["endpoint"]):
        told += f" at {row['endpoint']:.0f}"
    place = ax.transAxes
    ax.text(0.98, 0.04, told, transform=place, ha="right", va="bottom", fontsize=6, color=CEILING)


def _keys(curves: Collection[str]) -> list[Artist]:
    """Explain dots and lines; curves that were fitted come of other draws."""
    known = ("without one subject", "agreement" in curves), ("other draws", curves != {"agreement"})
    replicate = ", or ".join(name for name, there in known if there)
    return [
        line_key("a subject held out", DOT, "", marker="o", size=2.5),
        line_key("curve to infinitely many", INK, "--"),
        line_key(replicate, FAINT),
        line_key("ceiling", CEILING),
        Patch(color=BAND, label="95 % interval"),
    ]
