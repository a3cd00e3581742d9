"""How pictures show more models than there is room for: the best by name, the others in sum."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from stages.plots.kit.palette import MODALITIES, SHADES

TABLES = "data/results/survey"  # where the pictures' numbers are, of all models
GRID = np.linspace(0, 1, 21)  # relative depths at which models of other layers are compared
BANDS = ((0.05, 0.95, 0.15), (0.25, 0.75, 0.25))  # quantiles and opacity


def keep_best(
    table: pd.DataFrame, score: str, most: int, by: str = "name"
) -> tuple[pd.DataFrame, str]:
    """Keep the rows of the best models of each kind, in turn, where there are many.

    Parameters
    ----------
    table : DataFrame
        With columns `by`, kind and `score`.
    score : str
        Of which the mean over a model's rows is taken.
    most : int
        Models that there is room for.
    by : str
        What tells models apart.

    Returns
    -------
    DataFrame
        The rows that are kept, as they were.
    str
        How many of how many models they are; empty if of all.
    """
    means = table.groupby([by, "kind"], sort=False)[score].mean()
    count = means.index.get_level_values(by).nunique()
    if count <= most:
        return table, ""
    means = means.sort_values(ascending=False, kind="stable")
    places = means.groupby("kind", sort=False).cumcount().sort_values(kind="stable")
    kept = places.index.get_level_values(by).unique()[:most]
    return table[table[by].isin(kept)], f"the best {most} of {count} models"


def best_lines(table: pd.DataFrame, score: str, by: str = "name") -> pd.DataFrame:
    """Keep of every kind as many of the best models as it has shades."""
    parts = [
        keep_best(rows, score, len(SHADES[str(kind)]), by)[0]
        for kind, rows in table.groupby("kind", sort=False)
    ]
    return pd.concat(parts) if parts else table


def with_note(title: str, note: str, where: str) -> str:
    """Add to a title what is left out, and where it is."""
    return f"{title}; {note} (all: {where})" if note else title


def along_depth(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Bring the scores of models to the same relative depths: one row each, a column per depth."""
    ordered = table.sort_values("depth", kind="stable")
    return pd.DataFrame(
        {
            name: np.interp(GRID, rows["depth"], rows["score"])
            for name, rows in ordered.groupby(by, sort=False)
        },
        GRID,
    ).T


def draw_bands(ax: Axes, curves: pd.DataFrame, color: str) -> None:
    """Draw the median of curves, one per row, and bands of the middle half and 90 % of them."""
    for low, high, alpha in BANDS:
        ends = curves.quantile([low, high]).to_numpy(float)
        ax.fill_between(curves.columns, *ends, color=color, alpha=alpha, lw=0)
    ax.plot(curves.columns, curves.median(), color=color, lw=0.6, alpha=0.6)


def band_keys(models: pd.DataFrame, lined: Iterable[str]) -> list[Artist]:
    """Explain the bands of the kinds of which not all models are lines."""
    shown = set(lined)
    return [
        Patch(
            color=MODALITIES[str(kind)],
            alpha=0.4,
            label=f"{len(names)} {kind} models, 50 % and 90 %",
        )
        for kind, names in models.groupby("kind", sort=False)["name"].unique().items()
        if not set(names) <= shown
    ]
