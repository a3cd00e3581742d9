"""Heat maps and curves, drawn for a page of a paper."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stages.plots.panels import (
    FAINT,
    NULL,
    draw_panel,
    finish,
    name_families,
    part_families,
    strongest,
)
from stages.plots.tables import grid

CEILING, NUISANCE, HIDDEN, ATTENTION = "#b2182b", "#2166ac", "#1b7837", "#9970ab"
KINDS = {"hidden": "hidden states", "attention": "attention"}
WIDEST = 8.0  # inches for the cells of a heat map, until they are as narrow as can be read
CELL = (0.13, 0.42)  # least and greatest width of a cell, in inches
LABEL = 0.2  # inches that the number of a layer takes


def heat_map(table: pd.DataFrame, by: str, title: str) -> Figure:
    """Draw held-out r of every row (region or type of feature) and layer.

    Hidden states, attention, controls and the ceiling stand apart, on one colour scale that is
    symmetric about 0. A dot marks q below .05 (for averages, of most of what is averaged), grey
    what was not measured. Types are grouped by family.

    Parameters
    ----------
    table : DataFrame
        As made by `encoding_table` or `probing_table`.
    by : str
        `region` or `type`.
    title : str
    """
    panels = _panels(table, by)
    widths = [len(scores.columns) for scores, _ in panels.values()]
    cell = min(max(WIDEST / sum(widths), CELL[0]), CELL[1])
    size = (2.6 + cell * sum(widths), 1.6 + 0.24 * table[by].nunique())
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(1, len(panels), width_ratios=widths, sharey=True, squeeze=False)[0]
    top = strongest(scores for scores, _ in panels.values())
    for ax, (kind, (scores, marks)) in zip(axes, panels.items(), strict=True):
        image = draw_panel(ax, scores, marks, top, every=math.ceil(LABEL / cell))
        ax.set_title(KINDS.get(kind, ""), fontsize=8)
        ax.set_xlabel("layer" if kind in KINDS else "", fontsize=8)
    if "family" in table:
        families = table.groupby(by, sort=False)["family"].first().tolist()
        part_families(axes, families)
        name_families(figure, axes[0], families)
    dot = "q < .05" if by == "region" else "q < .05 for most features"
    finish(figure, image, dot, title, aspect=max(5, table[by].nunique()))
    return figure


def _panels(table: pd.DataFrame, by: str) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Scores and marks of significance of each kind of layer; the ceiling comes last."""
    scores, marks = grid(table, by, "score"), grid(table, by, "significant")
    kinds = table.groupby("kind", sort=False)["layer"].unique()
    panels = {str(kind): (scores[layers], marks[layers]) for kind, layers in kinds.items()}
    ceiling = table.groupby(by, sort=False)[["ceiling"]].first()
    if ceiling["ceiling"].notna().any():
        panels["ceiling"] = (ceiling, 0 * ceiling)
    return panels


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
