"""Which attention head carries which family of features, drawn for a page of a paper."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from stages.plots.kit.averages import grid
from stages.plots.kit.panels import (
    MOST,
    dot_key,
    draw_panel,
    finish,
    name_bands,
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


def head_map(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Draw held-out r of every type of feature, by family, and every attention head.

    One panel per attention layer, in as many bands as it takes to keep the cells readable, on one
    colour scale that is symmetric about 0. A dot marks q below .05 for most of a type's features.
    Models stand one below the other.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By model, each as made by `heads_table`, with the same heads, at least one.
    title : str
    """
    first = next(iter(tables.values()))
    families = first.groupby("type", sort=False)["family"].first().tolist()
    n_layers = first["layer"].nunique()
    heads = first["head"].nunique() // n_layers
    bands, across = _bands(n_layers, heads)
    cell = min(WIDEST / (across * heads), CELL[1])
    width, rows = max(NARROWEST, 2.6 + cell * heads * across), bands * len(tables)
    figure = paper(width, 0.9 + rows * (0.5 + ROW * len(families)))
    axes = figure.subplots(rows, across, sharey=True, squeeze=False)
    top = strongest(grid(table, "type", "score", "head") for table in tables.values())
    for place, table in enumerate(tables.values()):
        own = axes[place * bands : (place + 1) * bands]
        image = _layers(own, table, top, math.ceil(LABEL / cell))
    name_bands(axes[::bands, 0], tables)
    part_families(figure.axes, families)
    for ax in axes[:, 0]:
        name_families(figure, ax, families)
    finish(figure, image, [dot_key(MOST)], title, aspect=10 * rows)
    return figure


def _layers(axes: NDArray[Any], table: pd.DataFrame, top: float, every: int) -> AxesImage:
    """Draw one panel per attention layer of a model, and remove those that are left."""
    layers = list(table.groupby("layer", sort=False))
    for ax, (_, rows) in zip(axes.flat, layers, strict=False):
        scores, marks = (grid(rows, "type", name, "head") for name in ("score", "significant"))
        image = draw_panel(ax, scores, marks, top, every=every)
        ax.set_title(f"layer {rows['layer_number'].iloc[0]:.0f}", fontsize=8)
    for ax in axes.flat[len(layers) :]:
        ax.remove()
    for ax in axes.flat[: len(layers)][-axes.shape[1] :]:
        ax.set_xlabel("head", fontsize=8)
    return image


def _bands(n_layers: int, heads: int) -> tuple[int, int]:
    """Fewest bands of layers whose cells are wide enough, and layers in a full one."""
    most = max(int(WIDEST / (heads * CELL[0])), 1)
    bands = math.ceil(n_layers / most)
    return bands, math.ceil(n_layers / bands)
