"""The ladders as one row per claim: score, chance, ceiling, and the state of every rung."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stages.core.names.vocabulary import GROUP, MEAN
from stages.core.results.ladder import (
    CLAIM,
    FAILS,
    HOLDS,
    NOT_ASKED,
    PREDICTS,
    RUNGS,
    read_ladder,
    standing,
)
from stages.core.run.errors import InputError
from stages.report.page_notes import left_out

DO = "Run `dvc repro`."
_KEY = ["study", "dataset", *CLAIM]
_RUNG = ["state", "value", "low", "high", "q", "why"]
# The first rung scores without nuisance variables what the others score beyond them.
PARTIAL = "_partial"
# How the column of a rung's state ends.
STATE = " rung"
# What a page of five megabytes holds.
MOST_CLAIMS = 3_000


def read_claims(folders: Sequence[Path]) -> dict[str, pd.DataFrame]:
    """Read the ladders of some folders, one table per study.

    Returns
    -------
    dict of str to DataFrame
        `claims`, as `claim_rows` makes it, and `rungs`, their rows of the ladders, of as many
        claims as a page holds; `tally`, of all; and `claims_left_out`.

    Raises
    ------
    InputError
        If a file is unreadable, a column is absent or of another kind, or a rung is lacking.
    """
    paths = [path for folder in folders for path in sorted(folder.glob("*.parquet"))]
    ladders = {path.stem: _read_whole(path) for path in paths}
    tables = [table.assign(study=study) for study, table in ladders.items() if len(table)]
    if not tables:
        return {}
    rungs = pd.concat(tables, ignore_index=True)
    claims = claim_rows(rungs)
    held = claims_held(claims)
    lines = [f"{len(claims) - len(held)} claims of {len(claims)}, which are counted, not listed"]
    return {
        "claims": held,
        "rungs": rungs[[*_KEY, "rung", *_RUNG]].merge(held[_KEY]),
        "tally": tally(claims),
        "claims_left_out": left_out("holds", *(lines if len(held) < len(claims) else [])),
    }


def _read_whole(path: Path) -> pd.DataFrame:
    """Read a ladder with all of its rungs: one of an earlier version has fewer."""
    table = read_ladder(path, DO)
    lacking = [rung for rung in RUNGS if rung not in set(table["rung"])]
    if len(table) and lacking:
        got = f"none of {', '.join(lacking)}"
        raise InputError(
            "ladder without all rungs", where=path, expected=len(RUNGS), got=got, do=DO
        )
    return table


def claims_held(claims: pd.DataFrame) -> pd.DataFrame:
    """Keep as many claims as a page holds: all of a model or none, those that predict first."""
    if len(claims) <= MOST_CLAIMS:
        return claims
    by = ["study", "claim", "model", "other"]
    groups = claims.groupby(by, sort=False)["score"].agg(["size", "mean"]).reset_index()
    groups["later"] = groups["claim"] != PREDICTS
    groups = groups.sort_values(["later", "mean"], ascending=[True, False], kind="stable")
    held = groups[groups["size"].cumsum() <= MOST_CLAIMS]
    return claims.merge(held[by], on=by).reset_index(drop=True)


def tally(claims: pd.DataFrame) -> pd.DataFrame:
    """Count claims by study and by what came of them: columns study, fails, holds, not asked."""
    fails, asked = claims["first_failed"] != "", claims["asked"] > 0
    states = {FAILS: fails, HOLDS: ~fails & asked, NOT_ASKED: ~fails & ~asked}
    counts = claims[["study"]].assign(**states).groupby("study", sort=False).sum()
    return counts.reset_index()


def claim_rows(rungs: pd.DataFrame) -> pd.DataFrame:
    """Put the rungs of every claim side by side.

    Parameters
    ----------
    rungs : DataFrame
        Columns of a ladder and study.

    Returns
    -------
    DataFrame
        Columns study, dataset, `CLAIM`, modality, metric (by which the first rung scores), score,
        low, high and q (of the first rung), share (of the ceiling), the state of each of `RUNGS`
        (named with `STATE`), asked, held and first_failed; the claims that fail first, then by how
        many rungs hold.
    """
    first = rungs[rungs["rung"] == RUNGS[0]].rename(columns={"value": "score"})
    table = first[[*_KEY, "modality", "metric", "score", "low", "high", "q"]]
    table = table.assign(metric=table["metric"].str.removesuffix(PARTIAL))
    share = rungs.loc[rungs["rung"] == "ceiling", [*_KEY, "value"]]
    table = table.merge(share.rename(columns={"value": "share"}), on=_KEY, validate="one_to_one")
    states = rungs.pivot_table("state", _KEY, "rung", aggfunc="first", sort=False)
    states = states[list(RUNGS)].add_suffix(STATE).reset_index()
    table = table.merge(states, on=_KEY, validate="one_to_one")
    stands = [standing(rows).assign(study=study) for study, rows in rungs.groupby("study")]
    table = table.merge(pd.concat(stands), on=["study", *CLAIM], validate="one_to_one")
    fails = table["first_failed"] != ""
    order = pd.DataFrame({"fails": ~fails, "held": -table["held"], "score": -table["score"]})
    places = order.sort_values(["fails", "held", "score"], kind="stable").index
    return table.loc[places].reset_index(drop=True)


def with_chance(claims: pd.DataFrame, limits: pd.DataFrame) -> pd.DataFrame:
    """Put chance and ceiling beside the claims that models predict regions.

    Parameters
    ----------
    claims : DataFrame
        As `claim_rows` makes them.
    limits : DataFrame
        Columns study, model, region, metric, null and ceiling, from `limits_of`.

    Returns
    -------
    DataFrame
        Columns null and ceiling beside the others; missing where nothing is known.
    """
    known = limits.assign(claim=PREDICTS)
    by = ["study", "claim", "model", "region", "metric"]
    return claims.merge(known, on=by, how="left", validate="many_to_one")


def limits_of(study: str, chosen: pd.DataFrame) -> pd.DataFrame:
    """Find chance and ceiling of the chosen layers, of those whose scores claims are of.

    That is the average of a region's responses where there is one, else the mean over people.
    Towers are called as ladders call them.
    """
    rows = chosen[chosen["subject"] != MEAN]
    if "modality" in rows:
        two = rows.groupby("model")["modality"].transform("nunique") > 1
        rows = rows.assign(model=rows["model"].where(~two, rows["model"] + "/" + rows["modality"]))
    place = ["model", "region", "metric"]
    average = rows["subject"].eq(GROUP)
    averaged = average.groupby([rows[name] for name in place], sort=False).transform("any")
    cells = rows[average | ~averaged].groupby(place, sort=False)
    means = cells[["null_mean", "ceiling"]].mean(skipna=False).reset_index()
    means = means.rename(columns={"null_mean": "null"})
    return means.assign(study=study)
