"""The models on one recording of words: a row per region and model, and over all regions."""

import pandas as pd

from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.core.names.vocabulary import GROUP
from stages.core.results.language_scores import CLEAR, EVERYWHERE, LAYERS, SCORES
from stages.core.results.shown import shown_subject
from stages.core.results.story_ceilings import GIVEN, LIMIT
from stages.core.results.typed_tables import empty_table

BY = ["model", "region"]
CONTROLS = ("nuisance", "oasm", "onset")
BEYOND = "r_partial"
LIMITS = ("people_ceiling", "people_ceiling_low", "people_ceiling_high")
# Of all regions, means of these.
MEANS = ("score", "null_mean", "beyond", *CONTROLS, "people_score")


def score_rows(
    encoded: pd.DataFrame, ceilings: pd.DataFrame, intervals: pd.DataFrame
) -> pd.DataFrame:
    """Make the rows of every region and model, but for what is told of the models.

    Parameters
    ----------
    encoded : DataFrame
        Results of encode, of all models.
    ceilings : DataFrame
        Table of `stages.core.results.story_ceilings`.
    intervals : DataFrame
        Made by `stages.survey.score_intervals.interval_table`, of `all` regions too.

    Returns
    -------
    DataFrame
        Some of the columns `SCORES`; the rows of `all` last.
    """
    nested = encoded[encoded["kind"] == "nested"]
    if nested.empty:
        return empty_table(SCORES)
    subject = shown_subject(nested)
    own = encoded[encoded["subject"] == subject]
    rows = _chosen(own[own["kind"] == "nested"])
    rows = rows.join(_controls(own[own["kind"] == "control"]))
    rows = rows.join(_surprisal(own[own["kind"] == "surprisal"]))
    rows = rows.join(_people(nested[(nested["subject"] != GROUP) & (subject == GROUP)]))
    rows = rows.join(_limits(ceilings), on="region")
    each = _normalised(_with_intervals(rows.reset_index(), intervals, subject))
    whole = _everywhere(each[~each["region"].isin(CONTROL_NETWORKS)])
    whole = _with_intervals(whole, intervals, subject)
    ceiling = whole["ceiling"].where(whole["everywhere"])
    whole = whole.assign(
        normalised_low=whole["low"] / ceiling, normalised_high=whole["high"] / ceiling
    )
    return pd.concat([each, whole], ignore_index=True).assign(subject=subject)


def _chosen(nested: pd.DataFrame) -> pd.DataFrame:
    """Scores of the layers that inner folds choose, means over the targets of a region."""
    plain = nested[nested["metric"] == "r"].groupby(BY, sort=False)
    beyond = nested[nested["metric"] == BEYOND].groupby(BY, sort=False)
    table = plain.agg(
        score=("score", "mean"),
        null_mean=("null_mean", "mean"),
        q=("q", "median"),
        ceiling=("ceiling", "mean"),
        ceiling_kind=("ceiling_kind", "first"),
        layer=("layer", lambda layers: layers.mode().iloc[0]),
    )
    return table.join(beyond.agg(beyond=("score", "mean"), beyond_q=("q", "median")))


def _controls(rows: pd.DataFrame) -> pd.DataFrame:
    """Scores of what knows nothing of words, a column each."""
    rows = rows[rows["metric"] == "r"]
    wide = rows.pivot_table("score", BY, "layer", aggfunc="mean")
    return wide.reindex(columns=list(CONTROLS))


def _surprisal(rows: pd.DataFrame) -> pd.DataFrame:
    """Correlations with surprisal, alone and given nuisance variables."""
    tables = []
    for metric, name in (("r", "surprisal"), (BEYOND, "surprisal_beyond")):
        found = rows[rows["metric"] == metric].groupby(BY, sort=False)
        tables.append(found.agg(**{name: ("score", "mean"), f"{name}_p": ("p", "median")}))
    return tables[0].join(tables[1], how="outer")


def _people(nested: pd.DataFrame) -> pd.DataFrame:
    """Means over people of their scores: of those beside their average, where there are any."""
    each = nested[nested["metric"] == "r"].groupby([*BY, "subject"], sort=False)["score"].mean()
    by_place = each.groupby(BY, sort=False)
    return pd.DataFrame({"people": by_place.size(), "people_score": by_place.mean()})


def _limits(ceilings: pd.DataFrame) -> pd.DataFrame:
    """Ceilings of one person, from infinitely many others, by region."""
    kept = ceilings[(ceilings["kind"] == LIMIT) & (ceilings["subject"] == GROUP)]
    kept = kept.set_index("region")[["ceiling", "low", "high"]]
    return kept.set_axis(list(LIMITS), axis=1)


def _normalised(rows: pd.DataFrame) -> pd.DataFrame:
    """Divide scores by ceilings that are clearly there; nothing is clipped.

    A ceiling that was estimated from people is a root, which noise alone makes .2: it counts where
    that of one person from infinitely many others is above 0 in its whole interval.
    """
    agree = rows["people_ceiling_low"] > 0
    clear = (rows["ceiling"] >= CLEAR) & (agree | (rows["ceiling_kind"] == GIVEN))
    ceiling = rows["ceiling"].where(clear)
    limit = rows["people_ceiling"].where(agree & (rows["people_ceiling"] >= CLEAR))
    return rows.assign(
        normalised=rows["score"] / ceiling,
        normalised_low=rows["low"] / ceiling,
        normalised_high=rows["high"] / ceiling,
        people_normalised=rows["people_score"] / limit,
    )


def _everywhere(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over the regions of each model, and quotients of means over those with a ceiling.

    `everywhere` says whether all have one. Correlations with surprisal, which have their own signs,
    are not averaged.
    """
    first = rows.groupby("model", sort=False)
    found = first[list(MEANS)].mean()
    found = found.assign(
        layer=first["layer"].agg(lambda layers: layers.mode().iloc[0]),
        ceiling_kind=first["ceiling_kind"].first(),
        people=first["people"].min(),
        everywhere=first["normalised"].count() == first["score"].count(),
    )
    clear = _means(rows[rows["normalised"].notna()], ["score", "ceiling"])
    limits = _means(rows[rows["people_normalised"].notna()], ["people_score", *LIMITS])
    found = found.join(clear["ceiling"]).join(limits[list(LIMITS)])
    found["normalised"] = clear["score"] / clear["ceiling"]
    found["people_normalised"] = limits["people_score"] / limits["people_ceiling"]
    return found.assign(region=EVERYWHERE).reset_index()


def _means(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return rows.groupby("model", sort=False)[columns].mean()


def _with_intervals(rows: pd.DataFrame, intervals: pd.DataFrame, subject: str) -> pd.DataFrame:
    """Add the interval of each score."""
    told = intervals[(intervals["metric"] == "r") & (intervals["subject"] == subject)]
    return rows.merge(told[[*BY, "low", "high"]], on=BY, how="left", validate="one_to_one")


def layer_rows(encoded: pd.DataFrame) -> pd.DataFrame:
    """Make the rows of every layer: scores of the same subject, means over a region's targets."""
    rows = encoded[encoded["kind"] == "hidden"]
    if rows.empty:
        return empty_table(LAYERS)
    rows = rows[rows["subject"] == shown_subject(rows)]
    by = [*BY, "layer"]
    plain = rows[rows["metric"] == "r"].groupby(by, sort=False)
    beyond = rows[rows["metric"] == BEYOND].groupby(by, sort=False)["score"].mean()
    found = plain[["score", "null_mean", "null_sd"]].mean().assign(beyond=beyond)
    return found.reset_index()
