"""Scores along the depth of every model: a column per recording, a row per lineage if many."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.core.names.lineages import lineage
from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.core.results.language_scores import EVERYWHERE
from stages.plots.kit.averages import BAND
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import finish_lines, line_key, plain, zero
from stages.plots.kit.panels import INK, NULL, paper
from stages.plots.language.zoo_scores import NORMALISED, PLAIN

PANEL = (2.1, 1.35)  # inches
TOGETHER = 8  # architectures in one row of panels, at most


def layer_table(scores: pd.DataFrame, layers: pd.DataFrame) -> pd.DataFrame:
    """Average the scores of every layer over regions, control regions left out.

    Returns
    -------
    DataFrame
        Columns recording, model, architecture, lineage (`models` where few architectures are
        there), trained, layer, depth, score, null_low and null_high (95 %, at most), scale, and
        best, whether it is the layer of the model's score. Layers without a depth are left out.
    """
    rows = layers[~layers["region"].isin(CONTROL_NETWORKS) & layers["depth"].notna()]
    by = ["recording", "model", "layer", "depth"]
    table = rows.groupby(by, sort=False)[["score", "null_mean", "null_sd"]].mean().reset_index()
    whole = scores[scores["region"] == EVERYWHERE]
    plain_known = whole["score"].notna().groupby(whole["recording"]).any()
    told = whole[["recording", "model", "architecture", "trained"]].assign(best=whole["layer"])
    table = table.merge(told, on=["recording", "model"], how="inner")
    family = table["architecture"].map(lineage)
    many = table["architecture"].nunique() > TOGETHER
    scale = np.where(table["recording"].map(plain_known).eq(True), PLAIN, NORMALISED)
    return table.assign(
        lineage=family if many else "models",
        null_low=table["null_mean"] - BAND * table["null_sd"],
        null_high=table["null_mean"] + BAND * table["null_sd"],
        scale=scale,
        best=table["best"] == table["layer"],
    ).drop(columns=["null_mean", "null_sd"])


def zoo_layers(table: pd.DataFrame, title: str) -> Figure:
    """Draw the score along relative depth, a line per model and a dot at its best layer.

    Untrained twins have the colour of their model, dashed. The band holds 95 % of the null of the
    first model of a panel, where it is known.

    Parameters
    ----------
    table : DataFrame
        From `layer_table`, with at least one row.
    title : str
    """
    lines = table.groupby(["recording", "model"])["layer"].transform("size") > 1
    table = table[lines] if lines.any() else table
    rows, columns = list(table["lineage"].unique()), list(table["recording"].unique())
    rows.sort(key=lambda name: -int((table["lineage"] == name).sum()))
    size = max(PANEL[0] * len(columns) + 2.3, 5.0), PANEL[1] * len(rows) + 1.3
    figure = paper(*size)
    axes = figure.subplots(len(rows), len(columns), sharex=True, sharey="col", squeeze=False)
    for row, family in zip(axes, rows, strict=True):
        own = table[table["lineage"] == family]
        names = list(own["architecture"].unique())
        for ax, recording in zip(row, columns, strict=True):
            _draw(ax, own[own["recording"] == recording], names)
        _explain(row[-1], own, names)
        if len(rows) > 1:
            row[0].set_ylabel(family, fontsize=8)
    for ax, recording in zip(axes[0], columns, strict=True):
        scale = table.loc[table["recording"] == recording, "scale"].iloc[0]
        ax.set_title(f"{recording}\n{scale}", fontsize=8)
    for ax in axes[-1]:
        ax.set_xlabel("relative depth", fontsize=7)
    keys = [
        line_key("trained", INK),
        line_key("untrained twin", INK, (0, (4, 1.5))),
        line_key("layer of the model's score", INK, "", marker="o", size=4),
    ]
    if table["null_low"].notna().any():
        keys.append(line_key("null (95 %)", NULL, marker="s", size=6))
    finish_lines(figure, keys, title, "")
    return figure


def _draw(ax: Axes, table: pd.DataFrame, names: Sequence[str]) -> None:
    plain(ax)
    zero(ax)
    known = table[table["null_low"].notna()]
    first = known[known["model"] == known["model"].iloc[0]] if len(known) else known
    ax.fill_between(first["depth"], first["null_low"], first["null_high"], color=NULL, lw=0)
    for _, unsorted in table.groupby("model", sort=False):
        rows = unsorted.sort_values("depth")
        trained = bool(rows["trained"].iloc[0])
        color = COLORS[names.index(str(rows["architecture"].iloc[0])) % len(COLORS)]
        ax.plot(
            rows["depth"],
            rows["score"],
            ls="-" if trained else (0, (4, 1.5)),
            color=color,
            lw=1.1 if trained else 0.7,
        )
        best = rows[rows["best"]]
        face = color if trained else "white"
        ax.plot(best["depth"], best["score"], "o", color=color, mfc=face, ms=3.5, mew=0.7)


def _explain(ax: Axes, table: pd.DataFrame, names: Sequence[str]) -> None:
    keys = [line_key(name, COLORS[at % len(COLORS)]) for at, name in enumerate(names)]
    ax.legend(
        handles=keys, loc="upper left", bbox_to_anchor=(1.0, 1.05), fontsize=6, frameon=False,
        handlelength=1.2, labelspacing=0.25,
    )  # fmt: skip
