"""Rungs that the studies share: each from a table of numbers to states of claims."""

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.ladder import CLAIM, FAILS, HOLDS, NOT_ASKED, PREDICTS, SURPASSES
from stages.core.results.results import records
from stages.core.stats.prevalence import prevalence

MOST = 0.5  # share of people of whom a claim about people holds
_PLACE = ["model", "region"]


def significant(rows: pd.DataFrame) -> pd.DataFrame:
    """Say that what is positive with q below the level holds; rows have value and q."""
    held = (rows["q"] < SIGNIFICANT) & (rows["value"] > 0)
    return rows.assign(state=np.where(held, HOLDS, FAILS))


def with_intervals(rows: pd.DataFrame, intervals: pd.DataFrame) -> pd.DataFrame:
    """Put the interval over other stimuli beside each score; rows have model and region."""
    return rows.merge(intervals[[*_PLACE, "low", "high"]], on=_PLACE, how="left")


def predicts(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the claims that models predict regions; rows have model and region."""
    return rows.assign(claim=PREDICTS, other="")


def against_twins(pairs: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Hold models against their untrained twins: against the one that comes nearest.

    Parameters
    ----------
    pairs : DataFrame
        Of one metric and kind of subject; columns of `stages.core.results.pairs`.
    roll : DataFrame
        Of the models, with trained.

    Returns
    -------
    DataFrame
        `value` is the difference from the twin with the largest q, `low` and `high` its interval
        over other stimuli.
    """
    untrained = roll.loc[~roll["trained"], "model"]
    twins = pairs[pairs["other"].isin(untrained)].rename(columns={"difference": "value"})
    counts = twins.groupby(_PLACE, sort=False)["q"].transform("size")
    twins = twins.assign(why=counts.map("nearest of {} twins".format).where(counts > 1, ""))
    nearest = twins.loc[twins.groupby(_PLACE, sort=False)["q"].idxmax()]
    return significant(predicts(nearest.drop(columns="other")))


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


def surpasses(pairs: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Turn pairs of trained models so that the one that scores higher comes first.

    Parameters
    ----------
    pairs : DataFrame
        Of one metric and kind of subject.
    roll : DataFrame
        Of the models, with trained.

    Returns
    -------
    DataFrame
        Claims with value, low, high, p, q, those over people too.
    """
    trained = roll.loc[roll["trained"], "model"]
    rows = pairs[pairs["other"].isin(trained)].rename(columns={"difference": "value"})
    turn = rows["value"] < 0
    turned = rows[turn].rename(columns={"model": "other", "other": "model"})
    ends = {"low": "high", "high": "low", "people_low": "people_high", "people_high": "people_low"}
    turned = turned.assign(
        value=-turned["value"],
        ahead=turned["behind"],
        **{name: -turned[end] for name, end in ends.items()},
    )
    return pd.concat([rows[~turn], turned]).sort_index().assign(claim=SURPASSES)


def over_people(claims: pd.DataFrame) -> pd.DataFrame:
    """Hold differences between models against other people; rows made by `surpasses`."""
    told = claims[claims["people_q"].notna()]
    counts = told["ahead"].astype(int).astype(str) + " of " + told["people"].astype(int).astype(str)
    return significant(
        told.assign(
            q=told["people_q"],
            low=told["people_low"],
            high=told["people_high"],
            why="ahead in " + counts + " people",
        )
    )


def same_width(claims: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Say which models that surpass others are no wider; of the others nothing is asked."""
    width = roll.set_index("model")["width"]
    wider = claims["model"].map(width) > claims["other"].map(width)
    return claims[list(CLAIM)].assign(
        state=np.where(wider, NOT_ASKED, HOLDS),
        why=np.where(wider, "wider than the other, and not compared at its width", "no wider"),
    )


def in_other_data(claims: pd.DataFrame, ladders: pd.DataFrame) -> pd.DataFrame:
    """Look for the same claims in the ladders of other recordings.

    Parameters
    ----------
    claims : DataFrame
        Columns `CLAIM`.
    ladders : DataFrame
        Of other recordings, below each other.

    Returns
    -------
    DataFrame
        A claim holds if it stood, in every other recording that has it, against chance and, where
        that was asked, against nuisance variables.
    """
    asked = ladders[ladders["rung"].isin(["chance", "nuisance"]) & (ladders["state"] != NOT_ASKED)]
    rows = []
    for claim, found in asked.groupby(list(CLAIM), sort=False):
        failed = sorted(found.loc[found["state"] == FAILS, "dataset"].unique())
        why = f"fails in {', '.join(failed)}" if failed else f"in {', '.join(_names(found))}"
        state = FAILS if failed else HOLDS
        rows.append(dict(zip(CLAIM, claim, strict=True)) | {"state": state, "why": why})
    known = pd.DataFrame(rows, columns=[*CLAIM, "state", "why"])
    return claims[list(CLAIM)].merge(known, on=list(CLAIM))


def _names(found: pd.DataFrame) -> list[str]:
    return sorted(found["dataset"].unique())
