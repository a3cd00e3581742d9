"""What pictures show of the models on each recording as a whole."""

import numpy as np
import pandas as pd

from stages.core.names.lineages import lineage
from stages.core.names.models import parse_model
from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.core.results.language_scores import EVERYWHERE
from stages.core.run.tables import check_unique

NORMALISED, PLAIN = "held-out r / ceiling", "held-out r"
# How model strings begin whose models have learnt nothing of language.
KNOW_NOTHING = ("control:", "noise:")
TOLD = 3  # failed models, with why
_BY = ["recording", "model"]
COLUMNS = [
    "recording", "model", "architecture", "lineage", "trained", "control", "subject", "scale",
    "value", "low", "high", "beyond", "nuisance", "ceiling", "ceiling_kind", "people",
    "people_value", "band_low", "band_high",
]  # fmt: skip


def model_scores(scores: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """Score every model on every recording as a whole.

    Parameters
    ----------
    scores, words : DataFrame
        From `read_language_scores`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: `value` with low and high, and `beyond` and `nuisance` alike, on the
        `scale` of the recording: over the ceiling if any model has that there, else held-out r.
        `people_value` is the mean of people over their ceiling, and the band that ceiling's
        interval over itself.

    Raises
    ------
    InputError
        If a recording has a model twice.
    """
    whole = scores[scores["region"] == EVERYWHERE]
    check_unique(whole["recording"] + ", " + whole["model"], "scores of all regions")
    known = whole["normalised"].notna().groupby(whole["recording"]).transform("any")
    over = _over_ceilings(scores)
    made = whole.assign(
        scale=np.where(known, NORMALISED, PLAIN),
        value=whole["normalised"].where(known, whole["score"]),
        low=whole["normalised_low"].where(known, whole["low"]),
        high=whole["normalised_high"].where(known, whole["high"]),
        people_value=whole["people_normalised"],
        band_low=whole["people_ceiling_low"] / whole["people_ceiling"],
        band_high=whole["people_ceiling_high"] / whole["people_ceiling"],
    )
    places = pd.MultiIndex.from_frame(whole[_BY])
    for name in ("beyond", "nuisance"):
        alike = over[name].reindex(places).to_numpy(float)
        plain = whole[name].to_numpy(float)
        made[name] = np.where(
            known, np.where(np.isnan(alike), plain / whole["ceiling"], alike), plain
        )
    strings = words.drop_duplicates("model").set_index("model")["string"]
    told = made["model"].map(strings).fillna("")
    made["control"] = told.str.startswith(KNOW_NOTHING)
    both = zip(told, made["architecture"], strict=True)
    made["lineage"] = [_lineage(string, architecture) for string, architecture in both]
    return made[COLUMNS].reset_index(drop=True)


def _lineage(string: str, architecture: str) -> str:
    """Name the lineage by what a model is, and by its short name where that is not told."""
    return lineage(parse_model(string, {}).name if string else architecture)


def _over_ceilings(scores: pd.DataFrame) -> pd.DataFrame:
    """Divide as `normalised` of all regions is: means over the regions that have a ceiling."""
    clear = scores["normalised"].notna() & (scores["region"] != EVERYWHERE)
    rows = scores[clear & ~scores["region"].isin(CONTROL_NETWORKS)]
    means = rows.groupby(_BY)[["beyond", "nuisance", "ceiling"]].mean()
    return means.div(means["ceiling"], axis=0)


def row_order(table: pd.DataFrame) -> list[str]:
    """Put architectures in order: best first, by their trained models' mean; controls last."""
    best = table.sort_values("trained").groupby("architecture", sort=False).last()["control"]
    trained = table[table["trained"]].groupby("architecture")["value"].mean()
    mean = trained.reindex(best.index).fillna(-np.inf)
    order = pd.DataFrame({"control": best, "mean": -mean})
    return list(order.sort_values(["control", "mean"], kind="stable").index)


def failures(words: pd.DataFrame) -> str:
    """Say which models failed, one sentence; empty if none did."""
    failed = words[words["error"] != ""].drop_duplicates("model")
    told = [f"{name} ({why})" for name, why in zip(failed["model"], failed["error"], strict=True)]
    more = [f"and {len(told) - TOLD} others"] if len(told) > TOLD else []
    return f"Not run: {'; '.join(told[:TOLD] + more)}." if told else ""
