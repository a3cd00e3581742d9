"""Layers and areas on one map, person by person, drawn for a page of a paper."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.core.names.vocabulary import NOISE, UNTRAINED
from stages.core.results.area_alignment import AREA, LAYER
from stages.plots.kit.multiples import line_key, title_panel
from stages.plots.kit.palette import ELSEWHERE, MODALITIES, NOWHERE, network_color
from stages.plots.kit.panels import FAINT, INK, dot_key, paper
from stages.plots.kit.picture import set_title
from stages.plots.scene.model_space import name_dots

PANEL = 3.3  # inches of a side
MOST = 4  # people
NAMED = 40  # areas: of more, none has a name
METHODS = {"umap": "UMAP", "mds": "classical scaling"}


def joint_map(points: pd.DataFrame, fidelity: pd.DataFrame, title: str) -> Figure | None:
    """Draw UMAP above classical scaling: areas as squares, layers as dots, in order of depth.

    Parameters
    ----------
    points, fidelity : DataFrame
        From `stages.core.results.area_alignment.read_space`.
    title : str

    Returns
    -------
    Figure or None
        Of the first four people; None if nobody has a map.
    """
    people = list(points["subject"].unique())[:MOST]
    if not people:
        return None
    columns = max(len(people), 2)
    figure = paper(columns * PANEL, len(METHODS) * (PANEL + 0.3) + 0.8)
    axes = figure.subplots(len(METHODS), columns, squeeze=False)
    true = fidelity[fidelity["dimensions"] == 2].set_index(["subject", "method"])
    for across in range(columns):
        for down, (method, called) in enumerate(METHODS.items()):
            ax = axes[down, across]
            if across >= len(people):
                ax.remove()
                continue
            here = points[points["subject"] == people[across]].reset_index(drop=True)
            _draw(ax, here, method)
            how = true.loc[(people[across], method)]
            told = f"{called}, {people[across]}: distances ρ {how['rho']:.2f}, "
            title_panel(ax, f"{told}neighbours kept {how['kept']:.0%}", PANEL)
    _explain(figure, points)
    set_title(figure, title)
    figure.draw_without_rendering()
    for across, person in enumerate(people):
        here = points[points["subject"] == person].reset_index(drop=True)
        areas = here.loc[here["kind"] == AREA, "name"]
        for down in range(len(METHODS)) if len(areas) <= NAMED else ():
            name_dots(axes[down, across], areas, figure.dpi)
    return figure


def _draw(ax: Axes, points: pd.DataFrame, method: str) -> None:
    """Draw one map; the first collection is of all points, in the order of the table."""
    x, y = points[f"{method}_x"], points[f"{method}_y"]
    colors = _colors(points)
    sizes = np.where(points["kind"] == AREA, 0.0, 9.0)
    ax.scatter(x, y, s=sizes, c=colors, lw=0, zorder=2)
    areas = points["kind"] == AREA
    squares = [color for color, is_area in zip(colors, areas, strict=True) if is_area]
    ax.scatter(x[areas], y[areas], s=26, c=squares, marker="s", ec=INK, lw=0.5, zorder=3)
    for _, rows in points[points["depth"].notna()].groupby(["model", "modality"], sort=False):
        deeper = rows.sort_values("depth").index
        color = colors[int(deeper[0])]
        ax.plot(x[deeper], y[deeper], lw=0.7, color=color, alpha=0.7, zorder=1)
        ax.scatter(x[deeper[:1]], y[deeper[:1]], s=24, fc="white", ec=color, lw=0.8, zorder=2)
    ax.margins(0.12)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_color(FAINT)


def _colors(points: pd.DataFrame) -> list[str]:
    """Colour areas by network, layers of trained models by modality, and others grey or black."""
    found = []
    for row in points.itertuples():
        if row.kind == AREA:
            found.append(network_color(row.network))
        elif row.trained or row.modality == NOISE:
            found.append(MODALITIES[str(row.modality)])
        else:
            found.append(MODALITIES[UNTRAINED])
    return found


def _explain(figure: Figure, points: pd.DataFrame) -> None:
    """Say what colours are, and that a ring is the first layer."""
    layers = points[points["kind"] == LAYER]
    known = layers.loc[layers["trained"] | (layers["modality"] == NOISE), "modality"]
    keys: list[Artist] = [line_key(name, MODALITIES[name], marker="o") for name in known.unique()]
    if (~layers["trained"] & (layers["modality"] != NOISE)).any():
        keys.append(line_key(UNTRAINED, MODALITIES[UNTRAINED], marker="o"))
    keys.append(dot_key("first layer", "white", size=4.5))
    keys += _squares(list(points.loc[points["kind"] == AREA, "network"].unique()))
    figure.legend(
        handles=keys,
        loc="outside lower center",
        ncols=min(len(keys), 8),
        fontsize=7,
        frameon=False,
    )


def _squares(networks: Sequence[str]) -> list[Artist]:
    named = [(name, network_color(name)) for name in networks if name]
    if "" in networks:
        named.append((f"area, {NOWHERE}", ELSEWHERE))
    return [line_key(name, color, "", marker="s", size=4.5) for name, color in named]
