"""Rungs that the studies share: each from a table of numbers to states of claims."""

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import GROUP, MEAN, SIGNIFICANT
from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED, PREDICTS
from stages.core.results.results import records
from stages.core.stats.prevalence import prevalence

SHUFFLED = "SHUFFLED FOLDS: neighbours in time are in training and test data"
MOST = 0.5  # share of people of whom a claim about people holds
_PLACE = ["model", "region"]


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the average of a region's people where there is one, else the people or their mean."""
    place = [name for name in ("model", "other", "region", "metric") if name in rows]
    average = rows["subject"] == GROUP
    known = average.groupby([rows[name] for name in place], sort=False).transform("any")
    whole = rows["subject"] == MEAN
    several = whole.groupby([rows[name] for name in place], sort=False).transform("any")
    return rows[average | (~known & (whole | ~several))]


def of_everybody(rows: pd.DataFrame) -> pd.DataFrame:
    """Average the scores of people, each with the median over its voxels; q is the largest.

    Parameters
    ----------
    rows : DataFrame
        Results of one metric, as `shown` keeps them.

    Returns
    -------
    DataFrame
        Claims with value, q, ceiling (each of both missing where that of somebody is) and why.
    """
    each = rows.groupby([*_PLACE, "subject"], sort=False)
    people = each.agg(value=("score", "mean"), q=("q", "median"), ceiling=("ceiling", "mean"))
    cells = people.reset_index().groupby(_PLACE, sort=False)
    table = cells.agg(
        value=("value", "mean"),
        q=("q", lambda one: one.max(skipna=False)),
        ceiling=("ceiling", lambda one: one.mean(skipna=False)),
        people=("subject", "nunique"),
    ).reset_index()
    told = "the largest q of " + table["people"].astype(str) + " people"
    return predicts(table.assign(why=told.where(table["people"] > 1, "")))


def significant(rows: pd.DataFrame) -> pd.DataFrame:
    """Say that what is positive with q below the level holds; rows have value and q."""
    held = (rows["q"] < SIGNIFICANT) & (rows["value"] > 0)
    return rows.assign(state=np.where(held, HOLDS, FAILS))


def with_intervals(rows: pd.DataFrame, intervals: pd.DataFrame) -> pd.DataFrame:
    """Put the interval over other stimuli beside each score; rows have model and region."""
    found = intervals[[*_PLACE, "low", "high"]]
    return rows.merge(found, on=_PLACE, how="left", validate="one_to_one")


def predicts(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the claims that models predict regions; rows have model and region."""
    return rows.assign(claim=PREDICTS, other="")


def beside_untrained(pairs: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Keep the pairs of a model with an untrained one."""
    return pairs[pairs["other"].isin(roll.loc[~roll["trained"], "model"])]


def against_twins(pairs: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Hold models against their untrained twins: against the one that speaks against it most.

    Parameters
    ----------
    pairs : DataFrame
        Of one metric and kind of subject; columns of `stages.core.results.pairs`.
    roll : DataFrame
        Of the models, with trained.

    Returns
    -------
    DataFrame
        `value` is the difference from the best of the twins that score higher, or else from the
        twin with the largest q; `low` and `high` its interval over other stimuli.
    """
    twins = beside_untrained(pairs, roll).rename(columns={"difference": "value"})
    counts = twins.groupby(_PLACE, sort=False)["q"].transform("size")
    twins = twins.assign(why=counts.map("nearest of {} twins".format).where(counts > 1, ""))
    known = twins[twins["q"].notna()]
    order = known.assign(ahead=known["value"] > 0, least=known["value"].clip(upper=0))
    order = order.sort_values(["ahead", "least", "q"], ascending=[True, True, False], kind="stable")
    nearest = order.drop_duplicates(_PLACE).sort_index()
    return significant(predicts(nearest.drop(columns=["other", "ahead", "least"])))


def count_people(people: pd.DataFrame) -> pd.DataFrame:
    """Count people, and those in whom a region is predicted, by p of its median voxel."""
    p = people.groupby([*_PLACE, "subject"], sort=False)["p"].median().reset_index()
    cells = p.assign(found=p["p"] < SIGNIFICANT).groupby(_PLACE, sort=False)
    return cells.agg(found=("found", "sum"), people=("found", "size")).reset_index()


def of_people(found: pd.DataFrame) -> pd.DataFrame:
    """Estimate in what share of people a region is predicted.

    Parameters
    ----------
    found : DataFrame
        Columns model, region, people, and found: in how many of them it is, by a test of level
        `SIGNIFICANT` each.

    Returns
    -------
    DataFrame
        Prevalence; it holds where the interval is above half. Few people who all agree cannot say
        that much: then it was not asked.
    """
    rows = []
    for row in records(found):
        one = prevalence(int(row["found"]), int(row["people"]), SIGNIFICANT)
        few = prevalence(one.people, one.people, SIGNIFICANT).low <= MOST
        state = NOT_ASKED if few else HOLDS if one.low > MOST else FAILS
        told = f"{one.found} of {one.people} people" + (": too few to tell of most" if few else "")
        rows.append(
            {"model": row["model"], "region": row["region"], "state": state, "why": told}
            | {"value": one.share, "low": one.low, "high": one.high}
        )
    columns = ["model", "region", "state", "why", "value", "low", "high"]
    return predicts(pd.DataFrame(rows, columns=columns))


def of_ceiling(scores: pd.DataFrame, share: float) -> pd.DataFrame:
    """Ask for a share of what could be reached.

    Parameters
    ----------
    scores : DataFrame
        Columns model, region, value, low, high and ceiling; rows without a ceiling above 0 are left
        out.
    share : float
        That is asked for.
    """
    rows = scores[scores["ceiling"] > 0]
    parts = {name: rows[name] / rows["ceiling"] for name in ("value", "low", "high")}
    state = np.where(parts["value"] >= share, HOLDS, FAILS)
    why = f"at least {share:g} of the ceiling asked for"
    return predicts(rows.assign(**parts, state=state, why=why, q=np.nan))
