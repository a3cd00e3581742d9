"""Leads had people met other stimuli: those of the same runs without each piece of the stimuli."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE, GROUP, MEAN, PERFORMANCE
from stages.core.stats.run_intervals import Mean, over_runs
from stages.trajectory.leads.lead_tables import FIRST
from stages.trajectory.leads.run_leads import Course, leads
from stages.trajectory.onsets.onset_tables import Asked, curve_of
from stages.trajectory.rises.stimulus_intervals import NO_PIECES, Shares, student_over_pieces

LOST = "without a piece of the stimuli a run has no lead"
_OF = ["of", "weights", "metric", "measure"]
_RUN = ["size", "seed"]


def stimulus_leads(
    single: pd.DataFrame, curves: pd.DataFrame, pieces: Shares, asked: Asked
) -> Iterator[tuple[dict[str, Any], pd.DataFrame, Mean]]:
    """Give mean leads over all regions intervals over other stimuli.

    Pieces are left out of the alignment alone: performance is on other words or images, or on all
    of them. A time is not linear in the pieces, so the alignment without each is timed anew, with
    the same noise; the interval is that of the jackknife's pseudo-values (Efron & Tibshirani 1993,
    chapter 11) about the lead itself.

    Parameters
    ----------
    single : DataFrame
        From `run_leads`.
    curves : DataFrame
        The columns `CURVE`.
    pieces : mapping
        From `shares_by_place`.
    asked : Asked

    Yields
    ------
    label : dict
        of, weights, metric, region, measure and share.
    rows : DataFrame
        Those of `single` that the mean is of.
    mean : Mean
        With `low`, `high` and `p` over pieces; missing where `reason` says why.
    """
    whole = single[single["region"].eq(EVERYWHERE) & single["subject"].isin([GROUP, MEAN])]
    for key, rows in whole.groupby(_OF, sort=False):
        place = dict(zip(_OF, key, strict=True))
        label = place | {"region": EVERYWHERE}
        shares = pieces.get((place["of"], place["weights"], place["metric"], EVERYWHERE))
        timed = rows[rows["reason"].isin(["", FIRST])]
        anew = None
        if shares is not None and shares.shape[1] > 1 and len(timed):
            anew = _without_each(timed[_RUN].drop_duplicates(), _own(curves, place), shares, asked)
        for share, own in rows.groupby("share", sort=False):
            left = None if anew is None else anew[anew["share"].eq(share)]
            yield label | {"share": share}, own, _interval(own, left)


def _own(curves: pd.DataFrame, place: dict[str, Any]) -> pd.DataFrame:
    """Take the curves of one mean alignment and one measure of performance."""
    aligned = curves["layer"].eq(CHOSEN) & curves["region"].eq(EVERYWHERE)
    aligned &= curves["subject"].isin([GROUP, MEAN]) & curves["measure"].eq(place["metric"])
    performed = curves["side"].eq(PERFORMANCE) & curves["measure"].eq(place["measure"])
    family = curves["of"].eq(place["of"]) & curves["weights"].eq(place["weights"])
    return curves[family & (aligned | performed)]


def _without_each(
    runs: pd.DataFrame, curves: pd.DataFrame, shares: pd.DataFrame, asked: Asked
) -> pd.DataFrame:
    """Time runs anew without each piece: piece, size, seed, share and lead."""
    alignment, performance = [], []
    for run in runs.itertuples(index=False, name=None):
        both = curves[curves["size"].eq(run[0]) & curves["seed"].eq(run[1])]
        own = both[both["side"].eq(ALIGNMENT)].sort_values("seen")
        values = shares.loc[run].reindex(own["step"]).to_numpy(float)
        left = (values.sum(axis=1, keepdims=True) - values) / (values.shape[1] - 1)
        alignment.append((curve_of(own)[0], left))
        performance.append(Course(*curve_of(both[both["side"].eq(PERFORMANCE)])))
    parts = []
    for at in range(shares.shape[1]):
        courses = [Course(octaves, left[:, at]) for octaves, left in alignment]
        found = leads(courses, performance, np.array(asked.shares), asked.ends, asked.seed)
        wide = pd.DataFrame(found, columns=list(asked.shares), index=pd.MultiIndex.from_frame(runs))
        parts.append(wide.melt(ignore_index=False, var_name="share", value_name="lead"))
    return pd.concat(parts, keys=shares.columns, names=["piece"]).reset_index()


def _interval(own: pd.DataFrame, left: pd.DataFrame | None) -> Mean:
    """Interval of a mean lead from the leads without each piece."""
    mean = _mean(own)
    if not mean.n:
        return mean
    if left is None:
        return Mean(mean.value, np.nan, np.nan, np.nan, mean.n, NO_PIECES)
    known = own.loc[own["lead"].notna(), _RUN]
    same = left.merge(known, on=_RUN)
    if same["lead"].isna().any():
        return Mean(mean.value, np.nan, np.nan, np.nan, mean.n, LOST)
    without = np.array([_mean(rows).value for _, rows in same.groupby("piece", sort=False)])
    pseudo = mean.value + (len(without) - 1) * (without.mean() - without)
    return student_over_pieces(pseudo, mean.value, mean.n)


def _mean(rows: pd.DataFrame) -> Mean:
    return over_runs(rows["lead"].to_numpy(float), rows["size"].to_numpy(str))
