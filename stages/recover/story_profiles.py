"""Holding what regions were found to carry against what was planted in them."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from stages.core.names.layers import layer_distance
from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.results import rounded
from stages.core.results.shown import shown_subject


def recover_decoding(truth: dict[str, Any], decoded: pd.DataFrame) -> dict[str, float]:
    """Compare the features decoded from each region with those planted there.

    Parameters
    ----------
    truth : dict
        As for `recover`; a region driven by `features` names them.
    decoded : DataFrame
        Results of decode; those of the subject average, or of the first subject, are taken.

    Returns
    -------
    dict
        Over the regions driven by features that were decoded, the mean and the least area under
        the curve (`decode_auc`, `decode_auc_least`) with which q tells the features planted in
        a region from those absent from the text; and the share of absent features found in any
        region (`decode_absent_significant`), which should not exceed the nominal .05.
    """
    shown = decoded[(decoded["subject"] == shown_subject(decoded)) & (decoded["metric"] == "r")]
    absent = shown[shown["target"].isin(truth["features"]["absent"])]
    areas = [
        _area(shown[(shown["region"] == region) & shown["target"].isin(about["features"])], nothing)
        for region, about in truth["regions"].items()
        if about["driver"] == "features"
        if len(nothing := absent[absent["region"] == region])
    ]
    summary: dict[str, float] = {"decode_regions": len(areas)}
    if areas:
        summary["decode_auc"] = rounded(float(np.mean(areas)))
        summary["decode_auc_least"] = rounded(min(areas))
    if len(absent):
        summary["decode_absent_significant"] = rounded((absent["q"] < SIGNIFICANT).mean())
    return summary


def _area(planted: pd.DataFrame, absent: pd.DataFrame) -> float:
    """Probability that a planted feature has the smaller q, ties counting half."""
    larger = mannwhitneyu(absent["q"], planted["q"]).statistic
    return float(larger / (len(absent) * len(planted)))


def recover_profiles(truth: dict[str, Any], compared: pd.DataFrame) -> dict[str, float]:
    """Compare the layers that regions are nearest to with those that drive them.

    Parameters
    ----------
    truth : dict
        As for `recover`.
    compared : DataFrame
        Results of profile; Spearman correlations over all features are taken.

    Returns
    -------
    dict
        Shares of the regions driven by a layer whose nearest layer is at most one away
        (`profile_nearest_within_one`), and whose preferred layer is the planted one
        (`profile_preferred_exact`) or at most one away (`profile_preferred_within_one`); and the
        share of significant tests where nothing was planted (`profile_nothing_significant`).
    """
    shown = compared[
        (compared["subject"] == shown_subject(compared))
        & (compared["kind"] == "hidden")
        & (compared["family"] == "all")
    ]
    drivers = {region: about["driver"] for region, about in truth["regions"].items()}
    plain = shown[shown["metric"] == "spearman"]
    nothing = plain[plain["region"].map(drivers) == "nothing"]
    nearest = _distances(truth, plain)
    preferred = _distances(truth, shown[shown["metric"] == "spearman_preference"])
    summary: dict[str, float] = {"profile_regions": len(nearest)}
    if len(nearest):
        summary["profile_nearest_within_one"] = rounded((nearest <= 1).mean())
    if len(preferred):
        summary["profile_preferred_exact"] = rounded((preferred == 0).mean())
        summary["profile_preferred_within_one"] = rounded((preferred <= 1).mean())
    if len(nothing):
        summary["profile_nothing_significant"] = rounded((nothing["q"] < SIGNIFICANT).mean())
    return summary


def _distances(truth: dict[str, Any], rows: pd.DataFrame) -> "pd.Series[int]":
    """Layers between the best one and the planted one, for the regions that a layer drives."""
    best = rows.sort_values("score").groupby("region")["layer"].last()
    planted = {
        region: about["layer"]
        for region, about in truth["regions"].items()
        if about["driver"] == "layer" and region in best.index
    }
    return pd.Series(
        {region: layer_distance(str(best[region]), layer) for region, layer in planted.items()},
        dtype=int,
    )
