"""How much better the language network is predicted than networks that language does not drive."""

import pandas as pd
from matplotlib.figure import Figure

from stages.core.names.vocabulary import SIGNIFICANT
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import finish_lines, line_key, plain
from stages.plots.kit.panels import FAINT, INK, label_width, paper

PANEL, ROW = 2.1, 0.19  # inches


def network_dots(table: pd.DataFrame, title: str) -> Figure:
    """Draw the difference of every model, with its interval over people; filled where q < .05.

    Parameters
    ----------
    table : DataFrame
        Columns `stages.core.results.language_scores.NETWORKS`, with at least one row.
    title : str
    """
    models = list(table["model"].unique())
    panels = list(table.groupby(["recording", "network"], sort=False))
    width = max(label_width(models) + PANEL * len(panels) + 0.4, 4.5)
    figure = paper(width, max(ROW * len(models), 0.8) + 1.7)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for ax, ((recording, network), own) in zip(axes, panels, strict=True):
        plain(ax)
        ax.axvline(0, color=FAINT, lw=0.5)
        for row in own.to_dict("records"):
            at, color = models.index(row["model"]), COLORS[0]
            face = color if row["q"] < SIGNIFICANT else "white"
            ax.hlines(at, row["low"], row["high"], color=color, lw=0.8)
            ax.plot(row["difference"], at, "o", color=color, mfc=face, ms=4, mew=0.7)
        people, ceilings = own["people"].max(), own[["ceiling", "control_ceiling"]].iloc[0]
        both = " and ".join("none" if pd.isna(one) else f"{one:.2f}" for one in ceilings)
        ax.set_title(f"{recording}, n = {people:.0f}\nceilings {both}", fontsize=7)
        ax.set_xlabel(f"r of language, less that of {network}", fontsize=7)
    axes[0].set_yticks(range(len(models)), models, fontsize=6.5)
    axes[0].set_ylim(len(models) - 0.4, -0.6)
    keys = [
        line_key("q < .05", INK, "", marker="o", size=4),
        line_key("q ≥ .05", INK, "", marker="o", size=4, face="white"),
        line_key("95 % over people", INK, "-"),
    ]
    finish_lines(figure, keys, title, "")
    return figure
