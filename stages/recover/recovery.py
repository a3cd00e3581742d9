"""Holding what was found against what was planted."""

from typing import Any

import pandas as pd

from stages.core.errors import InputError
from stages.core.results import rounded

SIGNIFICANT = 0.05


def recover(truth: dict[str, Any], encoded: pd.DataFrame, probed: pd.DataFrame) -> dict[str, float]:
    """Compare the subject average's best layers and the probes' findings with the planted truth.

    Parameters
    ----------
    truth : dict
        `regions`, each with its `driver` (`layer`, `features` or `nothing`), and `features`, those
        `planted` in the text and those `absent` from it.
    encoded, probed : DataFrame
        Results of encode and probe.

    Returns
    -------
    dict
        Rates and counts; `regions_nothing_significant` and `features_absent_significant` should
        not exceed the nominal .05, the rates of planted things should be near 1.

    Raises
    ------
    InputError
        If a region with a planted layer is not among the results.
    """
    return _regions(truth["regions"], encoded) | _features(truth["features"], probed)


def _regions(regions: dict[str, dict[str, Any]], encoded: pd.DataFrame) -> dict[str, float]:
    chosen = encoded[
        (encoded["subject"] == "group") & (encoded["metric"] == "r") & (encoded["kind"] == "nested")
    ].set_index("region")
    planted = {
        name: about["layer"] for name, about in regions.items() if about["driver"] == "layer"
    }
    for name in planted:
        if name not in chosen.index:
            raise InputError("region with a planted layer missing", where="results", got=name)
    distances = pd.Series(
        {
            name: abs(_depth(chosen.loc[name, "layer"]) - _depth(layer))
            for name, layer in planted.items()
        }
    )
    summary: dict[str, float] = {
        "regions_layer": len(planted),
        "regions_layer_exact": rounded((distances == 0).mean()),
        "regions_layer_within_one": rounded((distances <= 1).mean()),
    }
    for driver in ("layer", "features", "nothing"):
        names = [name for name, about in regions.items() if about["driver"] == driver]
        found = chosen["q"].reindex(names).dropna()
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
