"""Rungs of claims that a model surpasses another: which of two is ahead, and by what."""

import numpy as np
import pandas as pd

from stages.core.results.ladder import CLAIM, FAILS, HOLDS, NOT_ASKED, SURPASSES
from stages.ladder.rungs import significant

# Why some rungs are not asked.
NO_CEILING = "of a difference there is none"
NO_TWIN = "of two trained models there is none"
_PLACE = ["model", "region"]


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


def turned(found: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Let a claim fail where a rung has its two models the other way round.

    Parameters
    ----------
    found : DataFrame
        What came of the rung, of the model that is ahead by it.
    claims : DataFrame
        Columns `CLAIM`.
    """
    against = found.rename(columns={"model": "other", "other": "model"}).assign(state=FAILS)
    ends = {"value": "value", "low": "high", "high": "low"}
    against = against.assign(**{one: -found[end] for one, end in ends.items() if end in found})
    both = pd.concat([found, against], ignore_index=True)
    return both.merge(claims[list(CLAIM)], on=list(CLAIM))


def same_width(claims: pd.DataFrame, widths: pd.DataFrame) -> pd.DataFrame:
    """Say which models that surpass others are no wider; of the others nothing is asked.

    Parameters
    ----------
    claims : DataFrame
        Columns `CLAIM`.
    widths : DataFrame
        Columns model, region and width: units of the layers that are compared.
    """
    known = widths.groupby(_PLACE)["width"]
    most, least = known.max(), known.min()
    ours, theirs = (
        side.reindex(pd.MultiIndex.from_frame(claims[[who, "region"]])).to_numpy(float)
        for side, who in ((most, "model"), (least, "other"))
    )
    wider = ours > theirs
    return claims[list(CLAIM)].assign(
        state=np.where(wider, NOT_ASKED, HOLDS),
        why=np.where(wider, "wider than the other, and not compared at its width", "no wider"),
    )
