"""The gradients of many models at once, drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.core.names.vocabulary import MEAN, SIGNIFICANT
from stages.core.results.survey import Survey
from stages.plots.kit.multiples import finish_lines, line_key, small_multiples, title_panel
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, INK
from stages.plots.scene.depth import MOST_SCATTERED, QUANTITIES
from stages.plots.scene.selection import of_trained


def gradient_spread(survey: Survey, title: str) -> Figure | None:
    """Draw the share of trained models whose gradient is no greater, one line per kind.

    A dot is a model, filled where p is below .05.

    Parameters
    ----------
    survey : Survey
        Of one metric.
    title : str

    Returns
    -------
    Figure or None
        None if each model has a panel of its own in `gradient_scatter`.
    """
    table = of_trained(survey.gradient, survey.models)
    table = table[table["subject"] == MEAN]
    if table["name"].nunique() <= MOST_SCATTERED:
        return None
    kinds = table["kind"].unique()
    keys: list[Artist] = [
        line_key(f"{kind}, {table.loc[table['kind'] == kind, 'name'].nunique()} models",
                 MODALITIES[str(kind)], marker="o")
        for kind in kinds
    ]  # fmt: skip
    keys.append(line_key("p ≥ .05", INK, "", marker="o", face="white"))
    figure, axes = small_multiples(2, (3.2, 2.6), 2, keys, "ρ of depth with place", least=5.5)
    for ax, (quantity, name) in zip(axes, QUANTITIES.items(), strict=True):
        _panel(ax, table[table["quantity"] == quantity])
        title_panel(ax, name, 3.0)
    finish_lines(figure, keys, title, "share of models with no greater ρ")
    return figure


def _panel(ax: Axes, table: pd.DataFrame) -> None:
    ax.axvline(0, color=FAINT, lw=0.5, zorder=0)
    for kind, rows in table.groupby("kind", sort=False):
        color = MODALITIES[str(kind)]
        ordered = rows.sort_values("spearman", kind="stable")
        share = np.arange(1, len(ordered) + 1) / len(ordered)
        ax.step(ordered["spearman"], share, where="post", color=color, lw=0.8)
        faces = np.where(ordered["p"] < SIGNIFICANT, color, "white")
        ax.scatter(ordered["spearman"], share, s=8, c=list(faces), ec=color, lw=0.6, zorder=3)
    ax.set_ylim(0, 1.05)
