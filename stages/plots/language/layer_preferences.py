"""Which layers people and regions prefer: how often inner folds choose each, along the depth."""

import pandas as pd
from matplotlib.figure import Figure

from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import finish_lines, line_key, plain
from stages.plots.kit.panels import FAINT, label_width, paper

PANEL, ROW = 1.9, 0.19  # inches
AREA = 90.0  # square points of all targets
SHARES = (0.25, 0.5, 1.0)  # that the key explains
FIRST = "layer_00"  # in the middle, where it is the only one


def preference_table(preferences: pd.DataFrame) -> pd.DataFrame:
    """Add up the choices over regions, control regions left out.

    Parameters
    ----------
    preferences : DataFrame
        Columns `PREFERENCES`.

    Returns
    -------
    DataFrame
        Columns recording, model, layer, depth, targets, and share, of those of a recording.
        Models of one layer have no preference and are left out.
    """
    rows = preferences[~preferences["region"].isin(CONTROL_NETWORKS)]
    alone = (rows["layer"] == FIRST) & (rows["depth"] > 0)
    rows = rows[rows["depth"].notna() & ~alone]
    by = ["recording", "model"]
    table = rows.groupby([*by, "layer", "depth"], sort=False)["targets"].sum().reset_index()
    return table.assign(share=table["targets"] / table.groupby(by)["targets"].transform("sum"))


def preference_dots(table: pd.DataFrame, title: str) -> Figure:
    """Draw a dot at the depth of every layer that is chosen, as large as its share.

    Parameters
    ----------
    table : DataFrame
        From `preference_table`, with at least one row.
    title : str
    """
    models, recordings = list(table["model"].unique()), list(table["recording"].unique())
    width = max(label_width(models) + PANEL * len(recordings) + 0.4, 4.5)
    figure = paper(width, max(ROW * len(models), 0.8) + 1.4)
    axes = figure.subplots(1, len(recordings), sharex=True, sharey=True, squeeze=False)[0]
    for ax, name in zip(axes, recordings, strict=True):
        own = table[table["recording"] == name]
        plain(ax)
        places = [models.index(model) for model in own["model"]]
        ax.hlines(range(len(models)), 0, 1, color=FAINT, lw=0.4, zorder=0)
        ax.scatter(own["depth"], places, s=AREA * own["share"], color=COLORS[0], linewidths=0)
        n = own.groupby("model")["targets"].sum().max()
        ax.set_title(f"{name}\nn = {n:.0f}", fontsize=7)
        ax.set_xlabel("relative depth", fontsize=7)
        ax.set_xlim(-0.12, 1.12)
    axes[0].set_yticks(range(len(models)), models, fontsize=6.5)
    axes[0].set_ylim(len(models) - 0.4, -0.6)
    keys = [
        line_key(f"{share:.0%} of them", COLORS[0], "", marker="o", size=(AREA * share) ** 0.5)
        for share in SHARES
    ]
    finish_lines(figure, keys, title, "")
    return figure
