"""Tables that set a family beside its control: what training adds to what rises by itself.

A control is trained as the family is, on what cannot be learnt: words in random order, labels dealt
at random. What its alignment gains too is no effect of what the family has learnt.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE
from stages.core.stats.run_intervals import Mean, over_runs_and_others
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.rises.run_pairs import PAIRED, Beside, matched, set_beside
from stages.trajectory.rises.run_rises import (
    common_ends,
    of_size,
    people,
    rises_of_runs,
    sizes_of,
    whole,
)
from stages.trajectory.rises.stimulus_intervals import (
    PLACE,
    STIMULI,
    Shares,
    over_pieces,
    piece_rises,
)

Array = NDArray[np.float64]
BEYOND = "beyond its control"
BEYOND_HERE = "beyond its control in these runs"  # whatever the stimuli
AS_FAR = "the control rises as far"
FALLS = "does not rise"
UNDECIDED, UNTESTED = "undecided", "not tested"
TOO_FEW = "too few checkpoints in common"
NO_START = "no gain without a step 0"
RUNS, PEOPLE = "runs", "runs and subjects"
KEY = ("of", "weights", "control", "metric", "region", "size")
FOUND = ("difference", "low", "high", "p", "paired", "n_runs", "n_control_runs", "n_left_out")
CONTROLS = (*KEY, "over", "rise", "control_rise", *FOUND, "verdict", "reason")
CONTROL_COURSES = (*KEY, "step", "seen", "gain", "control_gain", *FOUND, "reason")


def control_tables(
    curves: pd.DataFrame,
    controls: Mapping[str, str],
    ends: Ends,
    pieces: Shares | None = None,
) -> dict[str, pd.DataFrame]:
    """Set the alignment of every family beside that of its control.

    Parameters
    ----------
    curves : DataFrame
        The columns `CURVE`.
    controls : mapping of str to str
        The control of each family that has one.
    ends : Ends
        First and last checkpoints between which a curve rises.
    pieces : mapping, optional
        From `shares_by_place`; without them nothing is said over stimuli.

    Returns
    -------
    dict of str to DataFrame
        `controls`, the columns `CONTROLS`: per family, kind of weights, region and size (empty for
        all), the `rise` of its chosen layer and that of the control over the steps that all of
        these runs have, their `difference` with `low` and `high` (95 % over runs, `over` runs and
        subjects, or, of these very runs, over other stimuli) and `p` (one-sided, for more than the
        control), `paired` where runs of the same seed are compared, `verdict`, and `reason` where
        there is no interval or no difference.
        `control_courses`, the columns `CONTROL_COURSES`: the same of the gain at each step.
    """
    aligned = curves[curves["side"].eq(ALIGNMENT) & curves["layer"].eq(CHOSEN)]
    rises: list[dict[str, Any]] = []
    courses: list[dict[str, Any]] = []
    for (of, weights, metric), own in aligned.groupby(["of", "weights", "measure"], sort=False):
        control = controls.get(str(of), "")
        if not control:
            continue
        label = {"of": of, "weights": weights, "control": control, "metric": metric}
        same = aligned["weights"].isin([str(weights), ""]) & aligned["measure"].eq(str(metric))
        other = aligned[aligned["of"].eq(control) & same]
        if other.empty:
            what = f"{weights} weights" if aligned["of"].eq(control).any() else "scores"
            reason = f"{control} has no {what}"
            rises.append(label | _absent(reason))
            continue
        for region, part in own.groupby("region", sort=False):
            beside = other[other["region"].eq(region)]
            for size in sizes_of(part):
                place = label | {"region": region, "size": size}
                pair = of_size(part, size), of_size(beside, size)
                rises += [place | row for row in _rises(*pair, ends, pieces)]
                courses += [place | row for row in _courses(*pair)]
    return {
        "controls": pd.DataFrame(rises, columns=list(CONTROLS)),
        "control_courses": pd.DataFrame(courses, columns=list(CONTROL_COURSES)),
    }


def _absent(reason: str) -> dict[str, Any]:
    where = {"region": EVERYWHERE, "size": "", "over": RUNS, "paired": "", "verdict": UNTESTED}
    numbers = {"n_runs": 0, "n_control_runs": 0, "n_left_out": 0}
    return where | numbers | {"reason": reason}


def _rises(
    own: pd.DataFrame, other: pd.DataFrame, ends: Ends, pieces: Shares | None
) -> Iterator[dict[str, Any]]:
    """Set rises beside each other: over runs, then people where runs are paired, then stimuli."""
    both = rises_of_runs(whole(own), whole(other), ends)
    beside = set_beside(*both)
    values = {"rise": beside.one, "control_rise": beside.other}
    reason = beside.mean.reason if all(map(_any_known, both)) else TOO_FEW
    yield {"over": RUNS, "reason": reason} | values | _judged(beside)
    each = rises_of_runs(people(own), people(other), ends)
    if beside.paired and min(one.shape[1] for one in each) > 1:
        crossed = replace(beside, mean=_over_people(*each))
        yield {"over": PEOPLE, "reason": crossed.mean.reason} | values | _judged(crossed)
    if pieces is not None:
        steps = common_ends(whole(own), whole(other), ends) or ((), ())
        shares = [
            piece_rises(pieces.get(_place_of(rows)), one.index, *steps)
            for rows, one in zip((own, other), both, strict=True)
        ]
        yield values | _over_stimuli(beside, shares)


def _over_stimuli(beside: Beside, shares: Sequence[pd.DataFrame]) -> dict[str, Any]:
    """Judge the rises of these very runs, as if others of the stimuli were met."""
    mean = over_pieces(shares, lambda one, two: set_beside(one, two).mean.value, beside.mean)
    judged = _judged(replace(beside, mean=mean))
    here = BEYOND_HERE if judged["verdict"] == BEYOND else judged["verdict"]
    return {"over": STIMULI, "reason": mean.reason} | judged | {"verdict": here}


def _place_of(rows: pd.DataFrame) -> tuple[Any, ...]:
    return tuple(rows.iloc[0][PLACE]) if len(rows) else ()


def _courses(own: pd.DataFrame, other: pd.DataFrame) -> Iterator[dict[str, Any]]:
    one, two = whole(own), whole(other)
    for step in sorted({*one["step"]} & {*two["step"]}):
        at, there = (rows[rows["step"].eq(step)] for rows in (one, two))
        gains = _by_run(at, "gain"), _by_run(there, "gain")
        beside = set_beside(*gains)
        reason = beside.mean.reason if all(map(_any_known, gains)) else NO_START
        told = {"gain": beside.one, "control_gain": beside.other, "reason": reason}
        yield {"step": step, "seen": at["seen"].iloc[0], **_found(beside)} | told


def _any_known(rows: pd.DataFrame) -> bool:
    return bool(rows.notna().to_numpy().any())


def _judged(beside: Beside) -> dict[str, Any]:
    return _found(beside) | {"verdict": verdict_of(beside)}


def _found(beside: Beside) -> dict[str, Any]:
    mean = beside.mean
    numbers = {"difference": mean.value, "low": mean.low, "high": mean.high, "p": mean.p}
    counts = {"n_runs": mean.n, "n_control_runs": beside.n_other, "n_left_out": beside.left_out}
    return numbers | counts | {"paired": PAIRED if beside.paired else ""}


def verdict_of(beside: Beside) -> str:
    """Say whether a family rises beyond its control; that it does needs an interval above 0."""
    if np.isnan(beside.mean.value):
        return UNTESTED
    if beside.one <= 0:
        return FALLS
    if beside.mean.value <= 0:
        return AS_FAR
    if np.isnan(beside.mean.low):
        return UNTESTED
    return BEYOND if beside.mean.low > 0 else UNDECIDED


def _by_run(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return rows.set_index(["size", "seed"])[[column]]


def _over_people(one: pd.DataFrame, two: pd.DataFrame) -> Mean:
    """Average paired differences, with an interval over new runs and new subjects."""
    runs = matched(one.index, two.index)
    people = [name for name in one.columns if name in two.columns]
    wide = (one.loc[runs, people] - two.loc[runs, people]).to_numpy(float)
    missing = int(np.isnan(wide).sum())
    if missing:
        reason = f"{missing} of {wide.size} curves of single subjects have no rise"
        return Mean(np.nan, np.nan, np.nan, np.nan, len(wide), reason)
    return over_runs_and_others(wide)
