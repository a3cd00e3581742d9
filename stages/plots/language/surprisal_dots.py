"""How responses follow a model's surprisal, to which nothing is fitted."""

import pandas as pd
from matplotlib.figure import Figure

from stages.core.names.vocabulary import SIGNIFICANT, UNTRAINED
from stages.core.results.language_scores import EVERYWHERE
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import finish_lines, line_key, plain
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, INK, label_width, paper

MARKS = (("surprisal", "o", 4.0), ("surprisal_beyond", "D", 2.8))  # column, mark, size
PANEL, ROW = 2.3, 0.13  # inches; of a row per model
COLUMNS = [
    "recording", "region", "model", "trained", "surprisal", "surprisal_p", "surprisal_beyond",
    "surprisal_beyond_p",
]  # fmt: skip


def surprisal_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Select the correlations with surprisal of every region; may be without rows."""
    known = scores["surprisal"].notna() & (scores["region"] != EVERYWHERE)
    return scores.loc[known, COLUMNS].reset_index(drop=True)


def surprisal_dots(table: pd.DataFrame, title: str) -> Figure:
    """Draw the correlation with surprisal, and the partial one, per region and model.

    Parameters
    ----------
    table : DataFrame
        From `surprisal_table`, with at least one row.
    title : str
    """
    recordings = list(table["recording"].unique())
    models = list(table["model"].unique())
    regions = table.groupby("recording", sort=False)["region"].unique()
    most = max(map(len, regions))
    wide = PANEL + label_width(table["region"])
    tall = most * (ROW * len(models) + 0.12)
    figure = paper(max(wide * len(recordings), 5.0), max(tall, 0.8) + 1.6)
    axes = figure.subplots(1, len(recordings), squeeze=False)[0]
    colors = _colors(table)
    for ax, name in zip(axes, recordings, strict=True):
        own, rows = table[table["recording"] == name], list(regions[name])
        plain(ax)
        ax.axvline(0, color=FAINT, lw=0.5)
        for row in own.to_dict("records"):
            place = (models.index(row["model"]) + 0.5) / len(models) - 0.5
            at, color = rows.index(row["region"]) + 0.85 * place, colors[row["model"]]
            for value, mark, size in MARKS:
                face = color if row[f"{value}_p"] < SIGNIFICANT else "white"
                ax.plot(row[value], at, mark, color=color, mfc=face, ms=size, mew=0.7)
        ax.set_yticks(range(len(rows)), [str(one).replace("_", " ") for one in rows], fontsize=7)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_title(name, fontsize=8)
        ax.set_xlabel("correlation with surprisal", fontsize=7)
    keys = [line_key(name, colors[name], "", marker="o", size=4) for name in models]
    keys.append(line_key("correlation, p < .05", INK, "", marker="o", size=4))
    keys.append(line_key("p ≥ .05", INK, "", marker="o", size=4, face="white"))
    keys.append(line_key("given nuisance variables", INK, "", marker="D", size=3))
    finish_lines(figure, keys, title, "")
    return figure


def _colors(table: pd.DataFrame) -> dict[str, str]:
    """Give trained models colours, and untrained ones grey."""
    each = table.drop_duplicates("model")
    trained = each.loc[each["trained"], "model"]
    grey = dict.fromkeys(each["model"], MODALITIES[UNTRAINED])
    return grey | {str(name): COLORS[at % len(COLORS)] for at, name in enumerate(trained)}
