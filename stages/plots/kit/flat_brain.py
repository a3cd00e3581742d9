"""Values of regions at their places in the brain: for recordings without a cortical surface."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from stages.core.names.areas import is_mixed, network_of
from stages.core.run.errors import InputError
from stages.core.run.tables import check_unique
from stages.plots.kit.colors import ColorScale, color_scale
from stages.plots.kit.palette import NETWORKS, network_color
from stages.plots.kit.panels import FAINT, INK, NULL, dot_key, paper

SIZE = (7.5, 4.3)  # inches with one view
ABOVE = 3.6  # inches more for the view from above
CIRCLE = (12.0, 420.0)  # least and greatest area of a circle, in square points
FILLED = 0.28  # of a view, by all circles together
LETTERS = 5.5  # points
NARROWEST = 40.0  # mm that a view shows at least
CORE = 0.6  # half the side of the square that a name inside another circle may not touch, in radii
PLACES = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))  # of a name beside its circle
VALUE_COLUMNS = ["x", "y", "z", "voxels"]


def region_places(regions: pd.DataFrame) -> pd.DataFrame:
    """Average the places and sizes of regions over subjects.

    Parameters
    ----------
    regions : DataFrame
        One row per subject and region: region, network, voxels, x, y, z (mm to the right, front
        and top; missing if not known), and hemisphere if each has rows of its own.

    Returns
    -------
    DataFrame
        One row per region, or per region and hemisphere; regions without a place are absent.
    """
    by = ["region", *(["hemisphere"] if "hemisphere" in regions else []), "network"]
    known = regions.dropna(subset=["x", "y", "z"])
    return known.groupby(by, sort=False)[VALUE_COLUMNS].mean().astype(float).reset_index()


def flat_map(
    places: pd.DataFrame,
    values: pd.DataFrame,
    scale: str,
    title: str,
    *,
    diverging: bool = False,
    colors: ColorScale | None = None,
) -> Figure:
    """Draw regions as circles at their centroids, from the side and, if it can be, from above.

    The area of a circle grows with the number of voxels, its ring tells the network (dotted where
    less than half of the region lies in it), its colour the value (grey: not measured). Names stand
    where there is room for them. The view from above needs the places of each hemisphere; from the
    side, both stand together.

    Parameters
    ----------
    places : DataFrame
        As made by `region_places`, with at least one row.
    values : DataFrame
        One row per region: region, value. Both hemispheres have the same.
    scale : str
        What the values are.
    title : str
    diverging : bool
        Whether the values are differences, and the colours symmetric about 0.
    colors : ColorScale, optional
        Of several pictures; that of these values otherwise.

    Raises
    ------
    InputError
        If a region is given twice, or none of them has a place.
    """
    check_unique(values["region"], "values of regions")
    table = places.merge(values[["region", "value"]], how="left", on="region")
    if table["value"].isna().all():
        raise InputError("no region with a place and a value", where="values of regions")
    colors = colors or color_scale(table["value"], diverging=diverging)
    sides = "hemisphere" in table and bool(table["hemisphere"].isin(["L", "R"]).all())
    figure = paper(SIZE[0], SIZE[1] + ABOVE * sides)
    axes = figure.subplots(1 + sides, 1, squeeze=False)[:, 0]
    views = [_view(axes[0], _merged(table), "z", colors)]
    axes[0].set_title("from the side, both hemispheres", fontsize=8)
    axes[0].set_ylabel("inferior – superior (mm)", fontsize=8)
    if sides:
        views.append(_view(axes[1], table, "x", colors))
        axes[1].set_title("from above", fontsize=8)
        axes[1].set_ylabel("right – left (mm)", fontsize=8)
        axes[1].invert_yaxis()
    _explain(figure, list(axes), table, colors, scale)
    figure.suptitle(title, fontsize=9)
    figure.draw_without_rendering()
    for ax, circles in zip(axes, views, strict=True):
        _name(ax, circles)
    return figure


def _merged(table: pd.DataFrame) -> pd.DataFrame:
    """Average the places of both hemispheres, weighted by voxels."""
    weighted = table[["x", "y", "z"]].mul(table["voxels"], axis=0)
    by = table["region"]
    voxels = table["voxels"].groupby(by, sort=False).sum()
    means = weighted.groupby(by, sort=False).sum().div(voxels, axis=0)
    first = table[["value", "network"]].groupby(by, sort=False).first()
    means = means.assign(voxels=voxels, value=first["value"]).reset_index()
    both = means["region"].map(lambda name: network_of(str(name)) or "")
    return means.assign(network=both.where(first["network"].to_numpy() != "", ""))


def _view(ax: Axes, table: pd.DataFrame, up: str, colors: ColorScale) -> pd.DataFrame:
    """Draw the circles of one view, small ones over large ones.

    Returns
    -------
    DataFrame
        Largest first: region, across and up (mm), and area (square points).
    """
    table = table.sort_values("voxels", ascending=False, kind="stable")
    total = FILLED * 72**2 * SIZE[0] * SIZE[1]
    area = (table["voxels"] * total / table["voxels"].sum()).clip(*CIRCLE)
    ax.scatter(
        table["y"],
        table[up],
        s=area,
        c=table["value"],
        cmap=colormaps[colors.cmap].with_extremes(bad=NULL),
        norm=Normalize(colors.low, colors.high),
        plotnonfinite=True,  # grey
        edgecolors=[network_color(name) for name in table["network"]],
        linewidths=1.3,
        linestyles=np.where(table["region"].map(is_mixed) & table["network"].ne(""), ":", "-"),
    )
    middle = table[["y", up]].mean().to_numpy()
    ax.update_datalim([middle - NARROWEST / 2, middle + NARROWEST / 2])
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.08)
    ax.set_xlabel("posterior – anterior (mm)", fontsize=8)
    ax.tick_params(labelsize=7)
    ax.spines[["top", "right"]].set_visible(False)
    return pd.DataFrame(
        {"region": table["region"], "across": table["y"], "up": table[up], "area": area}
    )


def _name(ax: Axes, circles: pd.DataFrame) -> None:
    """Name the circles that have room for it, inside or beside them, the largest first."""
    pixels = ax.figure.dpi / 72
    centres = ax.transData.transform(circles[["across", "up"]].to_numpy(float))
    radii = pixels * np.sqrt(circles["area"].to_numpy(float) / np.pi)
    places = list(zip(centres, radii, strict=True))
    whole, core = ([_square(at, share * r) for at, r in places] for share in (1.0, CORE))
    frame, names = ax.get_window_extent(), list[Bbox]()
    for at, name in enumerate(circles["region"]):
        label = ax.text(0, 0, name, fontsize=LETTERS, color=INK, ha="center", va="center_baseline")
        label.set_path_effects([withStroke(linewidth=1.2, foreground="white")])
        size = label.get_window_extent()
        for x, y in PLACES:
            reach = radii[at] + np.array([size.width, size.height]) / 2 + pixels
            x_middle, y_middle = centres[at] + reach * (x, y)
            corner = x_middle - size.width / 2, y_middle - size.height / 2
            box = Bbox.from_bounds(*corner, size.width, size.height)
            if (x, y) == (0, 0):
                fits = size.width < 2.2 * radii[at]
                others = [*names, *core[:at], *core[at + 1 :]]
            else:
                fits, others = _within(box, frame), [*names, *whole]
            if fits and not box.count_overlaps(others):
                x_data, y_data = ax.transData.inverted().transform((x_middle, y_middle))
                label.set_position((x_data, y_data))
                names.append(box)
                break
        else:
            label.remove()


def _square(middle: NDArray[np.float64], half: float) -> Bbox:
    return Bbox.from_extents(*(middle - half), *(middle + half))


def _within(box: Bbox, frame: Bbox) -> bool:
    return bool(Bbox.union([box, frame]).bounds == frame.bounds)


def _explain(
    figure: Figure, axes: Sequence[Axes], table: pd.DataFrame, colors: ColorScale, scale: str
) -> None:
    """Add the bar of colours, and what rings and grey mean."""
    mapped = ScalarMappable(Normalize(colors.low, colors.high), colors.cmap)
    bar = figure.colorbar(mapped, ax=axes, pad=0.01, aspect=25 * len(axes))
    bar.set_label(scale, fontsize=8)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)
    present = set(table["network"])
    keys = [
        dot_key(name, "none", color, size=6) for name, color in NETWORKS.items() if name in present
    ]
    if table["value"].isna().any():
        keys.append(dot_key("not measured", NULL, FAINT, size=6))
    if keys:
        figure.legend(
            handles=keys,
            loc="outside lower center",
            ncols=len(keys),
            title="area: number of voxels; ring: network, dotted where it holds less than half",
            title_fontsize=7,
            fontsize=7,
            frameon=False,
        )
