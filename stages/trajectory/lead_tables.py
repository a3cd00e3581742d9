"""Tables of leads: of every run, and averaged over runs, sizes and subjects."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.trajectory.curve_names import ALIGNMENT, CHOSEN, GROUP, MEAN, PERFORMANCE, RUN, SERIES
from stages.trajectory.curve_shapes import RISES
from stages.trajectory.onset_tables import Asked, curve_of
from stages.trajectory.run_intervals import Mean, over_runs, over_runs_and_others, over_sizes
from stages.trajectory.run_leads import Course, leads, pooled_noise
from stages.trajectory.warping import common_course, exchange_p, null_leads

Array = NDArray[np.float64]
Runs = dict[tuple[str, int], tuple[str, Course]]  # shape and curve, by size and seed
ALPHA = 0.05
PRECEDES, FOLLOWS, UNDECIDED, UNTESTED = "precedes", "follows", "undecided", "not tested"
RUN_LEADS = (
    *("of", "weights", "metric", "region", "subject", "measure", "size", "seed"),
    *("share", "lead", "null_mean", "null_sd", "reason"),
)
LEADS = (
    *("of", "weights", "metric", "region", "measure", "share", "size", "over"),
    *("lead", "low", "high", "p", "p_exchanged", "null_mean", "null_sd"),
    *("n_runs", "n_left_out", "verdict", "reason"),
)
TOGETHER = (GROUP, MEAN)
NULL_DRAWS = 200
FIRST = "share passed before the first checkpoint after step 0"


def run_leads(curves: pd.DataFrame, onsets: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Set the alignment of every run beside its performance.

    Parameters
    ----------
    curves : DataFrame
        The columns `CURVE`.
    onsets : DataFrame
        From `run_onsets`.
    asked : Asked

    Returns
    -------
    DataFrame
        The columns `RUN_LEADS`: one row per run, region, subject, measure of performance
        and share: `lead` in octaves, positive where alignment is earlier, missing where `reason` says why; `null_mean` and
        `null_sd` of leads whose two curves follow one course (missing of single subjects,
        and where the two are not at the same checkpoints).
    """
    told = onsets.drop_duplicates([*RUN, *SERIES])
    shapes = dict(zip(_keys(told, [*RUN, *SERIES]), told["shape"].astype(str), strict=True))
    chosen = curves[curves["side"].eq(ALIGNMENT) & curves["layer"].eq(CHOSEN)]
    aligned = _indexed(chosen, ["of", "weights", "measure", "region", "subject"], shapes)
    performed = _indexed(
        curves[curves["side"].eq(PERFORMANCE)], ["of", "weights", "measure"], shapes
    )
    rows: list[dict[str, Any]] = []
    for (of, weights, measure), other in performed.items():
        for (own, same, metric, region, subject), one in aligned.items():
            if (own, same) == (of, weights):
                place = {"metric": metric, "region": region, "subject": subject}
                label = {"of": of, "weights": weights, **place, "measure": measure}
                rows += _group(label, one, other, asked)
    return pd.DataFrame(rows, columns=list(RUN_LEADS))


def _keys(table: pd.DataFrame, columns: list[str]) -> list[tuple[Any, ...]]:
    return list(table[columns].itertuples(index=False, name=None))


def _indexed(
    curves: pd.DataFrame, by: list[str], shapes: dict[tuple[Any, ...], str]
) -> dict[tuple[Any, ...], Runs]:
    """Arrange curves by what they are of, then by the size and seed of the run."""
    index: dict[tuple[Any, ...], Runs] = {}
    for key, part in curves.groupby([*RUN, *SERIES], sort=False):
        named: dict[str, Any] = dict(zip([*RUN, *SERIES], key, strict=True))
        place = index.setdefault(tuple(named[name] for name in by), {})
        run = str(named["size"]), int(named["seed"])
        place[run] = (shapes[key], Course(*curve_of(part)))
    return index


def _group(label: dict[str, Any], one: Runs, other: Runs, asked: Asked) -> Iterator[dict[str, Any]]:
    """Leads of the runs of one family, region, subject and measure."""
    runs: list[dict[str, Any]] = []
    alignment: list[Course] = []
    performance: list[Course] = []
    for size, seed in one:
        run = label | {"size": size, "seed": seed}
        reason = _unfit(one[size, seed], "alignment")
        reason = reason or _unfit(other.get((size, seed)), str(label["measure"]))
        if reason:
            for share in asked.shares:
                yield run | _lead(share, np.nan, np.nan, np.nan, reason)
        else:
            runs.append(run)
            alignment.append(one[size, seed][1])
            performance.append(other[size, seed][1])
    if not runs:
        return
    found = leads(alignment, performance, np.array(asked.shares), asked.ends, asked.seed)
    wanted = label["subject"] in TOGETHER
    means, deviations = _null(alignment, performance, asked, wanted=wanted)
    for run, *values in zip(runs, found, means, deviations, strict=True):
        for share, lead, mean, deviation in zip(asked.shares, *values, strict=True):
            reason = "" if np.isfinite(lead) else FIRST
            yield run | _lead(share, lead, mean, deviation, reason)


def _unfit(curve: tuple[str, Course] | None, what: str) -> str:
    """Why a curve has no time; empty if it has."""
    if curve is None:
        return f"{what}: not measured"
    return "" if curve[0] == RISES else f"{what}: {curve[0] or 'too few checkpoints'}"


def _lead(share: float, lead: float, mean: float, deviation: float, reason: str) -> dict[str, Any]:
    return {"share": share, "lead": lead, "null_mean": mean, "null_sd": deviation, "reason": reason}


def _null(
    alignment: list[Course], performance: list[Course], asked: Asked, *, wanted: bool
) -> tuple[Array, Array]:
    """Mean and standard deviation of each run's lead if its two curves followed one course."""
    noise = tuple(float(pooled_noise(side, asked.ends)) for side in (alignment, performance))
    shares = np.array(asked.shares)
    means, deviations = (np.full((len(alignment), len(shares)), np.nan) for _ in range(2))
    for at, (one, other) in enumerate(zip(alignment, performance, strict=True)):
        if not (wanted and np.array_equal(one.octaves, other.octaves)):
            continue
        course = common_course(one.values, other.values, asked.ends)[None]
        drawn = null_leads(
            one.octaves,
            course,
            (noise[0], noise[1]),
            shares=shares,
            ends=asked.ends,
            draws=NULL_DRAWS,
            seed=asked.seed,
        )[:, 0]
        known = np.isfinite(drawn).all(axis=0)
        means[at, known] = drawn[:, known].mean(axis=0)
        deviations[at, known] = drawn[:, known].std(axis=0)
    return means, deviations


def mean_leads(single: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Average leads over runs, with intervals over runs, over sizes, and over subjects too.

    Parameters
    ----------
    single : DataFrame
        From `run_leads`.
    asked : Asked

    Returns
    -------
    DataFrame
        The columns `LEADS`: per family, kind of weights, metric, region, measure and share,
        and for all sizes (`size` empty) and each: `over` (what the interval is over: runs, sizes, or runs and subjects),
        `lead`, `low`, `high`, `p` (one-sided, for a lead above 0), `p_exchanged` (labels exchanged
        within runs), `null_mean` and `null_sd` of the mean lead, `n_runs`, `n_left_out`,
        `verdict` and `reason`.
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
    return pd.DataFrame(rows, columns=list(LEADS))


def _over_both(people: pd.DataFrame) -> Mean:
    wide = people.pivot_table(
        index=["size", "seed"], columns="subject", values="lead", dropna=False, aggfunc="first"
    ).to_numpy(float)
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
