"""The map of models by what they agree with, drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from stages.core.names.vocabulary import UNTRAINED
from stages.core.results.shown import of_people
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, INK, dot_key, paper
from stages.plots.kit.picture import set_title
from stages.plots.scene.crowds import TABLES, keep_best, with_note
from stages.plots.scene.selection import with_names

TURNS = 16  # directions in which a name may stand beside its dot
FAR = (4, 7, 12, 18, 26, 36, 48)  # points between a name and its dot, nearest first
NEAR = 2  # how many of these need no line
STEPS = 12  # points of a line that are looked at
OUTSIDE = 3  # names covered, the cost of leaving the panel
NAMED = 40  # models: of more, `FEW` have names, the best and those far from others
FEW = 24
CROSSING = 0.2  # of a name covered, the cost of a line across a dot or a name
Array = NDArray[np.float64]


def model_space(
    umap: pd.DataFrame, models: pd.DataFrame, best: pd.DataFrame, title: str
) -> Figure | None:
    """Draw models near each other that agree with the same regions, each with its name.

    Of many models those that align best have names, and those that are far from all others.

    Parameters
    ----------
    umap, models, best : DataFrame
        Tables of the survey, `best` of one metric.
    title : str

    Returns
    -------
    Figure or None
        None if there are too few models for a map.
    """
    if umap.empty:
        return None
    table = with_names(umap, models)
    names = _worth_a_name(table, with_names(of_people(best), models))
    side = min(4.5 + 0.06 * len(table), 7.5)
    if len(names) < len(table):
        note = f"named are {len(names)} of {len(table)}, the best and the most unlike others"
        title = with_note(title, note, f"{TABLES}/umap.parquet")
    figure = paper(side + 1, side)
    ax = figure.subplots()
    edges = [MODALITIES[modality] for modality in table["modality"]]
    faces = np.where(table["kind"] == UNTRAINED, "none", edges)
    size, edge = (18, 0.9) if len(names) == len(table) else (8, 0.6)
    ax.scatter(table["x"], table["y"], s=size, c=list(faces), ec=edges, lw=edge)
    ax.margins(0.2)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_color(FAINT)
    ax.set_xlabel("UMAP 1", fontsize=8)
    ax.set_ylabel("UMAP 2", fontsize=8)
    keys = _keys(table)
    figure.legend(
        handles=keys, loc="outside lower center", ncols=len(keys), fontsize=7, frameon=False
    )
    set_title(figure, title)
    figure.draw_without_rendering()
    name_dots(ax, names, figure.dpi)
    return figure


def _worth_a_name(table: pd.DataFrame, best: pd.DataFrame) -> "pd.Series[str]":
    """Choose the dots that are named, by their places.

    Of many, half are the best of every kind in turn, the others those of trained models, or of
    noise, whose nearest dot is farthest.
    """
    names: pd.Series[str] = table["name"].reset_index(drop=True)
    if len(names) <= NAMED:
        return names
    strong = keep_best(best[best["kind"] != UNTRAINED], "score", FEW // 2)[0]["name"]
    points = table[["x", "y"]].to_numpy(float)
    nearest = cKDTree(points).query(points, 2)[0][:, 1]
    alone = names.iloc[np.argsort(-nearest, kind="stable")]
    twins = names[(table["kind"] == UNTRAINED).to_numpy()]
    rest = alone[~alone.isin(strong) & ~alone.isin(twins)].head(FEW - strong.nunique())
    return names[names.isin(strong) | names.isin(rest)]


def _keys(table: pd.DataFrame) -> list[Artist]:
    keys: list[Artist] = [
        dot_key(name, color, color, size=4)
        for name, color in MODALITIES.items()
        if (table["modality"] == name).any()
    ]
    twins = (table["kind"] == UNTRAINED).any()
    return [*keys, dot_key(UNTRAINED, "none", size=4)] if twins else keys


def name_dots(ax: Axes, names: "pd.Series[str]", dpi: float) -> None:
    """Name dots of the first collection, by place, where names cover least, as near as can be."""
    dots = ax.transData.transform(ax.collections[0].get_offsets())
    taken, pixels = [np.array([dot - 4, dot + 4]) for dot in dots], dpi / 72
    for dot, name in zip(dots[names.index.to_numpy()], names, strict=True):
        label = ax.annotate(
            name,
            tuple(ax.transData.inverted().transform(dot)),
            xytext=(0, 0),
            textcoords="offset points",
            fontsize=6,
            ha="center",
            va="center",
            arrowprops={"arrowstyle": "-", "lw": 0.3, "color": INK, "shrinkA": 0, "shrinkB": 2},
        )
        label.set_in_layout(False)
        half = np.array(label.get_window_extent().size) / 2 + 1
        places = _places(half, pixels)
        boxes = dot + np.stack([places - half, places + half], axis=1)
        page = ax.bbox.get_points()
        best = int(np.argmin(_costs(boxes, dot, page, np.array(taken))))
        label.set_position(tuple(places[best] / pixels))
        taken.append(boxes[best])
        if best < NEAR * TURNS and label.arrow_patch:
            label.arrow_patch.set_visible(False)


def _places(half: Array, pixels: float) -> Array:
    """Middles of a name around its dot, in pixels from it."""
    angles = 2 * np.pi * np.arange(TURNS) / TURNS
    turns = np.column_stack([np.cos(angles), np.sin(angles)])
    return np.concatenate([turns * (half + pixels * far) for far in FAR])


def _costs(boxes: Array, dot: Array, page: Array, taken: Array) -> Array:
    """Weigh what names in boxes cover, their lines cross, and whether they leave the page.

    Parameters
    ----------
    boxes, taken : ndarray, shape (n_boxes, 2, 2)
        Lower and upper corners, in pixels, of where the name may be and of what is there already.
    dot : ndarray, shape (2,)
    page : ndarray, shape (2, 2)

    Returns
    -------
    ndarray, shape (n_boxes,)
    """
    low, high = boxes[:, None, 0], boxes[:, None, 1]
    covered = ((low < taken[:, 1]) & (high > taken[:, 0])).all(axis=-1).sum(axis=1)
    out = (boxes[:, 0] < page[0]).any(axis=1) | (boxes[:, 1] > page[1]).any(axis=1)
    steps = np.linspace(0, 1, STEPS)[:, None]
    lines = dot + (boxes.mean(axis=1) - dot)[:, None] * steps
    points = lines[:, :, None]
    crossed = ((points > taken[:, 0]) & (points < taken[:, 1])).all(axis=-1).any(axis=1)
    costs: Array = covered + OUTSIDE * out + CROSSING * (crossed.sum(axis=1) - 1)
    return costs
