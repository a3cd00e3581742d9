"""How far subjects agree about which regions a model is like, drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from stages.plots.kit.colors import ColorScale, correlation_scale
from stages.plots.kit.multiples import color_bar, title_panel
from stages.plots.kit.panels import NULL, ink, label_width, paper
from stages.plots.kit.picture import set_title
from stages.plots.scene.crowds import TABLES, keep_best, with_note
from stages.plots.scene.selection import of_trained

CELL = 0.34  # inches, wide enough for a number
COLUMNS = 4
MOST = 16  # models: of more, those of which subjects agree best are shown
LEGIBLE = 10  # subjects: beyond, numbers are left out


def consistency_map(consistency: pd.DataFrame, models: pd.DataFrame, title: str) -> Figure | None:
    """Draw, for every trained model, how best scores over regions correlate between subjects.

    All have one colour scale, that of `correlation_scale`. Of many models, those on which subjects
    agree best are shown.

    Parameters
    ----------
    consistency, models : DataFrame
        Tables of the survey, `consistency` of one metric.
    title : str

    Returns
    -------
    Figure or None
        None if no two subjects were compared.
    """
    named = of_trained(consistency, models)
    named, note = keep_best(named, "r", MOST)
    title = with_note(title, note, f"{TABLES}/consistency.parquet")
    panels = {str(name): _square(rows) for name, rows in named.groupby("name", sort=False)}
    if not panels:
        return None
    colors = correlation_scale(named["r"])
    most = max(map(len, panels.values()))
    side = max(CELL * min(most, LEGIBLE), 1.3)
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    names = label_width(name for panel in panels.values() for name in panel.index)
    width = max(columns * (side + 0.25) + names + 1.2, 3.6)
    figure = paper(width, rows * (side + 0.35) + names + 0.5)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for place, (name, found) in enumerate(panels.items()):
        image = _panel(axes[place], found, colors, numbers=most <= LEGIBLE)
        title_panel(axes[place], name, side + 0.2)
        if place + columns < len(panels):
            axes[place].set_xticks([])
        if place % columns:
            axes[place].set_yticks([])
    for ax in axes[len(panels) :]:
        ax.remove()
    color_bar(figure, image, "r over regions")
    set_title(figure, title)
    return figure


def _square(rows: pd.DataFrame) -> pd.DataFrame:
    """Arrange the pairs of subjects; the correlation of one with oneself is missing."""
    people = list(dict.fromkeys([*rows["first"], *rows["second"]]))
    both = pd.concat([rows, rows.rename(columns={"first": "second", "second": "first"})])
    found = both.pivot_table(index="first", columns="second", values="r")
    return found.reindex(index=people, columns=people)


def _panel(ax: Axes, found: pd.DataFrame, colors: ColorScale, *, numbers: bool) -> AxesImage:
    image = ax.imshow(found, cmap=colors.cmap, vmin=colors.low, vmax=colors.high)
    pale = max(colors.low, 0.0)
    inks, values = ink(found - pale, colors.high - pale), found.to_numpy(float)
    for i, j in np.argwhere(np.isfinite(values)) if numbers else ():
        ax.text(j, i, f"{values[i, j]:.2f}", size=6, c=inks[i, j], ha="center", va="center")
    people = [name.replace("_", " ") for name in found.index]
    ax.set_xticks(range(len(people)), people, rotation=90, fontsize=6)
    ax.set_yticks(range(len(people)), people, fontsize=6)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_facecolor(NULL)
    return image
