"""First, best and last layers of models beside areas, left and right apart."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.core.names.vocabulary import UNTRAINED
from stages.core.results.area_alignment import BEST, FIRST, HALVES, LAST
from stages.plots.kit.multiples import finish_lines, line_key, plain, title_panel
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, INK, label_width, paper
from stages.plots.scene.selection import tower_names

ROW, PANEL = 0.16, 1.9  # inches of an area, and of the width of a panel
MOST_MODELS, MOST_AREAS = 4, 60
MARKS = {FIRST: "<", BEST: "o", LAST: ">"}
CALLED = {"L": "left", "R": "right", "": "both"}
PLACE = ["architecture", "trained", "modality", "end", "region", "hemisphere"]


def end_means(ends: pd.DataFrame) -> pd.DataFrame:
    """Average over people, and over the untrained twins of a model.

    Parameters
    ----------
    ends : DataFrame
        From `stages.core.results.area_alignment.read_ends`.

    Returns
    -------
    DataFrame
        Columns architecture, trained, modality, end, region, hemisphere, score and ceiling, of the
        areas of hemispheres where there are any, and otherwise of whole ones.
    """
    halves = ends["parts"] == HALVES
    rows = ends[halves] if halves.any() else ends
    return rows.groupby(PLACE, sort=False)[["score", "ceiling"]].mean().reset_index()


def end_dots(means: pd.DataFrame, title: str) -> Figure | None:
    """Draw a row of panels per trained model or tower, of up to four, and a column per hemisphere.

    Triangles point to the first layer and to the last; the dot is the layer that other people
    chose, grey in untrained twins; strokes are ceilings.

    Parameters
    ----------
    means : DataFrame
        Made by `end_means`.
    title : str

    Returns
    -------
    Figure or None
        None without a trained model.
    """
    means = means.assign(name=tower_names(means, "architecture"))
    trained = means[means["trained"]]
    models = trained.groupby("name", sort=False)["score"].max().nlargest(MOST_MODELS).index
    sides = sorted(means["hemisphere"].unique())
    if not len(models):
        return None
    regions = list(trained["region"].unique()[:MOST_AREAS])
    names = label_width(regions)
    high = ROW * len(regions) + 0.35
    figure = paper(max(names + PANEL * len(sides) + 0.4, 4.5), high * len(models) + 0.8)
    axes = figure.subplots(len(models), len(sides), sharex=True, sharey=True, squeeze=False)
    for row, model in enumerate(models):
        own = means[means["name"] == model]
        for column, side in enumerate(sides):
            ax = axes[row, column]
            _draw(ax, own[own["hemisphere"] == side], regions)
            title_panel(ax, f"{model}, {CALLED[side]}", PANEL)
            if row + 1 == len(models):
                ax.set_xlabel("alignment", fontsize=7)
    keys = [
        line_key(f"{end} layer", INK, "", marker=mark, size=4, face=INK if end == BEST else "none")
        for end, mark in MARKS.items()
    ]
    if not means["trained"].all():
        keys.append(line_key(f"{UNTRAINED}, {BEST}", MODALITIES[UNTRAINED], "", marker="o"))
    if means["ceiling"].notna().any():
        keys.append(line_key("ceiling", INK, "", marker="|", size=6))
    finish_lines(figure, keys, title, "")
    return figure


def _draw(ax: Axes, means: pd.DataFrame, regions: list[str]) -> None:
    """Draw one model in one hemisphere."""
    place = {region: row for row, region in enumerate(regions)}
    means = means[means["region"].isin(place)]
    rows = means.assign(at=means["region"].map(place))
    color = MODALITIES[str(rows["modality"].iloc[0])] if len(rows) else INK
    ax.axvline(0, color=FAINT, lw=0.5, zorder=0)
    twins = rows[~rows["trained"] & (rows["end"] == BEST)]
    ax.scatter(twins["score"], twins["at"], s=10, c=MODALITIES[UNTRAINED], lw=0)
    limits = rows[rows["trained"] & (rows["end"] == FIRST)]
    ax.scatter(limits["ceiling"], limits["at"], s=24, c=INK, marker="|", lw=0.8)
    for end, mark in MARKS.items():
        own = rows[rows["trained"] & (rows["end"] == end)]
        face = color if end == BEST else "none"
        ax.scatter(own["score"], own["at"], s=14, marker=mark, fc=face, ec=color, lw=0.7)
    ax.set_yticks(range(len(regions)), regions, fontsize=6)
    ax.set_ylim(len(regions) - 0.5, -0.5)
    plain(ax)
    ax.tick_params(labelsize=6)
