"""The numbers of ladders: all of them for a report, and few by which runs are compared."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from stages.core.results.ladder import CLAIM, HOLDS, NOT_ASKED, RUNGS, standing
from stages.core.results.results import records, rounded


def headline(summaries: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Pick, of each study, the shares of the first claim.

    Parameters
    ----------
    summaries : mapping of str to dict
        Made by `summarise`, by study.

    Returns
    -------
    dict
        By study that claims something that could be asked: `stands`, the share of regions of which
        every rung that was asked holds; and the share that holds of those that were asked, by rung.
    """
    found = {}
    for study, summary in summaries.items():
        for models in list(summary.values())[:1]:
            first = next(iter(models.values()))
            shares = {
                rung.replace(" ", "_"): rounded(first[rung]["held"] / first[rung]["asked"])
                for rung in RUNGS
                if first[rung]["asked"]
            }
            if shares:
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
    names = list(CLAIM[:3])
    whole = standing(ladder)
    stands = whole.assign(stands=whole["asked"].eq(whole["held"]) & whole["asked"].gt(0))
    entries = stands.groupby(names, sort=False)["stands"].agg(["size", "mean"]).reset_index()
    states = ladder.assign(asked=ladder["state"] != NOT_ASKED, held=ladder["state"] == HOLDS)
    counts = states.groupby([*names, "rung"], sort=False)[["held", "asked"]].sum()
    by_rung = {key: (int(row["held"]), int(row["asked"])) for key, row in counts.iterrows()}
    found: dict[str, Any] = {}
    for entry in records(entries):
        claim, model, other = (entry[name] for name in names)
        name = f"{model} > {other}" if other else model
        rungs = {rung: by_rung[claim, model, other, rung] for rung in RUNGS}
        found.setdefault(claim, {})[name] = {
            "regions": int(entry["size"]),
            "stands": rounded(entry["mean"]),
        } | {rung: {"held": held, "asked": asked} for rung, (held, asked) in rungs.items()}
    return found
