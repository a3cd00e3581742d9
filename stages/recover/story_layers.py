"""Holding what was found against what was planted."""

import logging
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.layers import layer_distance
from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.results import rounded
from stages.core.results.shown import shown_subject
from stages.core.run.errors import InputError

log = logging.getLogger("concord.recover")


def recover(truth: dict[str, Any], encoded: pd.DataFrame, probed: pd.DataFrame) -> dict[str, float]:
    """Compare the regions' best layers and the probes' findings with the planted truth.

    Parameters
    ----------
    truth : dict
        `regions`, each with its `driver` (`layer`, `features` or `nothing`), and `features`, those
        `planted` in the text and those `absent` from it.
    encoded, probed : DataFrame
        Results of encode and probe. Regions are those of the subject average, or of the first
        subject where there is no average; of voxels, the most frequent layer and the median q.

    Returns
    -------
    dict
        Rates and counts; `regions_nothing_significant` and `features_absent_significant` should
        not exceed the nominal .05, the rates of planted things should be near 1. Regions that
        were not encoded are left out by name, and so is the rate of nothing.

    Raises
    ------
    InputError
        If no region of the truth is among the results.
    """
    return _regions(truth["regions"], encoded) | _features(truth["features"], probed)


def _regions(regions: dict[str, dict[str, Any]], encoded: pd.DataFrame) -> dict[str, float]:
    chosen = encoded[
        (encoded["subject"] == shown_subject(encoded))
        & (encoded["metric"] == "r")
        & (encoded["kind"] == "nested")
    ].groupby("region")
    absent = [name for name in regions if name not in chosen.groups]
    if len(absent) == len(regions):
        raise InputError("no planted region", where="results of encode", do="Set encode.regions.")
    if absent:
        log.warning("regions left out: not encoded: %s", ", ".join(absent))
    layers = chosen["layer"].agg(lambda names: names.mode().iloc[0])
    significant = chosen["q"].median() < SIGNIFICANT
    summary: dict[str, float] = {}
    for driver in ("layer", "features", "nothing"):
        names = [n for n in regions if regions[n]["driver"] == driver and n not in absent]
        summary[f"regions_{driver}"] = len(names)
        if names:
            summary[f"regions_{driver}_significant"] = rounded(significant[names].mean())
        if names and driver == "layer":
            distances = [layer_distance(str(layers[n]), regions[n]["layer"]) for n in names]
            summary["regions_layer_exact"] = rounded(float(np.mean(np.array(distances) == 0)))
            summary["regions_layer_within_one"] = rounded(float(np.mean(np.array(distances) <= 1)))
    return summary


def _features(features: dict[str, list[str]], probed: pd.DataFrame) -> dict[str, float]:
    tests = probed[(probed["metric"] == "r") & (probed["kind"] == "hidden")]
    summary: dict[str, float] = {}
    for name, targets in features.items():
        found = tests[tests["target"].isin(targets)]
        best = found.groupby("target")["q"].min()
        summary[f"features_{name}"] = len(best)
        if len(best) == 0:
            continue
        summary[f"features_{name}_decoded"] = rounded((best < SIGNIFICANT).mean())
        summary[f"features_{name}_significant"] = rounded((found["q"] < SIGNIFICANT).mean())
    return summary
