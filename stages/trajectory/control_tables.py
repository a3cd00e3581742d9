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

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE, GROUP, MEAN
from stages.core.stats.run_intervals import Mean, over_runs_and_others
from stages.trajectory.onset_times import Ends
from stages.trajectory.run_pairs import PAIRED, Beside, matched, set_beside

Array = NDArray[np.float64]
BEYOND = "beyond its control"
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
    curves: pd.DataFrame, controls: Mapping[str, str], ends: Ends
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

    Returns
    -------
    dict of str to DataFrame
        `controls`, the columns `CONTROLS`: per family, kind of weights, region and size (empty for
        all), the `rise` of its chosen layer and that of the control over the steps that all of
        these runs have, their `difference` with `low` and `high` (95 % over runs, or `over` runs
        and subjects) and `p` (one-sided, for more than the control), `paired` where runs of the
        same seed are compared, `verdict`, and `reason` where there is no interval or no difference.
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
            for size in _sizes(part):
                place = label | {"region": region, "size": size}
                pair = _of_size(part, size), _of_size(beside, size)
                rises += [place | row for row in _rises(*pair, ends)]
                courses += [place | row for row in _courses(*pair)]
    return {
        "controls": pd.DataFrame(rises, columns=list(CONTROLS)),
        "control_courses": pd.DataFrame(courses, columns=list(CONTROL_COURSES)),
    }


def _absent(reason: str) -> dict[str, Any]:
    where = {"region": EVERYWHERE, "size": "", "over": RUNS, "paired": "", "verdict": UNTESTED}
    numbers = {"n_runs": 0, "n_control_runs": 0, "n_left_out": 0}
    return where | numbers | {"reason": reason}


def _sizes(rows: pd.DataFrame) -> list[str]:
    """All sizes together, then each where there are several."""
    sizes = list(dict.fromkeys(rows["size"].astype(str)))
    return ["", *sizes] if len(sizes) > 1 else [""]


def _of_size(rows: pd.DataFrame, size: str) -> pd.DataFrame:
    return rows[rows["size"].eq(size)] if size else rows


def _rises(own: pd.DataFrame, other: pd.DataFrame, ends: Ends) -> Iterator[dict[str, Any]]:
    """Set rises beside each other: of all people together, then of each where runs are paired."""
    whole = _rises_of_runs(_whole(own), _whole(other), ends)
    beside = set_beside(*whole)
    values = {"rise": beside.one, "control_rise": beside.other}
    reason = beside.mean.reason if all(map(_any_known, whole)) else TOO_FEW
    yield {"over": RUNS, "reason": reason} | values | _judged(beside)
    people = _rises_of_runs(_people(own), _people(other), ends)
    if beside.paired and min(one.shape[1] for one in people) > 1:
        both = replace(beside, mean=_over_people(*people))
        yield {"over": PEOPLE, "reason": both.mean.reason} | values | _judged(both)


def _courses(own: pd.DataFrame, other: pd.DataFrame) -> Iterator[dict[str, Any]]:
    one, two = _whole(own), _whole(other)
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


def _whole(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["subject"].isin([GROUP, MEAN])]


def _people(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["subject"].isin([GROUP, MEAN])]


def _rises_of_runs(
    own: pd.DataFrame, other: pd.DataFrame, ends: Ends
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take from every run (rows) and subject (columns) its rise over the steps that all have.

    Of too few steps no rise is taken: there are no columns.
    """
    both = pd.concat([own, other]).dropna(subset="value")
    runs = [set(rows["step"]) for _, rows in both.groupby(["of", "size", "seed", "subject"])]
    steps = sorted(set.intersection(*runs)) if runs else []
    if len(steps) <= ends.base + ends.plateau:
        return _without_rise(own), _without_rise(other)
    first, last = steps[: ends.base], steps[-ends.plateau :]
    one, two = (_mean_over(rows, last) - _mean_over(rows, first) for rows in (own, other))
    return one, two


def _without_rise(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop_duplicates(["size", "seed"]).set_index(["size", "seed"])[[]]


def _mean_over(rows: pd.DataFrame, steps: Sequence[int]) -> pd.DataFrame:
    """Average each run over some steps; missing of a run without a value."""
    some = rows[rows["step"].isin(steps)]
    means = some.pivot_table(index=["size", "seed"], columns="subject", values="value")
    return means.reindex(_without_rise(rows).index)


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
