"""Alignment beside performance and size, drawn for a page of a paper."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.core.names.vocabulary import SIGNIFICANT
from stages.plots.kit.multiples import line_key, plain
from stages.plots.kit.panels import FAINT, INK, label_width, paper
from stages.plots.scene.tables import STATISTICS

COLORS = ("#0072b2", "#56b4e9", "#d55e00", "#e69f00")  # one per statistic
ROW, NARROW = 0.34, 0.14  # inches of a benchmark, with all statistics and with one
WIDTH = 3.2  # inches of a panel


def forest(table: pd.DataFrame, title: str) -> Figure | None:
    """Draw correlations of alignment over models, with 95 % intervals, one panel per modality.

    Filled dots are those with q below .05.

    Parameters
    ----------
    table : DataFrame
        As made by `performance_table`.
    title : str

    Returns
    -------
    Figure or None
        None if there is no correlation.
    """
    if table.empty:
        return None
    shown = [name for name in STATISTICS if (table["statistic"] == name).any()]
    colors = dict(zip(STATISTICS, COLORS, strict=True))
    modalities = list(table["modality"].unique())
    counts = [table.loc[table["modality"] == one, "benchmark"].nunique() for one in modalities]
    row = NARROW + (ROW - NARROW) * (len(shown) - 1) / (len(STATISTICS) - 1)
    names = label_width(table["benchmark"])
    figure = paper(WIDTH + names + 1.2, sum(counts) * row + 0.5 * len(counts) + 1.6)
    axes = figure.subplots(len(counts), 1, height_ratios=counts, sharex=True, squeeze=False)
    for ax, modality in zip(axes[:, 0], modalities, strict=True):
        _panel(ax, table[table["modality"] == modality], shown, colors)
        ax.set_title(modality, fontsize=8)
    axes[-1, 0].set_xlabel("correlation with alignment over models", fontsize=8)
    figure.legend(
        handles=_keys(shown, colors),
        loc="outside lower center",
        ncols=2,
        fontsize=7,
        frameon=False,
    )
    figure.suptitle(title, fontsize=9)
    return figure


def _panel(ax: Axes, table: pd.DataFrame, shown: list[str], colors: dict[str, str]) -> None:
    benchmarks = list(table["benchmark"].unique())
    for place, statistic in enumerate(shown):
        rows = table[table["statistic"] == statistic]
        shift = 0.7 * ((place + 0.5) / len(shown) - 0.5)
        at = [benchmarks.index(name) + shift for name in rows["benchmark"]]
        ax.hlines(at, rows["low"], rows["high"], color=colors[statistic], lw=1)
        faces = [colors[statistic] if q < SIGNIFICANT else "white" for q in rows["q"]]
        ax.scatter(rows["value"], at, s=12, c=faces, ec=colors[statistic], lw=0.8, zorder=3)
    ax.axvline(0, color=FAINT, lw=0.6, zorder=0)
    ax.set_xlim(-1.05, 1.05)
    ax.set_ylim(len(benchmarks) - 0.5, -0.5)
    counts = table.groupby("benchmark", sort=False)["n"].max()
    labels = [f"{name} (n = {n:.0f})" if n > 0 else str(name) for name, n in counts.items()]
    ax.set_yticks(range(len(labels)), labels)
    plain(ax)


def _keys(shown: list[str], colors: dict[str, str]) -> list[Artist]:
    keys: list[Artist] = [
        line_key(STATISTICS[name], colors[name], marker="o", size=3.5) for name in shown
    ]
    keys.append(line_key("q ≥ .05, or not tested", INK, "", marker="o", size=3.5, face="white"))
    return keys
