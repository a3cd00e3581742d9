"""What goes with scores over models: tiles of correlations with tasks, behaviour and twins."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from stages.core.results.language_tasks import PERPLEXITY
from stages.core.results.relations import WITHOUT_STATIC
from stages.plots.kit.panels import INK, NULL, label_width, paper
from stages.plots.kit.picture import set_title
from stages.plots.language.model_points import JOIN, recording_points, twin_points, word_points
from stages.plots.language.relation_numbers import related

TWINS, WORDS = "score of the untrained twin", "next word"
COLUMNS = ["recording", "quantity", "r", "low", "high", "n"]
TILE = (0.95, 0.3)  # inches


def relation_table(
    models: pd.DataFrame, words: pd.DataFrame, tasks: pd.DataFrame | None
) -> pd.DataFrame:
    """Correlate scores over trained models with what else is known of them.

    Parameters
    ----------
    models, words, tasks
        As for `word_points`.

    Returns
    -------
    DataFrame
        Columns recording, quantity, r, low, high and n.
    """
    points, measure = word_points(models, words, tasks)
    rows = _rows(points, f"{WORDS} ({measure})", less_is_better=True)
    for task, one in [] if tasks is None else tasks.groupby("task", sort=False):
        own = models[models["trained"] & ~models["control"]]
        if not (one["measure"] == PERPLEXITY).any():
            table = own.merge(one[["model", "value"]].rename(columns={"value": "x"}), on="model")
            rows += _rows(table.assign(panel=table["recording"], y=table["value"]), str(task))
    for name, one in recording_points(models).groupby("panel", sort=False):
        first, second = str(name).split(JOIN)
        rows += _rows(one.assign(panel=second), f"score on {first}")
        rows += _rows(one.assign(panel=first), f"score on {second}")
    rows += _rows(twin_points(models), TWINS)
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(
    points: pd.DataFrame, quantity: str, *, less_is_better: bool = False
) -> list[dict[str, Any]]:
    rows = []
    for name, one in points.groupby("panel", sort=False):
        found = related(one, less_is_better=less_is_better)
        numbers = {"r": found.r, "low": found.low, "high": found.high, "n": found.n}
        rows.append({"recording": str(name), "quantity": quantity, **numbers})
    return rows


def table_of_relations(relations: pd.DataFrame) -> pd.DataFrame:
    """Select Pearson's r of a table of relations, as `relation_table` makes them.

    Scores on two recordings are told of both.
    """
    rows = relations[relations["statistic"] == "pearson"].rename(columns={"value": "r"})
    rows = rows.rename(columns={"metric": "recording", "benchmark": "quantity"})
    other = rows["quantity"].str.removesuffix(WITHOUT_STATIC)
    pairs = other.isin(rows["recording"])
    rest = rows["quantity"].str.endswith(WITHOUT_STATIC).map({True: WITHOUT_STATIC, False: ""})
    own, other, rest = (one[pairs] for one in (rows["recording"], other, rest))
    there = rows[pairs].assign(quantity="score on " + other + rest)
    back = rows[pairs].assign(recording=other, quantity="score on " + own + rest)
    both = pd.concat([there, back])
    table = pd.concat([rows[~pairs], both], ignore_index=True)
    return table.astype({"n": int})[COLUMNS]


def relation_tiles(table: pd.DataFrame, recordings: list[str], title: str) -> Figure:
    """Draw r of every quantity and recording; bold where the interval is on one side of 0.

    Parameters
    ----------
    table : DataFrame
        From `relation_table`, with at least one row.
    recordings : list of str
        In order.
    title : str
    """
    names = list(table["quantity"].unique())
    wide = table.pivot_table("r", "quantity", "recording", dropna=False)
    values = wide.reindex(index=names, columns=recordings)
    figure = paper(label_width(names) + TILE[0] * len(recordings) + 1.0, TILE[1] * len(names) + 1.1)
    ax = figure.subplots()
    ax.imshow(values, cmap="RdBu_r", vmin=-1.4, vmax=1.4, aspect="auto")
    for row in table.to_dict("records"):
        at = recordings.index(row["recording"]), names.index(row["quantity"])
        weight = "bold" if row["low"] * row["high"] > 0 else "normal"
        text = _told(row)
        ax.text(*at, text, ha="center", va="center", fontsize=5.5, color=INK, fontweight=weight)
    ax.set_xticks(range(len(recordings)), recordings, fontsize=7)
    ax.set_yticks(range(len(names)), names, fontsize=7)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_facecolor(NULL)
    set_title(figure, title)
    return figure


def _told(row: dict[Hashable, Any]) -> str:
    """Write r with its interval and how many models it is over."""
    if pd.isna(row["r"]):
        return f"n = {row['n']}"
    interval = "" if pd.isna(row["low"]) else f"\n[{row['low']:.2f}, {row['high']:.2f}]"
    return f"{row['r']:.3f} ({row['n']}){interval}"
