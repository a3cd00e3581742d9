"""The numbers that go into `ladder_*.json` of `data/results/summary`."""

from typing import Any

import pandas as pd

from stages.core.results.ladder import CLAIM, HOLDS, NOT_ASKED, RUNGS, standing
from stages.core.results.results import rounded


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
