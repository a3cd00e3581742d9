"""Values of regions painted on the inflated cortical surface, as a picture and as a page."""

import html
import logging
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from nilearn.datasets import load_fsaverage, load_fsaverage_data
from nilearn.plotting import plot_surf, view_surf
from nilearn.surface import InMemoryMesh
from numpy.typing import NDArray

from stages.core.names.vocabulary import HEMISPHERES
from stages.core.pictures.surfaces import STANDARD, Mesh
from stages.core.run.errors import InputError
from stages.core.run.tables import check_unique
from stages.plots.kit.colors import ColorScale, color_scale

logger = logging.getLogger("concord.plots")

Array = NDArray[np.float64]
VIEWS = ("lateral", "medial", "ventral")
SIZE = (7.5, 3.9)  # inches
PANEL = (2.27, 1.78)  # inches wide and high
ZOOM = 1.2  # so that a brain fills the width of its panel
GREYS = (0.18, 0.42)  # of gyri and of sulci, from white to black
GAP = 40.0  # mm between the hemispheres of a page, so that their inner sides can be seen
# What nilearn's page would fetch.
ICON = re.compile(r"<link\s+rel=\"icon\".*?>", re.DOTALL)


def standard_meshes() -> dict[str, Mesh]:
    """Inflated fsaverage5 with its sulcal depth, which comes with nilearn."""
    inflated = load_fsaverage(STANDARD)["inflated"].parts
    depth = load_fsaverage_data(mesh=STANDARD, data_type="sulcal").data.parts
    return {
        side: Mesh(inflated[side].coordinates, inflated[side].faces, depth[side])
        for side in HEMISPHERES
    }


def surface_map(
    labels: pd.DataFrame,
    values: pd.DataFrame,
    scale: str,
    title: str,
    meshes: Mapping[str, Mesh],
    *,
    diverging: bool = False,
    colors: ColorScale | None = None,
) -> Figure:
    """Draw both hemispheres from outside, inside and below, with each region in its colour.

    Cortex that was not measured is grey, darker in the sulci.

    Parameters
    ----------
    labels : DataFrame
        As in a recording: hemisphere, vertex, region.
    values : DataFrame
        One row per region: region, value; a missing value was not measured. Both hemispheres
        have the same.
    scale : str
        What the values are, beside the bar of colours.
    title : str
    meshes : dict of str to Mesh
        That the labels are of: `standard_meshes`, or a subject's own.
    diverging : bool
        Whether the values are differences, and the colours symmetric about 0.
    colors : ColorScale, optional
        Of several pictures; that of these values otherwise.

    Raises
    ------
    InputError
        If a region is given twice, or none of them is on the surface.
    """
    painted = {side: paint(labels, values, side, mesh) for side, mesh in meshes.items()}
    shown = _shown(labels, values)
    colors = colors or color_scale(shown["value"], diverging=diverging)
    figure = Figure(figsize=SIZE)
    FigureCanvasAgg(figure)
    for row, side in enumerate(reversed(HEMISPHERES)):
        for column, view in enumerate(VIEWS):
            ax = _panel(figure, row, column, f"{side}, {view}")
            _draw(ax, meshes[side], painted[side], colors, (side, view))
    _explain(figure, colors, scale)
    figure.suptitle(title, fontsize=9)
    return figure


def surface_page(
    labels: pd.DataFrame,
    values: pd.DataFrame,
    scale: str,
    title: str,
    meshes: Mapping[str, Mesh],
    *,
    diverging: bool = False,
) -> str:
    """Make a page on which both hemispheres can be turned; it fetches nothing.

    Its title says what the colours are. Parameters and errors are those of `surface_map`.
    """
    left, right = (meshes[side] for side in HEMISPHERES)
    aside = left.coordinates[:, 0].max() - right.coordinates[:, 0].min() + GAP
    apart = right.coordinates + np.array([aside, 0, 0])
    coordinates = np.concatenate([left.coordinates, apart])
    faces = np.concatenate([left.faces, right.faces + len(left.coordinates)])
    painted = [paint(labels, values, side, meshes[side]) for side in HEMISPHERES]
    colors = color_scale(_shown(labels, values)["value"], diverging=diverging)
    view = view_surf(
        InMemoryMesh(coordinates, faces),
        np.concatenate(painted),
        np.concatenate([_background(mesh) for mesh in (left, right)]),
        cmap=colors.cmap,
        vmin=colors.low,
        vmax=colors.high,
        symmetric_cmap=diverging,
        title=html.escape(f"{title} (colours: {scale})"),
        title_fontsize=16,
        colorbar_fontsize=14,
        view="top",
    )
    return ICON.sub("", view.html)


def paint(labels: pd.DataFrame, values: pd.DataFrame, side: str, mesh: Mesh) -> Array:
    """Give every vertex of a hemisphere the value of its region, or a missing one.

    Returns
    -------
    ndarray, shape (n_vertices,)
    """
    check_unique(values["region"], "values of regions")
    here = labels[labels["hemisphere"] == side]
    painted = np.full(len(mesh.coordinates), np.nan)
    by_region = values.set_index("region")["value"]
    painted[here["vertex"].to_numpy()] = here["region"].map(by_region).to_numpy(float)
    return painted


def _shown(labels: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Select the values that can be seen, and log the regions that have no place."""
    known = values[values["value"].notna()]
    placed = known["region"].isin(labels["region"])
    if not placed.any():
        raise InputError(
            "no region on the surface",
            where="values of regions",
            expected=f"some of {sorted(labels['region'].unique())[:5]} …",
            got=list(values["region"])[:5],
        )
    if not placed.all():
        logger.info("not on the surface: %s", ", ".join(known.loc[~placed, "region"]))
    return known[placed]


def _background(mesh: Mesh) -> Array:
    """Shade gyri light and sulci dark; all alike where the depth is not known."""
    gyrus, sulcus = GREYS
    if mesh.sulci is None:
        return np.full(len(mesh.coordinates), gyrus)
    return np.where(mesh.sulci > 0, sulcus, gyrus)


def _panel(figure: Figure, row: int, column: int, name: str) -> Any:
    """Add a panel, from below and left, with axes as high as they are wide, as mplot3d needs."""
    width, height = PANEL
    middle, base = width * (column + 0.5), height * row
    figure.text(middle / SIZE[0], (base + height) / SIZE[1], name, ha="center", fontsize=7)
    square = np.array([middle - width / 2, base + (height - width) / 2, width, width])
    return figure.add_axes(tuple(square / [*SIZE, *SIZE]), projection="3d")


def _draw(ax: Any, mesh: Mesh, painted: Array, colors: ColorScale, view: tuple[str, str]) -> None:
    """Draw one hemisphere from one side, as large as the panel."""
    coordinates = mesh.coordinates - mesh.coordinates.mean(axis=0)
    plot_surf(
        InMemoryMesh(coordinates, mesh.faces),
        painted,
        _background(mesh),
        hemi=view[0],
        view=view[1],
        cmap=colors.cmap,
        vmin=colors.low,
        vmax=colors.high,
        avg_method="median",  # of three corners; the mean would be of no region
        colorbar=False,
        axes=ax,
        figure=ax.figure,
    )
    extent = np.ptp(coordinates, axis=0)
    for axis, name in enumerate("xyz"):
        ax.set(**{f"{name}lim": (coordinates[:, axis].min(), coordinates[:, axis].max())})
    ax.set_proj_type("ortho")
    ax.set_box_aspect(tuple(extent), zoom=ZOOM)
    ax.patch.set_visible(False)  # it would hide the neighbours


def _explain(figure: Figure, colors: ColorScale, scale: str) -> None:
    """Add the bar of colours, and what grey means."""
    bar = figure.colorbar(
        ScalarMappable(Normalize(colors.low, colors.high), colors.cmap),
        cax=figure.add_axes((0.915, 0.2, 0.013, 0.62)),
    )
    bar.set_label(scale, fontsize=8)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)
    grey = Patch(color=str(1 - sum(GREYS) / 2), label="not measured")
    figure.legend(
        handles=[grey], loc="lower right", bbox_to_anchor=(0.995, 0.01), fontsize=7, frameon=False
    )
