"""The numbers of ladders: all of them for a report, and few by which runs are compared."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from stages.core.results.ladder import CLAIM, HOLDS, NOT_ASKED, RUNGS, standing
from stages.core.results.results import rounded


def headline(ladders: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, float]]:
    """Pick, of each study, the shares of the first claim.

    Parameters
    ----------
    ladders : mapping of str to DataFrame
        By study.

    Returns
    -------
    dict
        By study that claims something: `stands`, the share of regions of which every rung that was
        asked holds; and the share that holds of those that were asked, by rung.
    """
    found = {}
    for study, ladder in ladders.items():
        for models in list(summarise(ladder).values())[:1]:
            first = next(iter(models.values()))
            shares = {
                rung.replace(" ", "_"): rounded(first[rung]["held"] / first[rung]["asked"])
                for rung in RUNGS
                if first[rung]["asked"]
            }
            found[study] = {"stands": first["stands"]} | shares
    return found


def summarise(ladder: pd.DataFrame) -> dict[str, Any]:
    """Count, by claim and model, on how many rungs how many regions hold.

    Parameters
    ----------
    ladder : DataFrame
        Made by `stages.core.results.ladder.ladder_table`.

    Returns
    -------
    dict
        By claim and model (of two models `A > B`): `regions`; `stands`, the share of regions of
        which every rung that was asked holds; and by rung, `held` of how many `asked`.
    """
    found: dict[str, Any] = {}
    whole = standing(ladder)
    for (claim, model, other), rows in ladder.groupby(list(CLAIM[:3]), sort=False):
        name = f"{model} > {other}" if other else str(model)
        own = (whole["claim"] == claim) & (whole["model"] == model) & (whole["other"] == other)
        asked, held = whole.loc[own, "asked"], whole.loc[own, "held"]
        stands = ((asked > 0) & (asked == held)).mean()
        entry = {"regions": int(own.sum()), "stands": rounded(stands)}
        found.setdefault(str(claim), {})[name] = entry | {
            rung: {"held": int((states == HOLDS).sum()), "asked": int((states != NOT_ASKED).sum())}
            for rung in RUNGS
            for states in [rows.loc[rows["rung"] == rung, "state"]]
        }
    return found
