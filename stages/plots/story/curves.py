"""Curves along the depth of the model, drawn for a page of a paper."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stages.plots.kit.panels import FAINT, KINDS, NULL

CEILING, NUISANCE, HIDDEN, ATTENTION = "#b2182b", "#2166ac", "#1b7837", "#9970ab"


def layer_curves(table: pd.DataFrame, title: str) -> Figure:
    """Draw held-out r along the depth of the model, one panel per region.

    The band holds 95 % of the null of the hidden states; lines mark the ceiling and what the
    nuisance variables alone reach.

    Parameters
    ----------
    table : DataFrame
        As made by `encoding_table`.
    title : str
    """
    regions = table["region"].unique()
    columns = math.ceil(math.sqrt(len(regions)))
    rows = math.ceil(len(regions) / columns)
    size = (1.9 * max(columns, 2) + 0.6, 1.6 * rows + 0.9)
    figure = Figure(figsize=size, layout="constrained")
    axes = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    for ax, region in zip(axes, regions, strict=False):
        _curves(ax, table[table["region"] == region])
        ax.set_title(region.replace("_", " "), fontsize=8)
    for ax in axes[len(regions) :]:
        ax.remove()
    for ax in axes[: len(regions)][-columns:]:
        ax.set_xlabel("layer", fontsize=8)
        ax.tick_params(labelbottom=True)
    lines = {
        label: line
        for ax in axes[: len(regions)]
        for line, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        list(lines.values()),
        list(lines),
        loc="outside lower center",
        ncols=5 if columns > 2 else 3,
        fontsize=7,
        frameon=False,
    )
    figure.supylabel("held-out r", fontsize=8)
    figure.suptitle(title, fontsize=9)
    return figure


def _curves(ax: Axes, table: pd.DataFrame) -> None:
    hidden = table[table["kind"] == "hidden"]
    band = (hidden["depth"], hidden["null_low"], hidden["null_high"])
    ax.fill_between(*band, color=NULL, lw=0, label="null (95 %)")
    for kind, color in (("hidden", HIDDEN), ("attention", ATTENTION)):
        rows = table[table["kind"] == kind]
        if len(rows):
            line = (rows["depth"], rows["score"], "o-")
            ax.plot(*line, ms=2.5, lw=1, color=color, label=KINDS[kind])
    nuisance = table[table["layer"] == "nuisance"]["score"]
    ceiling = table["ceiling"].dropna()
    if len(nuisance):
        ax.axhline(nuisance.iloc[0], color=NUISANCE, lw=0.8, ls=":", label="nuisance alone")
    if len(ceiling):
        ax.axhline(ceiling.iloc[0], color=CEILING, lw=0.8, ls="--", label="ceiling")
    ax.axhline(0, color=FAINT, lw=0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=7)
