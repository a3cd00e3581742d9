"""Alignment of every layer in the course of training, drawn for a page of a paper."""

import math

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import (
    finish_lines,
    line_key,
    small_multiples,
    title_panel,
    zero,
)
from stages.plots.trajectory.course_rows import SHOWN
from stages.plots.trajectory.course_tables import Trajectories, by_line, run_counts, with_lines
from stages.plots.trajectory.courses import mean_line, standing
from stages.plots.trajectory.seen_axis import draw_axis, seen_axis

MOST = 24  # layers; of more, as many are drawn, evenly spaced
COLUMNS = 6
PANEL = (1.75, 1.35)  # inches
LABELS = 3  # amounts named on its axis


def layers_table(made: Trajectories) -> pd.DataFrame:
    """Pick the mean courses of single layers, above their own step 0 and over all regions.

    Returns
    -------
    DataFrame
        line, of, size, weights, side, measure, step, seen, layer, `value` with `low` and `high`,
        n_runs; layers in the order of their names.
    """
    bands = made.bands
    single = bands["side"].eq(ALIGNMENT) & ~bands["layer"].isin([CHOSEN, ""])
    whole = bands["region"].eq(EVERYWHERE) & bands["quantity"].eq("gain")
    rows = with_lines(bands[single & whole]).rename(columns={"mean": "value"})
    table = rows[[*SHOWN, "layer", "value", "low", "high", "n_runs"]]
    numbers = ["value", "low", "high"]
    table = table.assign(**{name: table[name].round(4) for name in numbers})
    return table.sort_values("layer", kind="stable").reset_index(drop=True)


def shown_layers(table: pd.DataFrame) -> list[str]:
    """Choose layers that are drawn: all, or evenly spaced ones, the first and the last included."""
    names = list(table["layer"].unique())
    if len(names) <= MOST:
        return names
    return [names[at] for at in np.linspace(0, len(names) - 1, MOST).round().astype(int)]


def layer_courses(made: Trajectories, unit: str, title: str) -> Figure | None:
    """Draw alignment against what was seen, one panel per layer, one colour per family.

    Returns
    -------
    Figure or None
        None if no layer has a course.
    """
    table = layers_table(made)
    if table.empty:
        return None
    layers, counts = shown_layers(table), run_counts(made.curves)
    names = list(dict.fromkeys(with_lines(made.bands)["line"]))
    names = [name for name in names if name in set(table["line"])]
    colors = {name: COLORS[place % len(COLORS)] for place, name in enumerate(names)}
    keys = [line_key(f"{name} ({standing(counts[name])})", colors[name]) for name in names]
    axis = seen_axis(table["seen"])
    columns = math.ceil(len(layers) / math.ceil(len(layers) / COLUMNS))
    figure, axes = small_multiples(len(layers), PANEL, columns, keys, unit, least=4.5)
    for ax, layer in zip(axes, layers, strict=True):
        zero(ax)
        for name, rows in by_line(table[table["layer"].eq(layer)]):
            mean_line(ax, axis, rows, colors[name])
        draw_axis(ax, axis, LABELS)
        title_panel(ax, layer.replace("_", " "), PANEL[0])
    low, high = float(table["value"].min()), float(table["value"].max())
    room = max(0.12 * (high - low), 0.005)
    axes[0].set_ylim(low - room, high + room)
    finish_lines(figure, keys, title, "gain in alignment since step 0")
    return figure
