"""Which features regions and layers agree on, drawn for a page of a paper."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from stages.plots.kit.palette import family_colors
from stages.plots.kit.panels import FAINT, INK, dot_key, name_bands, paper
from stages.plots.kit.picture import set_title

SIZE = (7.5, 4.4)  # inches
NAMED = 3  # features that are named on either side
EQUAL = "--"  # line on which regions and layers carry as much
CROSSING = 5  # dots that it is worth to cover rather than cross a name
Array = NDArray[np.float64]
Side = Literal["left", "center", "right"]
ALIGNED: dict[int, Side] = {-1: "right", 0: "center", 1: "left"}  # by where the name stands
PLACES = [  # of names beside their dots, in points right and up, nearest first
    (far * x, far * y)
    for far in (5, 12, 20, 30)
    for x, y in ((1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1), (0, 2), (0, -2))
]


def feature_scatter(
    tables: Mapping[str, pd.DataFrame], kappas: Sequence[tuple[float, float]], title: str
) -> Figure:
    """Draw what regions and hidden layers carry of every feature, one dot each.

    Dots are filled where the feature is found (q below .05) in at least one region and one layer;
    on the dashed line both are equal. The features whose ranks differ most are named. Models stand
    one below the other.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By model, as made by `features_table`, with at least one row.
    kappas : sequence of tuple of float
        Of each model, mean agreement of the features found, and by chance.
    title : str
    """
    figure = paper(SIZE[0], SIZE[1] * len(tables))
    axes = figure.subplots(len(tables), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for ax, table, kappa in zip(axes, tables.values(), kappas, strict=True):
        _dots(ax, table)
        _explain(ax, table, kappa)
    name_bands(axes, tables)
    set_title(figure, title)
    _end_at_one(axes)
    figure.draw_without_rendering()
    for ax, table in zip(axes, tables.values(), strict=True):
        _name(ax, table)
    return figure


def _end_at_one(axes: Iterable[Axes]) -> None:
    """End the axis of a correlation at 1, whatever room names need beyond."""
    for ax in axes:
        low, high = np.clip(ax.get_xlim(), -1, 1)
        ax.set_xticks([tick for tick in ax.get_xticks() if low <= tick <= high])
        ax.spines["bottom"].set_bounds(low, high)


def _dots(ax: Axes, table: pd.DataFrame) -> None:
    """Draw one dot per feature, in the colour of its family."""
    for name, rows in table.groupby("family", sort=False):
        both = (rows["regions_found"] > 0) & (rows["layers_found"] > 0)
        edge = family_colors(table["family"].unique())[str(name)]
        face = np.where(both, edge, "none")
        ax.scatter(rows["probed"], rows["decoded"], s=14, c=list(face), ec=edge, lw=0.7)
    ax.axhline(0, color=FAINT, lw=0.5)
    ax.axvline(0, color=FAINT, lw=0.5)
    ax.axline((0, 0), slope=1, color=FAINT, lw=0.5, ls=EQUAL)
    ax.set_xlabel("held-out r in hidden layers (mean)", fontsize=8)
    ax.set_ylabel("held-out r in regions (mean)", fontsize=8)
    ax.margins(x=0.3, y=0.1)  # room for names
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=7, labelbottom=True)


def _explain(ax: Axes, table: pd.DataFrame, kappa: tuple[float, float]) -> None:
    """Say beside the dots what they are, and how far regions and layers agree."""
    ax.legend(
        handles=_keys(table, family_colors(table["family"].unique())),
        title=_heading(table, kappa),
        loc="upper left",
        bbox_to_anchor=(1, 1),
        fontsize=7,
        title_fontsize=7,
        alignment="left",
        frameon=False,
    )


def _heading(table: pd.DataFrame, kappa: tuple[float, float]) -> str:
    """Say how far regions and layers agree over all features."""
    r = _spearman(table)
    ranks = "" if np.isnan(r) else f"Spearman r = {r:.2f}\n"
    return f"{ranks}κ = {kappa[0]:.2f}, null {kappa[1]:.2f}\n(mean over regions and layers)"


def _spearman(table: pd.DataFrame) -> float:
    """Correlate the ranks of regions and layers; missing if either has none."""
    return float(table[["probed", "decoded"]].corr("spearman").to_numpy()[0, 1])


def _keys(table: pd.DataFrame, colors: Mapping[str, str]) -> list[Artist]:
    """Explain colours, with the agreement within each family, filling, and the diagonal."""
    keys: list[Artist] = []
    for name, rows in table.groupby("family", sort=False):
        r = _spearman(rows)
        label = str(name).replace("_", " ") + f" ({len(rows)})"
        label += "" if np.isnan(r) else f", r = {r:.2f}"
        keys.append(dot_key(label, colors[str(name)], colors[str(name)], size=4))
    for fill, meaning in ((INK, "found in a region and a layer"), ("none", "not found in both")):
        keys.append(dot_key(meaning, fill, size=4))
    return [*keys, Line2D([], [], color=FAINT, lw=0.5, ls=EQUAL, label="equal")]


def _name(ax: Axes, table: pd.DataFrame) -> None:
    """Name the features that differ most, where a name covers fewest dots and no other name."""
    ranked = table.sort_values("rank_difference", kind="stable")
    chosen = pd.concat([ranked.head(NAMED), ranked.tail(NAMED)]).drop_duplicates("feature")
    dots = ax.transData.transform(table[["probed", "decoded"]])
    names: list[Bbox] = []
    for name, x, y in chosen[["feature", "probed", "decoded"]].itertuples(index=False):
        label = ax.annotate(
            name,
            (x, y),
            xytext=(0, 0),
            textcoords="offset points",
            va="center",
            fontsize=6.5,
            arrowprops={"arrowstyle": "-", "lw": 0.4, "color": INK, "shrinkA": 0, "shrinkB": 2},
        )
        label.set_in_layout(False)
        dot = ax.transData.transform((x, y))
        boxes = [_box(label, dot, place) for place in PLACES]
        best = int(np.argmin([_cost(box, dot, ax, names, dots) for box in boxes]))
        label.set_position(PLACES[best])
        label.set_horizontalalignment(ALIGNED[int(np.sign(PLACES[best][0]))])
        names.append(boxes[best])


def _box(label: Annotation, dot: Array, place: tuple[int, int]) -> Bbox:
    """Box, in pixels, around a name at a place beside its dot."""
    size, pixels = label.get_window_extent(), label.figure.dpi / 72
    x, y = dot + pixels * np.array(place)
    left = x - size.width * (1 - np.sign(place[0])) / 2
    return Bbox.from_bounds(left, y - size.height / 2, size.width, size.height).padded(pixels)


def _cost(box: Bbox, dot: Array, ax: Axes, names: Sequence[Bbox], dots: Array) -> int:
    """Weigh what a name and the line to its dot cover; other names and the edge weigh most."""
    inside, line = ax.get_window_extent(), Bbox.union([box, Bbox([dot, dot])])
    outside = Bbox.union([box, inside]).bounds != inside.bounds
    covered = outside + box.count_overlaps(names)
    return int(
        covered * len(dots) + CROSSING * line.count_overlaps(names) + line.count_contains(dots)
    )
