"""The best layer of every model and region, drawn for a page of a paper."""

from collections.abc import Collection, Sequence

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from stages.plots.kit.averages import grid
from stages.plots.kit.multiples import (
    bands,
    color_bar,
    name_columns,
    network_keys,
    network_strip,
    plain,
)
from stages.plots.kit.panels import (
    FAINT,
    dot_key,
    draw_panel,
    label_width,
    name_families,
    paper,
    part_families,
    row_height,
    strongest,
)
from stages.plots.kit.picture import set_title
from stages.plots.kit.planted import Truth, outline, outline_key
from stages.plots.scene.crowds import keep_best, with_note

WIDEST = 8.0  # inches for the cells, until they are as narrow as can be read
CELL = (0.13, 0.42)  # least and greatest width of a cell, in inches
CEILING, STRIP = 0.45, 0.08  # inches of the bars of the ceiling and of the colours of networks
MOST = 120  # rows of models in all bands: of more, the best are shown
LOWEST = 3.0  # inches of the figure, for the name of the scale
NARROWEST = 6.5  # inches of the figure, for its title and keys


def best_map(table: pd.DataFrame, title: str, truth: Truth | None = None) -> Figure:
    """Draw the alignment of every model's best layer with every region, from posterior to anterior.

    Models of a kind stand together. A dot marks q below .05 in most subjects, grey what was not
    measured. Bars above show the ceiling where it is known, colours below the network, as high as
    the share of the region that lies in it. Many regions are drawn in bands, one below the other.
    Of many models the best are shown. Where it is known which model drives a region, it is
    outlined.

    Parameters
    ----------
    table : DataFrame
        As made by `best_table`, with at least one row.
    title : str
    truth : mapping of str to Planted, optional
        By region, what drives it.
    """
    parts = bands(list(table["region"].unique()))
    table, note = keep_best(table, "score", MOST // len(parts), "model")
    title = with_note(title, note, "align/best.csv")
    kinds = table.groupby("model", sort=False)["kind"].first().sort_values(key=_place)
    rows, room = row_height(len(kinds) * len(parts)) * len(kinds), len(parts[0])
    limits = table["ceiling"].notna().any()
    heights = [CEILING, rows, STRIP] if limits else [rows, STRIP]
    cell = min(max(WIDEST / room, CELL[0]), CELL[1])
    names = label_width(table["region"].unique())
    width = max(cell * room + label_width(kinds.index) + 2.4, NARROWEST)
    height = len(parts) * (sum(heights) + names + 0.25) + 0.8
    figure = paper(width, max(height, LOWEST))
    axes = figure.subplots(len(heights) * len(parts), 1, height_ratios=heights * len(parts))
    planted = {(one.model, region) for region, one in (truth or {}).items()}
    told = sorted(planted & set(zip(table["model"], table["region"], strict=True)))
    top = strongest([grid(table, "model", "score", "region")])
    for band, regions in enumerate(parts):
        own = axes[len(heights) * band : len(heights) * (band + 1)]
        rows_of_band = table[table["region"].isin(regions)]
        image = _cells(own[-2], rows_of_band, list(kinds.index), regions, (top, room))
        part_families([own[-2]], list(kinds))
        outline(own[-2], _places(told, list(kinds.index), regions))
        name_families(figure, own[-2], list(kinds))
        _strip(own[-1], rows_of_band, regions, room)
        if limits:
            _ceiling(own[0], rows_of_band, regions, room, _reach(table["ceiling"]))
    keys: list[Artist] = [dot_key("q < .05 in most subjects"), *network_keys(table["network"])]
    _finish(figure, image, [*keys, outline_key("model planted")] if told else keys, title)
    return figure


def _place(kinds: "pd.Series[str]") -> "pd.Series[int]":
    """Keep kinds together, in the order of their first row."""
    return pd.Series(pd.factorize(kinds)[0], kinds.index)


def _places(
    cells: Collection[tuple[str, str]], models: Sequence[str], regions: Sequence[str]
) -> list[tuple[int, int]]:
    """Find rows and columns of cells (model and region) among those of a band."""
    return [
        (models.index(one), regions.index(region)) for one, region in cells if region in regions
    ]


def _reach(ceilings: "pd.Series[float]") -> tuple[float, float]:
    """End the scale of ceilings beyond 0 and all of them, those below 0 too."""
    return 1.05 * min(float(ceilings.min()), 0.0), 1.05 * max(float(ceilings.max()), 0.0)


def _cells(
    ax: Axes,
    table: pd.DataFrame,
    models: list[str],
    regions: list[str],
    limits: tuple[float, int],
) -> AxesImage:
    """Draw the scores up to the limits: the score of full colour and the number of columns."""
    top, room = limits
    scores, marks = (
        grid(table, "model", value, "region").reindex(index=models, columns=regions)
        for value in ("score", "significant")
    )
    image = draw_panel(ax, scores, marks, top)
    ax.axvspan(len(regions) - 0.5, room - 0.5, color="white", lw=0)
    ax.set_xlim(-0.5, room - 0.5)
    ax.set_xticks([])
    return image


def _strip(ax: Axes, table: pd.DataFrame, regions: Sequence[str], room: int) -> None:
    networks = table.groupby("region")["network"].first()
    network_strip(ax, regions, list(networks[list(regions)]), room)
    name_columns(ax, regions)


def _ceiling(
    ax: Axes, table: pd.DataFrame, regions: Sequence[str], room: int, ends: tuple[float, float]
) -> None:
    ceiling = table.groupby("region")["ceiling"].first()[list(regions)]
    ax.bar(range(len(regions)), ceiling, color=FAINT, width=0.8)
    ax.set_xlim(-0.5, room - 0.5)
    ax.set_ylim(*ends)
    ax.set_xticks([])
    ax.set_ylabel("ceiling", fontsize=7, rotation=0, ha="right", va="center")
    plain(ax)


def _finish(figure: Figure, image: AxesImage, keys: Sequence[Artist], title: str) -> None:
    color_bar(figure, image, "alignment (mean over subjects)")
    figure.legend(
        handles=list(keys), loc="outside lower center", ncols=len(keys), fontsize=7, frameon=False
    )
    set_title(figure, title)
