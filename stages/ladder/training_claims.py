"""The ladder of training: families whose alignment precedes performance."""

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from stages.core.names.vocabulary import EVERYWHERE
from stages.core.results.ladder import (
    CLAIM,
    FAILS,
    HOLDS,
    NOT_ASKED,
    PRECEDES,
    RUNGS,
    ladder_table,
)
from stages.ladder.other_ladders import in_other_data
from stages.ladder.rungs import SHUFFLED, significant
from stages.ladder.seed_rung import FIRST_RUNG

HALF = 0.5  # of the rise, at which leads are told
BEYOND_CONTROL, UNTESTED = "beyond its control", "not tested"  # of the verdicts of `CONTROLS`
BEYOND = 1.96  # standard deviations of the null of warped courses
LEADS = (
    *("of", "size", "weights", "metric", "region", "measure", "share", "over"),
    *("lead", "low", "high", "p", "null_mean", "null_sd", "n_runs", "reason"),
)
CONTROLS = (
    *("of", "size", "weights", "control", "metric", "region", "over"),
    *("difference", "low", "high", "verdict", "reason"),
)
RUNS, PEOPLE = "runs", "runs and subjects"
_NO_CONTROL = "the family has no control"
_NO_WIDTH = "the members of a family are equally wide"
_NO_CEILING = "of a time there is none"
_NUISANCE = "alignment is measured beyond nuisance variables"


def training_ladder(
    leads: pd.DataFrame,
    controls: pd.DataFrame,
    others: pd.DataFrame,
    dataset: str,
    *,
    leaks: bool,
) -> pd.DataFrame:
    """Hold that alignment precedes performance against what speaks against it.

    Parameters
    ----------
    leads : DataFrame
        Columns `LEADS`, made by trajectory: leads in octaves at parts of the rise, over runs, and
        over runs and subjects.
    controls : DataFrame
        Columns `CONTROLS`, made by trajectory: families beside those that cannot learn.
    others : DataFrame
        Ladders of other recordings.
    dataset : str
    leaks : bool
        Whether alignment was measured by shuffled folds, of which nothing is asked.

    Returns
    -------
    DataFrame
        A claim for each family (NAME/weights where it has several) and measure of performance
        (`other`), over all regions, at half of the rise.
    """
    rows = leads[(leads["region"] == EVERYWHERE) & np.isclose(leads["share"], HALF)]
    rows = rows[rows["size"] == rows.groupby(["of", "weights"])["size"].transform("first")]
    weights = "/" + rows["weights"]
    rows = rows.assign(
        claim=PRECEDES,
        model=rows["of"] + weights.where(rows["weights"] != "", ""),
        other=rows["measure"],
        value=rows["lead"],
        dataset=dataset,
        modality="",
    )
    runs, people = (_told(rows[rows["over"] == over]) for over in (RUNS, PEOPLE))
    beyond = runs["metric"].str.endswith("_partial")
    claims = runs[[*CLAIM, "dataset", "modality", "metric"]]
    if leaks:
        return ladder_table(claims, dict.fromkeys(RUNGS, SHUFFLED))
    return ladder_table(
        claims,
        {
            "chance": runs,
            "nuisance": runs[beyond].assign(why=_NUISANCE),
            "untrained twin": _beyond_control(runs, controls),
            "equal width": _NO_WIDTH,
            "ceiling": _NO_CEILING,
            "other people": people,
            "other data": in_other_data(runs, others),
            "other seeds": FIRST_RUNG,
        },
    )


def _beyond_control(claims: pd.DataFrame, controls: pd.DataFrame) -> pd.DataFrame:
    """Hold the rise that precedes against that of the control, the twin that cannot learn."""
    whole = controls["region"].eq(EVERYWHERE) & controls["over"].eq(RUNS)
    own = controls[whole & controls["size"].eq("")]
    kept = own.drop(columns=["region", "size", "over"]).rename(columns={"difference": "value"})
    place = ["of", "weights", "metric"]
    table = claims[[*CLAIM, *place]].merge(kept, on=place, how="left", validate="many_to_one")
    verdict = table["verdict"]
    told = verdict + " (" + table["control"] + ")"
    reason = table["reason"].fillna(_NO_CONTROL)
    unasked = verdict.isna() | verdict.eq(UNTESTED)
    state = np.where(verdict.eq(BEYOND_CONTROL), HOLDS, FAILS)
    return table.assign(state=np.where(unasked, NOT_ASKED, state), why=reason.where(unasked, told))


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """Hold leads against none, and against the null of warped courses."""
    known = rows["p"].notna()
    q = pd.Series(np.nan, rows.index)
    if known.any():
        q[known] = false_discovery_control(rows.loc[known, "p"])
    warped = rows["value"] - rows["null_mean"] <= BEYOND * rows["null_sd"]
    told = significant(rows.assign(q=q))
    state = told["state"].where(~warped, FAILS).where(known, NOT_ASKED)
    runs = rows["n_runs"].astype(int).astype(str) + " runs"
    return told.assign(state=state, why=rows["reason"].where(~known, runs))
