"""Whether metrics agree on which model is more like the brain, drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stages.plots.kit.multiples import color_bar, name_columns
from stages.plots.kit.panels import NULL, ink, label_width, paper
from stages.plots.kit.picture import set_title

CELL = 0.36  # inches, wide enough for a number
LEAST = 3.6  # inches of a side, for the title and the scale


def metric_map(agreement: pd.DataFrame, title: str) -> Figure | None:
    """Draw how every two metrics rank the models alike; None where no two could be compared.

    Parameters
    ----------
    agreement : DataFrame
        Table of the survey.
    title : str
    """
    if agreement.empty:
        return None
    names = list(dict.fromkeys([*agreement["first"], *agreement["second"]]))
    turned = agreement.rename(columns={"first": "second", "second": "first"})
    both = pd.concat([agreement, turned])
    square = both.pivot_table(index="first", columns="second", values="rho")
    square = square.reindex(index=names, columns=names)
    side = CELL * len(names) + label_width(names)
    figure = paper(max(side + 1.0, LEAST), max(side + 0.5, LEAST))
    ax = figure.subplots()
    image = ax.imshow(square, cmap="RdBu_r", vmin=-1, vmax=1)
    values, inks = square.to_numpy(float), ink(square, 1.0)
    for i, j in np.argwhere(np.isfinite(values)):
        ax.text(j, i, f"{values[i, j]:.2f}", size=6, c=inks[i, j], ha="center", va="center")
    name_columns(ax, names)
    ax.set_yticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=7)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_facecolor(NULL)
    color_bar(figure, image, "Spearman's ρ over models, mean over regions")
    set_title(figure, title)
    return figure
