"""Two quantities of every model, one dot each: the tables that scatter plots are drawn from.

All have the columns panel, model, lineage, x, y, across and up (what x and y are), and alike
(whether on the same scale).
"""

from itertools import combinations

import pandas as pd

from stages.core.results.language_tasks import NEXT_WORD, SUMMARIES

BITS = "bits per byte"
JOIN = " × "  # of the names of two recordings
COLUMNS = ["panel", "model", "lineage", "x", "y", "across", "up", "alike"]


def word_points(
    models: pd.DataFrame, words: pd.DataFrame, tasks: pd.DataFrame | None
) -> tuple[pd.DataFrame, str]:
    """Put how well a trained model predicts words beside its score.

    Parameters
    ----------
    models : DataFrame
        From `model_scores`.
    words : DataFrame
        From `read_language_scores`: of the words of each recording.
    tasks : DataFrame or None
        From `read_tasks`: its next-word measure is taken for recordings whose words no model
        predicted.

    Returns
    -------
    points : DataFrame
    measure : str
        What x is; less is better.
    """
    own = models[models["trained"] & ~models["control"]]
    measure, x = BITS, words[["recording", "model", "bits_per_byte"]]
    if x["bits_per_byte"].notna().any() or tasks is None:
        table = own.merge(x.rename(columns={"bits_per_byte": "x"}), on=["recording", "model"])
    else:
        rows = tasks[tasks["task"] == NEXT_WORD]
        measure = f"{NEXT_WORD} {rows['measure'].iloc[0]}" if len(rows) else NEXT_WORD
        table = own.merge(rows.rename(columns={"value": "x"})[["model", "x"]], on="model")
    table = table.assign(y=table["value"], across=measure, up=table["scale"], alike=False)
    return _points(table.assign(panel=table["recording"])), measure


def text_points(models: pd.DataFrame, losses: pd.DataFrame) -> pd.DataFrame:
    """Put how well a trained model predicts a text that nobody was measured on beside its score.

    Parameters
    ----------
    models : DataFrame
        From `model_scores`.
    losses : DataFrame
        From `stages.core.results.text_losses.read_text_losses`.
    """
    own = models[models["trained"] & ~models["control"]]
    x = losses[["model", "text", "bits_per_byte"]].rename(columns={"bits_per_byte": "x"})
    table = own.merge(x, on="model")
    table = table.assign(y=table["value"], up=table["scale"], alike=False)
    return _points(table.assign(panel=table["recording"], across=BITS + " of " + table["text"]))


def recording_points(models: pd.DataFrame) -> pd.DataFrame:
    """Put the scores of trained models on one recording beside those on another.

    A mean over recordings is not put beside one that is in it.
    """
    own = models[models["trained"] & ~models["control"]]
    wide = own.pivot_table("value", ["model", "lineage"], "recording", sort=False)
    scale = own.groupby("recording")["scale"].first()
    parts = [
        wide.reset_index()[["model", "lineage"]].assign(
            panel=f"{one}{JOIN}{other}",
            x=wide[one].to_numpy(),
            y=wide[other].to_numpy(),
            across=f"{one}, {scale[one]}",
            up=f"{other}, {scale[other]}",
            alike=scale[one] == scale[other],
        )
        for one, other in combinations(list(wide.columns), 2)
        if not _members(str(one)) & _members(str(other))
    ]
    return _points(pd.concat(parts)) if parts else pd.DataFrame(columns=COLUMNS)


def twin_points(models: pd.DataFrame) -> pd.DataFrame:
    """Put the mean score of a model's untrained twins beside its own."""
    twins = models[~models["trained"]].groupby(["recording", "architecture"])["value"].mean()
    own = models[models["trained"] & ~models["control"]]
    table = own.merge(twins.rename("x").reset_index(), on=["recording", "architecture"])
    table = table.assign(y=table["value"], alike=True, panel=table["recording"])
    return _points(table.assign(across="untrained, " + table["scale"], up="trained"))


def _points(table: pd.DataFrame) -> pd.DataFrame:
    return table[COLUMNS].dropna(subset=["x", "y"]).reset_index(drop=True)


def _members(recording: str) -> set[str]:
    return set(SUMMARIES.get(recording, (recording,)))
