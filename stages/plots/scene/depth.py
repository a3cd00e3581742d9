"""Where along depth models agree with regions, drawn for a page of a paper."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stages.core.names.areas import is_mixed
from stages.core.names.vocabulary import MEAN
from stages.core.results.shown import aligned, of_people, where_aligned
from stages.core.results.survey import Survey
from stages.plots.kit.multiples import (
    PER_BAND,
    color_bar,
    finish_lines,
    name_columns,
    network_keys,
    network_strip,
    small_multiples,
    title_panel,
)
from stages.plots.kit.palette import network_color
from stages.plots.kit.panels import NULL, dot_key, draw_panel, paper, strongest
from stages.plots.scene.crowds import TABLES, keep_best, with_note
from stages.plots.scene.selection import of_trained, ordered_regions

WIDTH = 7.0  # inches for the cells of one column of panels
CELL = 0.3  # greatest width of a cell, in inches
BIN = 0.09  # inches of the height of a bin
MANY = 6  # models: more are drawn in two columns
MOST = 16  # models: of more, the best are drawn below the mean of each kind
MOST_SCATTERED = 8
QUANTITIES = {"best_depth": "depth of the best layer", "depth_centre": "centre of alignment"}


def depth_map(survey: Survey, title: str) -> Figure | None:
    """Draw the alignment of every part of every trained model with every region.

    Rows are parts of equal depth, the first layers below, columns regions from posterior to
    anterior; a part without layers is grey. Of many models the best are shown, below the means of
    all models of each kind.

    Parameters
    ----------
    survey : Survey
        Of one metric.
    title : str

    Returns
    -------
    Figure or None
        None if there is no trained model.
    """
    table = of_trained(of_people(survey.depth), survey.models)
    if table.empty:
        return None
    order = ordered_regions(survey.regions)
    order = order[order["region"].isin(table["region"])]
    bins = range(int(table["bin"].max()), 0, -1)
    kept, note = keep_best(table, "score", MOST)
    shown = kept.assign(panel=kept["name"])
    if note:
        counts = table.groupby("kind", sort=False)["name"].nunique()
        every = [f"mean of {counts[kind]} {kind} models" for kind in table["kind"]]
        shown = pd.concat([table.assign(panel=every), shown])
    panels = {
        str(name): rows.pivot_table(index="bin", columns="region", values="score").reindex(
            index=bins, columns=order["region"]
        )
        for name, rows in shown.groupby("panel", sort=False)
    }
    figure = _depths(panels, order, strongest(panels.values()))
    keys = network_keys(order["network"])
    if any(scores.isna().to_numpy().any() for scores in panels.values()):
        keys.append(Patch(color=NULL, label="no layer in this part"))
    title = with_note(title, note, f"{TABLES}/depth.parquet")
    finish_lines(figure, keys, title, "depth, from first to last layers")
    return figure


def _depths(panels: dict[str, pd.DataFrame], order: pd.DataFrame, top: float) -> Figure:
    """Draw one panel per model above one strip of networks per column."""
    columns = 2 if len(panels) > MANY else 1
    rows = -(-len(panels) // columns)
    named = len(order) <= PER_BAND // columns
    width = min(WIDTH / columns, CELL * len(order))
    names = 0.06 * max(map(len, order["region"])) if named else 0
    bins = len(next(iter(panels.values())))
    height = rows * (BIN * bins + 0.22) + names + 1.3
    figure = paper(max(columns * (width + 0.2) + 1.2, 5.0), max(height, 3.8))
    heights = [*[BIN * bins] * rows, 0.08]
    axes = figure.subplots(rows + 1, columns, height_ratios=heights, squeeze=False)
    for place, (name, scores) in enumerate(panels.items()):
        ax = axes[place % rows, place // rows]
        image = draw_panel(ax, scores, 0 * scores, top)
        image.set_interpolation("nearest")  # a part without layers stays grey
        ax.set_xticks([])
        ax.set_yticks([])
        title_panel(ax, name, max(width, 2.2))
    for ax in axes[:rows].T.flat[len(panels) :]:
        ax.remove()
    for ax in axes[rows]:
        network_strip(ax, list(order["region"]), list(order["network"]), len(order))
        name_columns(ax, list(order["region"]) if named else [])
        placed = order["y"].notna().any()
        ax.set_xlabel("regions, posterior → anterior" if placed else "", fontsize=8)
    color_bar(figure, image, "alignment (mean over layers and subjects)")
    return figure


def gradient_scatter(survey: Survey, title: str) -> Figure | None:
    """Draw the depth that agrees with a region against how anterior the region is.

    A dot is one region of one subject that the model aligns with, in the colour of its network,
    hollow where less than half of the region lies in it. Above it stand the Spearman correlation of
    the mean over subjects, p, in brackets over how many mm the map of depths is smooth, and the
    range of the correlations of the subjects. Of many models the best are shown; `gradient_spread`
    shows the correlations of all.

    Parameters
    ----------
    survey : Survey
        Of one metric.
    title : str

    Returns
    -------
    Figure or None
        None if no trained model aligns with a region that has coordinates.
    """
    places = survey.regions[["subject", "region", "network", "y"]].dropna(subset="y")
    by = ["model", "modality", "subject", "region"]
    centres = survey.centres.rename(columns={"depth_centre": "depth"})
    tables = {
        "best_depth": aligned(survey.best)[[*by, "depth"]],
        "depth_centre": where_aligned(centres, survey.best, by)[[*by, "depth"]],
    }
    dots = [
        of_people(table).merge(places, on=["subject", "region"]).assign(quantity=quantity)
        for quantity, table in tables.items()
    ]
    table = of_trained(pd.concat(dots), survey.models)
    if table.empty:
        return None
    gradient = of_trained(survey.gradient, survey.models)
    best = of_trained(of_people(survey.best), survey.models)
    kept, note = keep_best(best, "score", MOST_SCATTERED)
    table = table[table["name"].isin(kept["name"])] if note else table
    title, names = with_note(title, note, f"{TABLES}/gradient.parquet"), table["name"].unique()
    columns_of_panels = 2 * min(len(names), 2)
    keys = network_keys(table["network"])
    table["mixed"] = table["region"].map(is_mixed) & table["network"].ne("")
    if table["mixed"].any():
        keys.append(dot_key("less than half in its network", "none"))
    across = "y (mm), posterior → anterior"
    figure, axes = small_multiples(2 * len(names), (1.9, 1.7), columns_of_panels, keys, across)
    panels = [(name, quantity) for name in names for quantity in QUANTITIES]
    for ax, (name, quantity) in zip(axes, panels, strict=True):
        rows = table[(table["name"] == name) & (table["quantity"] == quantity)]
        colors = list(map(network_color, rows["network"]))
        faces = [
            "none" if mixed else color for mixed, color in zip(rows["mixed"], colors, strict=True)
        ]
        ax.scatter(rows["y"], rows["depth"], s=6, c=faces, edgecolors=colors, lw=0.5)
        told = _told(gradient[(gradient["name"] == name) & (gradient["quantity"] == quantity)])
        title_panel(ax, f"{name}\n{QUANTITIES[quantity]}{told}", 1.75)
        ax.set_ylim(-0.05, 1.05)
    finish_lines(figure, keys, title, "relative depth")
    return figure


def _told(gradient: pd.DataFrame) -> str:
    """Say how depth and place correlate, in the mean over subjects and within them."""
    mean = gradient[gradient["subject"] == MEAN]
    own = gradient[gradient["subject"] != MEAN]["spearman"]
    ends = f"\nsubjects {own.min():.2f} to {own.max():.2f}" if len(own) > 1 else ""
    known = mean[["spearman", "p", "smoothness"]].to_numpy(float)
    return "".join(f"\nρ = {r:.2f}, p = {p:.2g} (smooth: {mm:.0f} mm){ends}" for r, p, mm in known)
