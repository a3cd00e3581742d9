"""Scores as published analyses make them, beside those that leave runs out and nest the layer."""

import pandas as pd
from matplotlib.figure import Figure

from stages.core.results.language_scores import EVERYWHERE
from stages.core.results.rescored_scores import PLACES, best_layers
from stages.plots.kit.model_lines import COLORS
from stages.plots.kit.multiples import finish_lines, line_key, plain
from stages.plots.kit.panels import FAINT, INK, label_width, paper
from stages.plots.kit.picture import Files, Picture

FOLDER = "rescored"
SHUFFLED, WHOLE = "shuffled", "none"
# Ways of scoring by estimator and whether samples were shuffled: name, marker, colour, and whether
# filled.
HEADLINE, PEOPLE = "this study's score", "the same, mean of people"
WAYS = {
    ("ols", True): ("ordinary least squares, shuffled", "s", COLORS[0], True),
    ("ols", False): ("ordinary least squares, runs or blocks left out", "s", COLORS[0], False),
    ("ridge", True): ("ridge, shuffled", "^", COLORS[4], True),
    ("ridge", False): ("ridge, runs or blocks left out", "^", COLORS[4], False),
}
OURS = {HEADLINE: ("o", INK, True), PEOPLE: ("D", INK, False)}
PANEL, ROW = 2.1, 0.24  # inches
COLUMNS = ["recording", "model", "way", "score"]
CAPTION = (
    "Held-out correlations in published ways, voxel by voxel, medians over voxels and people, of "
    "the layer that is best by the scores shown, beside this study's, of the layer that inner "
    "folds choose; `places` knows nothing but which samples are neighbours."
)


def rescored_files(rescored: pd.DataFrame, scores: pd.DataFrame) -> Files:
    """Draw published ways beside the study's own.

    Parameters
    ----------
    rescored : DataFrame
        From `read_rescored`.
    scores : DataFrame
        Of `read_language_scores`.
    """
    table, data = rescored_table(rescored, scores), f"{FOLDER}/rescored.csv"
    picture = Picture(rescored_dots(table, "Published ways of scoring"), CAPTION, data)
    return {data: table, f"{FOLDER}/rescored.png": picture}


def rescored_table(rescored: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Put the best layers in every way of predicting beside the study's scores.

    Returns
    -------
    DataFrame
        Columns recording, model, way and score, raw: over no ceiling.
    """
    best = best_layers(rescored)
    best = best[best["folds"] != WHOLE]
    pairs = zip(best["estimator"], best["folds"] == SHUFFLED, strict=True)
    told = [WAYS[pair][0] if pair in WAYS else "" for pair in pairs]
    whole = scores[scores["region"] == EVERYWHERE]
    ours = [
        whole.assign(way=way, score=whole[column])[COLUMNS]
        for way, column in ((HEADLINE, "score"), (PEOPLE, "people_score"))
    ]
    best = best.assign(way=told)
    table = pd.concat([best.loc[best["way"] != "", COLUMNS], *ours], ignore_index=True)
    return table.dropna(subset="score").reset_index(drop=True)


def rescored_dots(table: pd.DataFrame, title: str) -> Figure:
    """Draw a mark per model and way, one panel per recording.

    Parameters
    ----------
    table : DataFrame
        From `rescored_table`, with at least one row.
    title : str
    """
    recordings = list(table["recording"].unique())
    models = [name for name in table["model"].unique() if name != PLACES] + [PLACES]
    width = max(label_width(models) + PANEL * len(recordings) + 0.4, 5.0)
    figure = paper(width, max(ROW * len(models), 0.8) + 1.8)
    axes = figure.subplots(1, len(recordings), sharey=True, squeeze=False)[0]
    styles = {name: (mark, color, full) for name, mark, color, full in WAYS.values()} | OURS
    for ax, name in zip(axes, recordings, strict=True):
        plain(ax)
        ax.axvline(0, color=FAINT, lw=0.5, zorder=0)
        ax.axhline(len(models) - 1.5, color=INK, lw=0.6)
        for row in table[table["recording"] == name].itertuples():
            mark, color, full = styles[str(row.way)]
            face = color if full else "white"
            ax.plot(row.score, models.index(row.model), mark, color=color, mfc=face, ms=4, mew=0.7)
        ax.set_title(name, fontsize=8)
        ax.set_xlabel("held-out r", fontsize=7)
        ax.grid(axis="y", color="#eeeeee", lw=0.5)
        ax.set_axisbelow(True)
    axes[0].set_yticks(range(len(models)), models, fontsize=6.5)
    axes[0].set_ylim(len(models) - 0.4, -0.6)
    keys = [
        line_key(name, color, "", marker=mark, size=4, face=color if full else "white")
        for name, (mark, color, full) in styles.items()
    ]
    finish_lines(figure, keys, title, "")
    return figure
