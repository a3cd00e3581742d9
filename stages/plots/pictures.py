"""Heat maps and curves, drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from stages.plots.tables import grid

INK, FAINT, NULL, CEILING, NUISANCE = "#222222", "#999999", "#d9d9d9", "#b2182b", "#2166ac"
HIDDEN, ATTENTION = "#1b7837", "#9970ab"


def heat_map(table: pd.DataFrame, by: str, title: str) -> Figure:
    """Draw held-out r of every row (region or family) and layer.

    Hidden states, attention and controls stand apart; a dot marks what is significant
    (q < .05; for families, most of their features), and for regions a last panel shows the ceiling.

    Parameters
    ----------
    table : DataFrame
        As made by `encoding_table` or `probing_table`.
    by : str
        `region` or `family`.
    title : str
    """
    panels = [kind for kind in ("hidden", "attention", "control") if (table["kind"] == kind).any()]
    grids = [grid(table[table["kind"] == kind], by, "score") for kind in panels]
    marks = [grid(table[table["kind"] == kind], by, "significant") for kind in panels]
    if table["ceiling"].notna().any():
        first = table.drop_duplicates(by)
        grids.append(first.set_index(by)[["ceiling"]])
        marks.append(grids[-1] * 0)
        panels.append("ceiling")
    widths = [panel.shape[1] for panel in grids]
    rows = len(grids[0])
    figure = Figure(figsize=(2.2 + 0.42 * sum(widths), 1.5 + 0.24 * rows), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(grids), width_ratios=widths, sharey=True))
    top = max(float(panel.to_numpy(float).max()) for panel in grids)
    norm = TwoSlopeNorm(0, -max(top, 0.05), max(top, 0.05))
    for ax, panel, mark, name in zip(axes, grids, marks, panels, strict=True):
        image = ax.imshow(panel, cmap="RdBu_r", norm=norm, aspect="auto")
        at = np.argwhere(mark.to_numpy(float) > 0.5)
        ax.scatter(at[:, 1], at[:, 0], s=4, color=INK, linewidths=0)
        ax.set_title(name if name != "hidden" else "hidden states", fontsize=8)
        _label(ax, panel)
    bar = figure.colorbar(image, ax=list(axes), shrink=0.8, pad=0.01)
    bar.set_label("held-out r", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    figure.suptitle(title, fontsize=9)
    return figure


def _label(ax: Axes, panel: pd.DataFrame) -> None:
    names = [str(name).removeprefix("attention_").removeprefix("layer_") for name in panel.columns]
    turned = max(len(name) for name in names) > 2
    ax.set_xticks(range(len(names)), names, rotation=90 if turned else 0, fontsize=7)
    ax.set_yticks(
        range(len(panel)), [str(name).replace("_", " ") for name in panel.index], fontsize=7
    )
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def layer_curves(table: pd.DataFrame, title: str) -> Figure:
    """Draw held-out r along the depth of the model, one panel per region.

    The band holds 95 % of the null of the hidden states; lines mark the ceiling and what the
    nuisance variables alone reach.
    """
    regions = list(dict.fromkeys(table["region"]))
    columns = min(4, len(regions))
    rows = -(-len(regions) // columns)
    figure = Figure(figsize=(1.9 * columns + 0.6, 1.6 * rows + 0.7), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for ax, region in zip(axes.flat, regions, strict=False):
        _curves(ax, table[table["region"] == region])
        ax.set_title(region.replace("_", " "), fontsize=8)
    for ax in list(axes.flat)[len(regions) :]:
        ax.set_visible(False)
    figure.legend(
        *axes.flat[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=5,
        fontsize=7,
        frameon=False,
    )
    for ax in axes[-1]:
        ax.set_xlabel("layer", fontsize=8)
    figure.supylabel("held-out r", fontsize=8)
    figure.suptitle(title, fontsize=9)
    return figure


def _curves(ax: Axes, table: pd.DataFrame) -> None:
    hidden = table[table["kind"] == "hidden"]
    ax.fill_between(
        hidden["depth"],
        hidden["null_low"],
        hidden["null_high"],
        color=NULL,
        lw=0,
        label="null (95 %)",
    )
    for kind, color, name in (
        ("hidden", HIDDEN, "hidden states"),
        ("attention", ATTENTION, "attention"),
    ):
        rows = table[table["kind"] == kind]
        if len(rows):
            ax.plot(rows["depth"], rows["score"], "o-", ms=2.5, lw=1, color=color, label=name)
    nuisance = table[table["layer"] == "nuisance"]["score"]
    ceiling = table["ceiling"].dropna()
    if len(nuisance):
        ax.axhline(nuisance.iloc[0], color=NUISANCE, lw=0.8, ls=":", label="nuisance alone")
    if len(ceiling):
        ax.axhline(ceiling.iloc[0], color=CEILING, lw=0.8, ls="--", label="ceiling")
    ax.axhline(0, color=FAINT, lw=0.5)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=7)
