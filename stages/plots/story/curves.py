"""Curves along the depth of the model, drawn for a page of a paper."""

import math
from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stages.core.names.vocabulary import UNTRAINED
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, KINDS, NULL, paper
from stages.plots.kit.picture import set_title

CEILING, NUISANCE, HIDDEN, ATTENTION = "#b2182b", "#2166ac", "#1b7837", "#9970ab"
DASHES = (0, (4, 1.5))


def layer_curves(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Draw held-out r along the depth of the model, one panel per region.

    The band holds 95 % of the null of the hidden states; lines mark the ceiling and what the
    nuisance variables alone reach. The hidden states of the untrained twin are dashed, in grey.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By model, the model itself and its twin if there is one; as made by `encoding_table`.
    title : str
    """
    (_, table), *twins = tables.items()
    regions = table["region"].unique()
    columns = math.ceil(math.sqrt(len(regions)))
    rows = math.ceil(len(regions) / columns)
    figure = paper(1.9 * max(columns, 2) + 0.6, 1.6 * rows + 0.9)
    axes = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    for ax, region in zip(axes, regions, strict=False):
        _curves(ax, table[table["region"] == region])
        for name, twin in twins:
            _twin(ax, twin[twin["region"] == region], name)
        ax.set_title(region.replace("_", " "), fontsize=8)
    for ax in axes[len(regions) :]:
        ax.remove()
    for ax in axes[: len(regions)][-columns:]:
        ax.set_xlabel("layer", fontsize=8)
        ax.tick_params(labelbottom=True)
    _explain(figure, columns)
    figure.supylabel("held-out r", fontsize=8)
    set_title(figure, title)
    return figure


def _explain(figure: Figure, columns: int) -> None:
    """Explain every kind of line once."""
    lines = {
        label: line
        for ax in figure.axes
        for line, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        list(lines.values()),
        list(lines),
        loc="outside lower center",
        ncols=5 if columns > 2 and len(lines) < 6 else 3,
        fontsize=7,
        frameon=False,
    )


def _curves(ax: Axes, table: pd.DataFrame) -> None:
    """Draw the model's layers before their null, the ceiling, and the nuisance."""
    hidden = table[table["kind"] == "hidden"]
    band = (hidden["layer_number"], hidden["null_low"], hidden["null_high"])
    ax.fill_between(*band, color=NULL, lw=0, label="null (95 %)")
    for kind, color in (("hidden", HIDDEN), ("attention", ATTENTION)):
        rows = table[table["kind"] == kind]
        if len(rows):
            line = (rows["layer_number"], rows["score"], "o-")
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


def _twin(ax: Axes, table: pd.DataFrame, name: str) -> None:
    """Draw the hidden states of the untrained twin."""
    rows = table[table["kind"] == "hidden"]
    color, label = MODALITIES[UNTRAINED], f"{KINDS['hidden']}, {name}"
    ax.plot(
        rows["layer_number"], rows["score"], "o", ls=DASHES, ms=2, lw=1, color=color, label=label
    )
