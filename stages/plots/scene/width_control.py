"""What alignment owes to the number of units alone, drawn for a page of a paper."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from stages.core.names.metrics import debiased_and_biased, parse_metric
from stages.core.names.vocabulary import NOISE
from stages.core.results.shown import of_people
from stages.plots.kit.multiples import finish_lines, line_key, small_multiples, zero
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, INK
from stages.plots.scene.selection import KINDS, held_apart, with_names

MANY = 16  # models: of more, dots of the same width stand beside each other
SPREAD = 0.3  # of a doubling, on either side of a width
MARKS = {  # marker, its size and its meaning, those in front last
    "noise": ("_", 6.0, "noise as wide as the layer"),
    "projected": ("x", 4.0, "the layer projected"),
    "score": ("o", 3.0, "layer"),
}


def control_table(control: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Average the scores of layers and of their controls over regions and subjects.

    Parameters
    ----------
    control, models : DataFrame
        Tables of the survey.

    Returns
    -------
    DataFrame
        Columns metric, name, kind, layer, units, score, noise, projected and flagged (a share).
    """
    table = with_names(of_people(held_apart(control)), models)
    by = ["metric", "name", "kind", "layer", "units"]
    means = table.assign(flagged=table["flagged"].astype(float))
    return means.groupby(by, sort=False)[[*MARKS, "flagged"]].mean().reset_index()


def width_scatter(
    control: pd.DataFrame, models: pd.DataFrame, metric: str, title: str
) -> Figure | None:
    """Draw scores against the number of units, debiased and biased side by side.

    A dot is a layer, with noise as wide as it and the layer projected to the common width; the line
    is a model that is nothing but noise. All are means over regions and subjects.

    Parameters
    ----------
    control, models : DataFrame
        Tables of the survey.
    metric : str
        Beside it stands its biased or debiased counterpart, if that was measured.
    title : str

    Returns
    -------
    Figure or None
        None if there is no row of the metric.
    """
    table = control_table(control, models)
    metrics = [name for name in debiased_and_biased(metric) if (table["metric"] == name).any()]
    if not metrics:
        return None
    table = table[table["metric"].isin(metrics)]
    keys = _keys(table)
    across = "units of the layer"
    figure, axes = small_multiples(len(metrics), (3.2, 2.8), 2, keys, across, least=5.5)
    for ax, name in zip(axes, metrics, strict=True):
        rows = table[table["metric"] == name]
        _panel(ax, rows)
        label = "biased" if parse_metric(name).biased else "debiased"
        share = f"{100 * rows['flagged'].mean():.0f} % of scores flagged"
        ax.set_title(f"{name} ({label})\n{share}", fontsize=8)
    finish_lines(figure, keys, title, "alignment (mean over regions and subjects)")
    return figure


def _panel(ax: Axes, table: pd.DataFrame) -> None:
    zero(ax)
    crowded = table["name"].nunique() > MANY
    for kind, rows in table[table["kind"] != NOISE].groupby("kind", sort=False):
        at, turn = rows["units"], KINDS.index(str(kind))
        for column, (marker, size, _) in MARKS.items():
            color = FAINT if column == "noise" else MODALITIES[str(kind)]
            ms = size
            if crowded:
                at, ms = _apart(rows["units"], turn, list(MARKS).index(column)), size / 2
            ax.plot(at, rows[column], lw=0, marker=marker, ms=ms, color=color)
    for _, rows in table[table["kind"] == NOISE].groupby("name", sort=False):
        line = rows.sort_values("units")
        ax.plot(line["units"], line["score"], "o-", color=MODALITIES[NOISE], lw=1, ms=3)
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_locator(LogLocator(base=2, numticks=7))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda units, _: f"{units:g}"))


def _apart(units: "pd.Series[float]", kind: int, mark: int) -> "pd.Series[float]":
    """Move dots of the same width aside: each kind and mark has a column, filled from the left."""
    place = units.groupby(units).cumcount() / units.groupby(units).transform("size")
    columns = len(MARKS) * (len(KINDS) - 1)
    shift = (len(MARKS) * kind + mark + 0.9 * place) / columns
    moved: pd.Series[float] = units * 2 ** (SPREAD * (2 * shift - 1))
    return moved


def _keys(table: pd.DataFrame) -> list[Artist]:
    kinds = [kind for kind in KINDS if (table["kind"] == kind).any()]
    layers = [kind for kind in kinds if kind != NOISE]
    keys: list[Artist] = [
        line_key(f"layer, {kind}", MODALITIES[kind], "", marker="o") for kind in layers
    ]
    for column in ("projected", "noise") if layers else ():
        marker, size, label = MARKS[column]
        color = FAINT if column == "noise" else INK
        keys.append(line_key(label, color, "", marker=marker, size=size))
    if NOISE in kinds:
        keys.append(line_key("nothing but noise", MODALITIES[NOISE], marker="o"))
    return keys
