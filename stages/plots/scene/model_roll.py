"""The roll of models, drawn for a page of a paper."""

import textwrap
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from stages.core.names.vocabulary import NOISE, UNTRAINED
from stages.plots.kit.panels import FAINT, INK, paper
from stages.plots.kit.picture import set_title
from stages.plots.scene.crowds import with_note

LINE = 0.18  # inches from one line to the next
NEXT = 0.72  # of that, for a further line of an error
FAILED = "#c00000"
LETTERS = 46  # of a model's name
ERROR = 84  # letters of an error on a line
ERROR_LINES = 3
MOST = 60  # models: of more, those that failed and the best are shown
HEADS = ("model", "modality", "weights", "parameters", "layers", "best alignment")
AT = (0.0, 2.6, 3.4, 5.2, 5.75, 6.0)  # inches from the left, of each column
SIDES = ("left", "left", "left", "right", "right", "left")
WIDTH = 7.8  # inches


def roll_picture(table: pd.DataFrame, title: str) -> Figure | None:
    """Draw the list of models; a failed one is a red line with its error.

    Of many models, the first ones that failed and the best are shown.

    Parameters
    ----------
    table : DataFrame
        As made by `models_table`.
    title : str

    Returns
    -------
    Figure or None
        None if there is no model.
    """
    if table.empty:
        return None
    count, table = len(table), _shown(table)
    if len(table) < count:
        note = f"{len(table)} of {count} models, the first that failed and the best"
        title = with_note(title, note, "survey/models.csv")
    entries = [(HEADS, INK), *(_entry(row) for row in table.to_dict("records"))]
    heights = [1 + NEXT * max(cell.count("\n") for cell in cells) for cells, _ in entries]
    figure = paper(WIDTH, LINE * (sum(heights) + 2) + 0.3)
    ax = figure.subplots()
    ax.set_xlim(0, WIDTH - 0.2)
    ax.set_ylim(sum(heights), -0.2)
    ax.axis("off")
    line = 0.0
    for (cells, color), height in zip(entries, heights, strict=True):
        head = cells is HEADS
        for x, cell, side in zip(AT, cells, SIDES, strict=False):
            text = ax.text(x, line + 0.2, cell, fontsize=7, color=color, ha=side, va="top")
            text.set_fontweight("bold" if head else "normal")
        line += height
        ax.axhline(line, color=FAINT if head else "#eeeeee", lw=0.6)
    set_title(figure, title)
    return figure


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Keep as many models as there is room for, at least half of them those that ran."""
    if len(table) <= MOST:
        return table
    failed = table["error"] != ""
    first = table.index[failed][: max(MOST // 2, MOST - int((~failed).sum()))]
    best = table[~failed].sort_values("best", ascending=False, kind="stable", na_position="last")
    return table.loc[sorted([*first, *best.index[: MOST - len(first)]])]


def _entry(row: Mapping[Hashable, Any]) -> tuple[Sequence[str], str]:
    """Make the cells of a model's line, and its colour."""
    model = row["model"] if len(row["model"]) <= LETTERS else row["model"][: LETTERS - 1] + "…"
    if row["error"]:
        told = f"failed: {row['error']}"
        lines = textwrap.wrap(told, ERROR, max_lines=ERROR_LINES, placeholder=" …")
        return (model, "\n".join(lines)), FAILED
    noise = row["modality"] == NOISE
    seed = "" if pd.isna(row["seed"]) else f", seed {row['seed']:.0f}"
    weights = "" if noise else "trained" if row["trained"] else UNTRAINED + seed
    millions = "" if noise else f"{row['parameters'] / 1e6:.1f} M"
    best = "" if pd.isna(row["best"]) else f"{row['best']:.3f} in {row['best_region']}"
    return (model, row["modality"], weights, millions, f"{row['layers']:.0f}", best), INK
