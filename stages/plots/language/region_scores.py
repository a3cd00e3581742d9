"""Scores of every region: models by regions, one band of panels per recording."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.language_scores import EVERYWHERE
from stages.plots.kit.averages import grid
from stages.plots.kit.multiples import name_columns
from stages.plots.kit.panels import (
    NULL,
    dot_key,
    draw_panel,
    finish,
    label_width,
    paper,
    row_height,
    strongest,
)

CELL = (0.16, 0.42)  # least and greatest width of a cell, in inches
WIDEST = 9.0  # inches for cells
CONTROL_ENDS = " (control)"


def region_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Select the scores of single regions, the control regions last.

    Returns
    -------
    DataFrame
        Columns recording, region, control, model, score, q, and significant, 1 where q is below
        .05.
    """
    rows = scores[(scores["region"] != EVERYWHERE) & scores["score"].notna()]
    control = rows["region"].isin(CONTROL_NETWORKS)
    table = rows.assign(control=control, significant=(rows["q"] < SIGNIFICANT).astype(float))
    columns = ["recording", "region", "control", "model", "score", "q", "significant"]
    return table.sort_values("control", kind="stable", ignore_index=True)[columns]


def region_map(table: pd.DataFrame, title: str) -> Figure:
    """Draw held-out r of every region and model, with a dot where q is below .05.

    Parameters
    ----------
    table : DataFrame
        From `region_table`, with at least one row.
    title : str
    """
    bands = {str(name): rows for name, rows in table.groupby("recording", sort=False)}
    sizes = [rows["region"].nunique() for rows in bands.values()]
    models = [rows["model"].nunique() for rows in bands.values()]
    cell = min(max(WIDEST / max(sizes), CELL[0]), CELL[1])
    below = label_width(table["region"] + CONTROL_ENDS)
    width = max(1.2 * label_width(table["model"]) + cell * max(sizes) + 1.6, 4.0)
    height = row_height(sum(models)) * sum(models) + (below + 0.4) * len(bands) + 0.8
    figure = paper(width, height)
    axes = figure.subplots(len(bands), 1, height_ratios=models, squeeze=False)[:, 0]
    top = strongest([table[["score"]]])
    for ax, (name, rows) in zip(axes, bands.items(), strict=True):
        named = rows.assign(region=rows["region"] + np.where(rows["control"], CONTROL_ENDS, ""))
        score, mark = (grid(named, "model", value, "region") for value in ("score", "significant"))
        image = draw_panel(ax, score, mark, top)
        name_columns(ax, [str(one) for one in score.columns])
        _part(ax, score.shape, rows.loc[~rows["control"], "region"].nunique(), max(sizes))
        ax.set_title(name, fontsize=8, loc="left", fontweight="bold")
    finish(figure, image, [dot_key("q < .05")], title, aspect=6 * height)
    return figure


def _part(ax: Axes, shape: tuple[int, int], own: int, room: int) -> None:
    """Part regions from control regions, and leave the room that other recordings need white."""
    models, regions = shape
    ax.set_facecolor("white")
    ax.add_patch(Rectangle((-0.5, -0.5), regions, models, color=NULL, lw=0, zorder=-1))
    ax.set_xlim(-0.5, room - 0.5)
    if 0 < own < regions:
        ax.axvline(own - 0.5, color="white", lw=3)
