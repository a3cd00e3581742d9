"""Holding what was found against what was planted."""

from typing import Any

import pandas as pd

from stages.core.errors import InputError
from stages.core.results import rounded

GROUP = "group"
SIGNIFICANT = 0.05


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
        not exceed the nominal .05, the rates of planted things should be near 1.

    Raises
    ------
    InputError
        If a region of the truth is not among the results.
    """
    return _regions(truth["regions"], encoded) | _features(truth["features"], probed)


def _regions(regions: dict[str, dict[str, Any]], encoded: pd.DataFrame) -> dict[str, float]:
    subjects = encoded["subject"].unique()
    chosen = encoded[
        (encoded["subject"] == (GROUP if GROUP in subjects else subjects[0]))
        & (encoded["metric"] == "r")
        & (encoded["kind"] == "nested")
    ].groupby("region")
    for name in regions:
        if name not in chosen.groups:
            do = "Set encode.regions to all and encode.min_voxels to less than its voxels."
            raise InputError("planted region missing", where="results of encode", got=name, do=do)
    layers = chosen["layer"].agg(lambda names: names.mode().iloc[0])
    distances = pd.Series(
        {
            name: abs(_depth(layers[name]) - _depth(about["layer"]))
            for name, about in regions.items()
            if about["driver"] == "layer"
        }
    )
    summary: dict[str, float] = {
        "regions_layer": len(distances),
        "regions_layer_exact": rounded((distances == 0).mean()),
        "regions_layer_within_one": rounded((distances <= 1).mean()),
    }
    for driver in ("layer", "features", "nothing"):
        names = [name for name, about in regions.items() if about["driver"] == driver]
        found = chosen["q"].median()[names]
        summary[f"regions_{driver}_significant"] = rounded((found < SIGNIFICANT).mean())
    return summary


def _depth(layer: object) -> int:
    return int(str(layer).rsplit("_", 1)[1])


def _features(features: dict[str, list[str]], probed: pd.DataFrame) -> dict[str, float]:
    tests = probed[(probed["metric"] == "r") & (probed["kind"] == "hidden")]
    summary: dict[str, float] = {}
    for name, targets in features.items():
        found = tests[tests["target"].isin(targets)]
        best = found.groupby("target")["q"].min()
        summary[f"features_{name}"] = len(best)
        summary[f"features_{name}_decoded"] = rounded((best < SIGNIFICANT).mean())
        summary[f"features_{name}_significant"] = rounded((found["q"] < SIGNIFICANT).mean())
    return summary
