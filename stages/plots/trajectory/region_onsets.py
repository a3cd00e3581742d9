"""When regions make shares of their rise, as a heat map drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch, Rectangle

from stages.core.names.areas import NETWORKS
from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE
from stages.plots.kit.multiples import finish_lines, title_panel
from stages.plots.kit.panels import FAINT, INK, NULL, dot_key, label_width, paper, row_height
from stages.plots.trajectory.course_tables import (
    HALF,
    Trajectories,
    by_line,
    run_counts,
    with_lines,
)
from stages.plots.trajectory.courses import standing
from stages.plots.trajectory.seen_axis import round_octaves

REGIONS = 60  # more are drawn as their networks, where they are in networks
COLUMN = 0.36  # inches of a share
COLORS = "viridis"
# Why a place has no time, by the shape of most of its curves, and how that is drawn.
TURNS, EARLY, NEVER, FEW = "turns back", "before the first checkpoint", "no rise", "too few"
HATCHES = {TURNS: "////", EARLY: "....", NEVER: "", FEW: "xx"}
SHAPES = {"turns": TURNS, "rises": EARLY, "flat": NEVER, "falls": NEVER, "": FEW}
BY = ["of", "size", "weights", "region", "share"]


def regions_table(made: Trajectories) -> pd.DataFrame:
    """Pick the times of regions, with why there is none.

    Returns
    -------
    DataFrame
        line, of, size, weights, region, share, `octave` (binary logarithm of what was seen) with
        `low` and `high`, n_runs, n_left_out, `without` (why there is no time; empty if there is
        one); `all` and networks first, the others in the order in which they make half of their
        rise.
    """
    onsets, runs = (
        table[table["side"].eq(ALIGNMENT) & table["layer"].eq(CHOSEN)]
        for table in (made.onsets, made.run_onsets)
    )
    shapes = runs.groupby(BY, sort=False)["shape"].agg(lambda some: some.mode().iloc[0])
    table = onsets.merge(shapes.rename("shape").reset_index(), how="left", on=BY)
    without = table["shape"].fillna("").map(SHAPES).where(table["octave"].isna(), "")
    table = with_lines(table.assign(without=without))
    half = table[table["share"].eq(HALF)].groupby("region")["octave"].mean()
    ranks = pd.DataFrame({"group": table["region"].map(_group), "half": table["region"].map(half)})
    numbers = ["octave", "low", "high"]
    table[numbers] = table[numbers].round(3)
    order = ranks.sort_values(["group", "half"], kind="stable", na_position="last").index
    kept = ["line", *BY, *numbers, "n_runs", "n_left_out", "without"]
    return table.loc[order, kept].reset_index(drop=True)


def _group(region: str) -> int:
    """Let means over regions stand before what they are of."""
    return 0 if region == EVERYWHERE else 1 if region in NETWORKS else 2


def shown_regions(table: pd.DataFrame) -> list[str]:
    """Choose places that are drawn: all, or the networks where there are too many regions."""
    names = list(table["region"].unique())
    networks = [name for name in names if name in (EVERYWHERE, *NETWORKS)]
    if len(names) > REGIONS and len(networks) > 1:
        return networks
    return names


def region_onsets(made: Trajectories, unit: str, title: str) -> Figure | None:
    """Draw times of regions by share of the rise, one panel per family.

    Returns
    -------
    Figure or None
        None if there is no curve of a region.
    """
    table = regions_table(made)
    if table.empty:
        return None
    regions, shares = shown_regions(table), sorted(table["share"].unique())
    names = list(dict.fromkeys(with_lines(made.onsets)["line"]))
    names = [name for name in names if name in set(table["line"])]
    counts = run_counts(made.curves)
    width = max(COLUMN * len(shares), 1.35)
    height = row_height(len(regions)) * len(regions)
    figure = paper(max(width * len(names) + label_width(regions) + 1.4, 4.6), height + 1.6)
    axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    known = table.loc[table["region"].isin(regions), "octave"].dropna()
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    high = max(high, low + 0.5)
    rows = dict(by_line(table))
    for ax, name in zip(axes, names, strict=True):
        image = _panel(ax, rows[name], regions, shares, (low, high))
        title_panel(ax, f"{name}\n{standing(counts[name])}", width)
        ax.set_xlabel("share of the rise", fontsize=7)
    if len(known):
        _color_bar(figure, image, low, high, unit)
    keys = _keys(table[table["region"].isin(regions)])
    finish_lines(figure, keys, title, "")
    return figure


def _panel(
    ax: Axes,
    rows: pd.DataFrame,
    regions: list[str],
    shares: list[float],
    limits: tuple[float, float],
) -> AxesImage:
    """Draw the cells of a family; those without a time are grey, and hatched by the reason."""
    cells, left, why = (
        rows.pivot_table(
            index="region", columns="share", values=name, aggfunc="first", dropna=False
        ).reindex(index=regions, columns=shares)
        for name in ("octave", "n_left_out", "without")
    )
    cmap = colormaps[COLORS].with_extremes(bad=NULL)
    image = ax.imshow(cells, cmap=cmap, vmin=limits[0], vmax=limits[1], aspect="auto")
    for (row, column), reason in np.ndenumerate(why.fillna("").to_numpy()):
        if HATCHES.get(reason):
            at = (column - 0.5, row - 0.5)
            cell = Rectangle(at, 1, 1, fill=False, ec=FAINT, lw=0, hatch=HATCHES[reason])
            ax.add_patch(cell)
    some = (left.fillna(0).to_numpy(float) > 0) & cells.notna().to_numpy()
    down, across = some.nonzero()
    ax.scatter(across, down, s=5, color="white", ec=INK, lw=0.4)
    ax.set_xticks(range(len(shares)), [f"{100 * share:.0f} %" for share in shares], fontsize=7)
    ax.set_yticks(range(len(regions)), [name.replace("_", " ") for name in regions], fontsize=7)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return image


def _color_bar(figure: Figure, image: AxesImage, low: float, high: float, unit: str) -> None:
    """Name the amounts that octaves are."""
    panels = [ax for ax in figure.axes if ax.images]
    bar = figure.colorbar(image, ax=panels, pad=0.01, aspect=6 * figure.get_figheight())
    marks, names = round_octaves(low, high)
    bar.set_ticks(marks, labels=names)
    bar.set_label(unit, fontsize=8)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)


def _keys(table: pd.DataFrame) -> list[Artist]:
    keys: list[Artist] = [
        Patch(fc=NULL, ec=FAINT, lw=0, hatch=hatch or None, label=f"no time: {why}")
        for why, hatch in HATCHES.items()
        if table["without"].eq(why).any()
    ]
    if (table["octave"].notna() & table["n_left_out"].gt(0)).any():
        keys.append(dot_key("without some runs", "white"))
    return keys
