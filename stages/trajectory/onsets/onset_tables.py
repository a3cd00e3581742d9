"""Tables of onsets: what every curve does, and when it has made shares of its rise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import GROUP, MEAN, PERFORMANCE
from stages.core.run.errors import InputError
from stages.core.stats.run_intervals import over_runs
from stages.trajectory.curves.curve_names import CURVE, RUN, SERIES, turned
from stages.trajectory.curves.curve_shapes import RISES, TURNS, Shape, shape_of
from stages.trajectory.onsets.onset_times import Ends, octaves_of, times_to

Array = NDArray[np.float64]
TOO_FEW = "too few checkpoints"
HALF = 0.5
QUANTITIES = ("value", "relative", "gain")
BEFORE = "passed before the first checkpoint after step 0"


@dataclass(frozen=True)
class Asked:
    """What is asked of every curve.

    Attributes
    ----------
    shares : tuple of float
        Of the rise.
    ends : Ends
    lag : int
        Checkpoints ahead, of the cross-prediction.
    draws, seed : int
        Of nulls.

    Raises
    ------
    InputError
        If the half of the rise, by which places are ordered, is not among the shares.
    """

    shares: tuple[float, ...]
    ends: Ends
    lag: int
    draws: int
    seed: int

    def __post_init__(self) -> None:
        if HALF not in self.shares:
            where = "params.yaml: trajectory.shares"
            raise InputError("half missing", where=where, expected=HALF, got=list(self.shares))


def curve_of(rows: pd.DataFrame) -> tuple[Array, Array]:
    """Octaves and values of one curve, in the order of training, turned so that learning rises."""
    ordered = rows.sort_values("step")
    sign = turned(str(ordered["measure"].iloc[0]))
    return octaves_of(ordered["seen"].to_numpy(float)), sign * ordered["value"].to_numpy(float)


def run_onsets(curves: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Tell the shape of every curve and, of those that rise, the times.

    Parameters
    ----------
    curves : DataFrame
        The columns `CURVE`.
    asked : Asked

    Returns
    -------
    DataFrame
        One row per curve and share: the run, the series, `choice`, `shape` (empty if there are too
        few checkpoints), `rise` and `noise` in the measure's own units, `unsettled` (the part of
        the rise made among the last points, whose mean stands for the plateau: times of a curve
        that has not settled are those of a part of its rise), `p_shape`, `peak_seen`, `fallen`
        (see `Shape`), `share`, `octave` (binary logarithm of what was seen; missing where
        `reason` says why).
    """
    rows = []
    for key, part in curves.groupby([*RUN, *SERIES], sort=False):
        label = dict(zip([*RUN, *SERIES], key, strict=True)) | {"choice": part["choice"].iloc[0]}
        rows += list(_onsets(label, part, asked))
    return pd.DataFrame(rows)


def _onsets(label: dict[str, Any], part: pd.DataFrame, asked: Asked) -> Iterator[dict[str, Any]]:
    octaves, values = curve_of(part)
    shares = np.array(asked.shares)
    times, reasons = np.full(len(shares), np.nan), [TOO_FEW] * len(shares)
    told: dict[str, Any] = {"shape": ""} | dict.fromkeys(
        ("rise", "noise", "p_shape", "peak_seen", "fallen", "unsettled"), np.nan
    )
    if len(values) > asked.ends.base + asked.ends.plateau:
        shape = shape_of(values, asked.ends, asked.seed)
        told |= _told(shape, np.sort(part["seen"].to_numpy(float)), turned(str(label["measure"])))
        if shape.rise:
            told["unsettled"] = (values[-1] - values[-asked.ends.plateau]) / shape.rise
        reasons = [_why(shape)] * len(shares)
        if shape.name == RISES:
            times = times_to(octaves, values, shares, asked.ends)
            reasons = ["" if np.isfinite(time) else BEFORE for time in times]
    for share, time, reason in zip(asked.shares, times, reasons, strict=True):
        yield label | told | {"share": share, "octave": time, "reason": reason}


def _told(shape: Shape, seen: Array, sign: float) -> dict[str, Any]:
    return {
        "shape": shape.name,
        "rise": sign * shape.rise,
        "noise": shape.noise,
        "p_shape": shape.p,
        "peak_seen": seen[shape.peak] if shape.name == TURNS else np.nan,
        "fallen": shape.fallen,
    }


def _why(shape: Shape) -> str:
    """Why a curve that does not rise has no times."""
    if shape.name == TURNS:
        return f"not monotone: loses {shape.fallen:.0%} of its range again"
    return f"{shape.name}: no rise beyond noise"


def mean_onsets(onsets: pd.DataFrame) -> pd.DataFrame:
    """Average onsets over the runs of each size, with intervals over runs.

    Returns
    -------
    DataFrame
        of, size, weights, the series, share, `octave` with `low` and `high`, `seen` (what
        that octave is), `n_runs`, `n_left_out` and `reason`.
    """
    by = ["of", "size", "weights", *SERIES, "share"]
    return over_the_runs(_together(onsets), by, "octave").assign(
        seen=lambda table: 2.0 ** table["octave"]
    )


def bands(curves: pd.DataFrame) -> pd.DataFrame:
    """Average curves over the runs of each size.

    Returns
    -------
    DataFrame
        of, size, weights, step, seen, the series, `quantity` (`value`; `relative`, over the
        ceiling; `gain`, above the run's own step 0), `mean` with `low` and `high`, `n_runs`,
        `n_left_out` and `reason`. Quantities that no run has are left out.
    """
    by = ["of", "size", "weights", "step", "seen", *SERIES, "quantity"]
    long = _together(curves).melt(
        id_vars=[name for name in CURVE if name not in QUANTITIES],
        value_vars=list(QUANTITIES),
        var_name="quantity",
        value_name="mean",
    )
    return over_the_runs(long.dropna(subset="mean"), by, "mean")


def _together(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out single subjects."""
    return table[table["side"].eq(PERFORMANCE) | table["subject"].isin([GROUP, MEAN])]


def over_the_runs(table: pd.DataFrame, by: Sequence[str], column: str) -> pd.DataFrame:
    """Average a column over runs, with Student's interval."""
    rows = []
    for key, part in table.groupby(list(by), sort=False):
        values = part[column].to_numpy(float)
        mean = over_runs(values, np.full(len(values), ""))
        reason = mean.reason
        if mean.n == 0 and "reason" in part:
            reason = "; ".join(sorted(set(part["reason"])))
        found = {column: mean.value, "low": mean.low, "high": mean.high, "n_runs": mean.n}
        left = {"n_left_out": len(values) - mean.n, "reason": reason}
        rows.append(dict(zip(by, key, strict=True)) | found | left)
    return pd.DataFrame(rows)
