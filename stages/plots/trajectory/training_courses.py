"""What networks that are trained here learn, update by update, drawn for a page of a paper."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

from stages.core.names.run_name import CALIBRATED, EMA, EMA_CALIBRATED
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import finish_lines, line_key, plain, title_panel
from stages.plots.kit.panels import INK, paper
from stages.plots.trajectory.course_tables import TRAINED
from stages.plots.trajectory.seen_axis import SeenAxis, draw_axis, seen_axis

PANEL = (2.3, 1.7)  # inches
COLUMNS = 3
RATE = "learning rate"
NAMES = {"loss": "training loss", "lr": RATE}
STYLES: dict[str, LineStyleType] = {
    EMA: (0, (4, 1.5)),
    CALIBRATED: (0, (1, 1.2)),
    EMA_CALIBRATED: (0, (4, 1.5, 1, 1.5)),
}


def training_table(curves: pd.DataFrame) -> pd.DataFrame:
    """Arrange learning curves one value a row.

    Parameters
    ----------
    curves : DataFrame
        From `read_training`.

    Returns
    -------
    DataFrame
        line (run and weights), run, weights, measure, step, seen, value; the learning rate last.
    """
    measures = [name for name in curves if name not in ("run", *TRAINED)]
    long = curves.melt(
        id_vars=["run", "weights", "step", "seen"],
        value_vars=["loss", *measures, "lr"],
        var_name="measure",
    ).dropna(subset="value")
    pairs = zip(long["run"], long["weights"], strict=True)
    names = [f"{run} {weights}".rstrip() for run, weights in pairs]
    long.insert(0, "line", pd.Series(names, long.index, str))
    long["measure"] = long["measure"].replace(NAMES)
    long["value"] = long["value"].astype(float).map(lambda value: float(f"{value:.5g}"))
    return long.reset_index(drop=True)


def kind_of_run(run: str) -> str:
    """Name what runs of other seeds have in common: the name without its last number."""
    kind, _, seed = run.rpartition("-")
    return kind if kind and seed.removeprefix("seed").isdigit() else run


def training_courses(curves: pd.DataFrame, title: str) -> Figure | None:
    """Draw one line per run and kind of weights, one panel per measure.

    Returns
    -------
    Figure or None
        None if nothing was trained.
    """
    table = training_table(curves)
    if table.empty:
        return None
    measures = [name for name in table["measure"].unique() if name != RATE] + [RATE]
    kinds = list(dict.fromkeys(map(kind_of_run, table["run"])))
    colors = {kind: COLORS[place % len(COLORS)] for place, kind in enumerate(kinds)}
    columns = min(len(measures), COLUMNS)
    lines = -(-len(measures) // columns)
    figure = paper(PANEL[0] * columns + 0.4, PANEL[1] * lines + 0.9)
    axes = list(figure.subplots(lines, columns, squeeze=False).flat)
    axis = seen_axis(table["step"])
    for ax, measure in zip(axes, measures, strict=False):
        plain(ax)
        _panel(ax, axis, table[table["measure"].eq(measure)], colors)
        draw_axis(ax, axis)
        title_panel(ax, measure.replace("_", " "), PANEL[0])
    for ax in axes[len(measures) :]:
        ax.remove()
    for ax in axes[max(len(measures) - columns, 0) : len(measures)]:
        ax.set_xlabel("updates", fontsize=7)
    finish_lines(figure, _keys(table, colors), title, "")
    return figure


def _panel(ax: Axes, axis: SeenAxis, rows: pd.DataFrame, colors: dict[str, str]) -> None:
    for (run, weights), line in rows.groupby(["run", "weights"], sort=False):
        color, style = colors[kind_of_run(str(run))], STYLES.get(str(weights), "-")
        later, start = line[line["step"] > 0], line[line["step"] <= 0]
        ax.plot(axis.at(later["step"]), later["value"], lw=1, color=color, ls=style)
        ax.plot(axis.at(start["step"]), start["value"], "o", ms=3, color=color)


def _keys(table: pd.DataFrame, colors: dict[str, str]) -> list[Artist]:
    runs = table.drop_duplicates("run").groupby(table["run"].map(kind_of_run))["run"].size()
    keys: list[Artist] = [
        line_key(kind if runs[kind] == 1 else f"{kind} ({runs[kind]} runs)", color)
        for kind, color in colors.items()
    ]
    kinds = [name for name in table["weights"].unique() if name]
    return keys + [line_key(f"{name} weights", INK, STYLES.get(name, "-")) for name in kinds]
