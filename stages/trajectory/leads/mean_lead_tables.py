"""Table of leads averaged over runs, sizes and subjects, with what is to be said of them."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import GROUP, MEAN
from stages.core.stats.run_intervals import Mean, over_runs, over_runs_and_others, over_sizes
from stages.trajectory.leads.stimulus_leads import stimulus_leads
from stages.trajectory.leads.warping import exchange_p
from stages.trajectory.onsets.onset_tables import Asked
from stages.trajectory.rises.stimulus_intervals import STIMULI, Shares

Array = NDArray[np.float64]
ALPHA = 0.05
PRECEDES, FOLLOWS, UNDECIDED, UNTESTED = "precedes", "follows", "undecided", "not tested"
HERE = "in these runs"  # whatever the stimuli
LEADS = (
    *("of", "weights", "metric", "region", "measure", "share", "size", "over"),
    *("lead", "low", "high", "p", "p_exchanged", "null_mean", "null_sd"),
    *("n_runs", "n_left_out", "verdict", "reason"),
)
TOGETHER = (GROUP, MEAN)


def mean_leads(
    single: pd.DataFrame, curves: pd.DataFrame, pieces: Shares, asked: Asked
) -> pd.DataFrame:
    """Average leads over runs, with intervals over runs, sizes, subjects too, and over stimuli.

    Parameters
    ----------
    single : DataFrame
        From `run_leads`.
    curves, pieces
        See `stimulus_leads`.
    asked : Asked

    Returns
    -------
    DataFrame
        The columns `LEADS`: per family, kind of weights, metric, region, measure and share, and for
        all sizes (`size` empty) and each: `over` (what the interval is over: runs, sizes, runs and
        subjects, or stimuli, the last of all regions together alone), `lead`, `low`, `high`, `p`
        (one-sided, for a lead above 0), `p_exchanged` (labels exchanged within runs), `null_mean`
        and `null_sd` of the mean lead, `n_runs`, `n_left_out`, `verdict` (over stimuli, of these
        very runs) and `reason`.
    """
    rows: list[dict[str, Any]] = []
    by = ["of", "weights", "metric", "region", "measure", "share"]
    for key, part in single.groupby(by, sort=False):
        label = dict(zip(by, key, strict=True))
        whole = part[part["subject"].isin(TOGETHER)]
        values, sizes = whole["lead"].to_numpy(float), whole["size"].to_numpy(str)
        rows.append(label | _row("runs", "", over_runs(values, sizes), whole, asked))
        if len(set(sizes)) > 1:
            rows.append(label | _row("sizes", "", over_sizes(values, sizes), whole, asked))
            for size, own in whole.groupby("size", sort=False):
                mean = over_runs(own["lead"].to_numpy(float), own["size"].to_numpy(str))
                rows.append(label | _row("runs", str(size), mean, own, asked))
        people = part[~part["subject"].isin(TOGETHER)]
        if len(set(people["subject"])) > 1:
            both = _over_both(people)
            rows.append(label | _row("runs and subjects", "", both, whole, asked))
    for label, whole, mean in stimulus_leads(single, curves, pieces, asked):
        row = _row(STIMULI, "", mean, whole, asked)
        rows.append(label | row | {"verdict": _of_these_runs(row["verdict"])})
    return pd.DataFrame(rows, columns=list(LEADS))


def _over_both(people: pd.DataFrame) -> Mean:
    leads = people.set_index(["size", "seed", "subject"])["lead"]
    wide = leads.unstack("subject").to_numpy(float)  # noqa: PD010 (pivot_table is slow)
    missing = int(np.isnan(wide).sum())
    if missing:
        reason = f"{missing} of {wide.size} curves of single subjects have no lead"
        return Mean(np.nan, np.nan, np.nan, np.nan, len(wide), reason)
    return over_runs_and_others(wide)


def _row(over: str, size: str, mean: Mean, rows: pd.DataFrame, asked: Asked) -> dict[str, Any]:
    known = rows[rows["lead"].notna()]
    left = rows[rows["lead"].isna()]
    exchanged = np.nan
    if over == "runs" and len(known) > 1:
        exchanged = exchange_p(known["lead"].to_numpy(float), asked.draws, asked.seed)
    reasons = [mean.reason, *sorted(set(left["reason"]))]
    return {
        "size": size,
        "over": over,
        "lead": mean.value,
        "low": mean.low,
        "high": mean.high,
        "p": mean.p,
        "p_exchanged": exchanged,
        "null_mean": float(known["null_mean"].mean()) if len(known) else np.nan,
        "null_sd": _sd_of_mean(known["null_sd"].to_numpy(float)),
        "n_runs": mean.n,
        "n_left_out": len(left),
        "verdict": verdict_of(mean),
        "reason": "; ".join(reason for reason in reasons if reason),
    }


def _of_these_runs(verdict: str) -> str:
    """Let what is said of one run, whatever the stimuli, not read as if said of others."""
    return f"{verdict} {HERE}" if verdict in (PRECEDES, FOLLOWS) else verdict


def _sd_of_mean(deviations: Array) -> float:
    """Find the standard deviation of the mean of independent runs; missing without any."""
    return float(np.sqrt((deviations**2).sum()) / len(deviations)) if len(deviations) else np.nan


def verdict_of(mean: Mean) -> str:
    """Say whether alignment precedes performance, at 5 % one-sided in either direction."""
    if np.isnan(mean.p):
        return UNTESTED
    if mean.p <= ALPHA:
        return PRECEDES
    return FOLLOWS if 1 - mean.p <= ALPHA else UNDECIDED
