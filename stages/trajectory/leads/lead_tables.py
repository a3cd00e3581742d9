"""Table of the leads of single runs."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, GROUP, MEAN, PERFORMANCE
from stages.trajectory.curves.curve_names import RUN, SERIES
from stages.trajectory.curves.curve_shapes import FALLS, RISES
from stages.trajectory.leads.run_leads import Course, leads, pooled_noise
from stages.trajectory.leads.warping import common_course, null_leads
from stages.trajectory.onsets.onset_tables import Asked, curve_of

Array = NDArray[np.float64]
Runs = dict[tuple[str, int], tuple[str, Course]]  # shape and curve, by size and seed
RUN_LEADS = (
    *("of", "weights", "metric", "region", "subject", "measure", "size", "seed"),
    *("share", "lead", "null_mean", "null_sd", "reason"),
)
NULL_DRAWS = 200
WORSE = "gets worse"  # of performance: a loss that does so does not fall
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
        The columns `RUN_LEADS`: one row per run, region, subject, measure of performance and share:
        `lead` in octaves, positive where alignment is earlier, missing where `reason` says why;
        `null_mean` and `null_sd` of leads whose two curves follow one course (missing of single
        subjects). Of curves at other checkpoints than each other, `null_mean` need not be 0.
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
        reason = reason or _unfit(other.get((size, seed)), str(label["measure"]), WORSE)
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
    wanted = label["subject"] in (GROUP, MEAN)
    means, deviations = _null(alignment, performance, asked, wanted=wanted)
    for run, *values in zip(runs, found, means, deviations, strict=True):
        for share, lead, mean, deviation in zip(asked.shares, *values, strict=True):
            reason = "" if np.isfinite(lead) else FIRST
            yield run | _lead(share, lead, mean, deviation, reason)


def _unfit(curve: tuple[str, Course] | None, what: str, falling: str = FALLS) -> str:
    """Why a curve has no time; empty if it has."""
    if curve is None:
        return f"{what}: not measured"
    shape = falling if curve[0] == FALLS else curve[0]
    return "" if shape == RISES else f"{what}: {shape or 'too few checkpoints'}"


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
        if not wanted:
            continue
        octaves = one.octaves, other.octaves
        values = one.values, other.values  # noqa: PD011 (no frame)
        courses = common_course(octaves, values, asked.ends)
        drawn = null_leads(
            octaves,
            courses,
            (noise[0], noise[1]),
            shares=shares,
            ends=asked.ends,
            draws=NULL_DRAWS,
            seed=asked.seed,
        )
        known = np.isfinite(drawn).all(axis=0)
        means[at, known] = drawn[:, known].mean(axis=0)
        deviations[at, known] = drawn[:, known].std(axis=0)
    return means, deviations
