"""Which attention head carries which family of features, drawn for a page of a paper."""

import math

import pandas as pd
from matplotlib.figure import Figure

from stages.plots.kit.averages import grid
from stages.plots.kit.panels import (
    MOST,
    dot_key,
    draw_panel,
    finish,
    name_families,
    paper,
    part_families,
    strongest,
)

WIDEST = 8.0  # inches for the cells of one band of layers
CELL = (0.06, 0.25)  # least and greatest width of a cell, in inches
NARROWEST = 4.5  # inches of the figure, for its title
ROW = 0.17  # height of a cell, in inches
LABEL = 0.17  # inches that the number of a head takes


def head_map(table: pd.DataFrame, title: str) -> Figure:
    """Draw held-out r of every type of feature, by family, and every attention head.

    One panel per attention layer, in as many bands as it takes to keep the cells readable, on one
    colour scale that is symmetric about 0. A dot marks q below .05 for most of a type's features.

    Parameters
    ----------
    table : DataFrame
        As made by `heads_table`, with at least one head.
    title : str
    """
    layers = {str(name): rows for name, rows in table.groupby("layer", sort=False)}
    families = table.groupby("type", sort=False)["family"].first().tolist()
    heads = table["head"].nunique() // len(layers)
    bands, across = _bands(len(layers), heads)
    cell = min(WIDEST / (across * heads), CELL[1])
    width = max(NARROWEST, 2.6 + cell * heads * across)
    figure = paper(width, 0.9 + bands * (0.5 + ROW * len(families)))
    axes = figure.subplots(bands, across, sharey=True, squeeze=False)
    panels = list(axes.flat[: len(layers)])
    for ax in axes.flat[len(layers) :]:
        ax.remove()
    scores = {name: grid(rows, "type", "score", "head") for name, rows in layers.items()}
    top = strongest(scores.values())
    for ax, (name, rows) in zip(panels, layers.items(), strict=True):
        marks = grid(rows, "type", "significant", "head")
        image = draw_panel(ax, scores[name], marks, top, every=math.ceil(LABEL / cell))
        ax.set_title(f"layer {rows['depth'].iloc[0]:.0f}", fontsize=8)
    part_families(panels, families)
    for ax in axes[:, 0]:
        name_families(figure, ax, families)
    for ax in panels[-across:]:
        ax.set_xlabel("head", fontsize=8)
    finish(figure, image, [dot_key(MOST)], title, aspect=10 * bands)
    return figure


def _bands(n_layers: int, heads: int) -> tuple[int, int]:
    """Fewest bands of layers whose cells are wide enough, and layers in a full one."""
    most = max(int(WIDEST / (heads * CELL[0])), 1)
    bands = math.ceil(n_layers / most)
    return bands, math.ceil(n_layers / bands)
