"""Holding what the survey of the zoo found against what was planted in simulated viewers."""

import logging
from typing import Any

import pandas as pd

from stages.core.names.layers import layer_distance
from stages.core.names.metrics import parse_metric
from stages.core.names.vocabulary import MEAN, NOISE, SIGNIFICANT
from stages.core.results.results import rounded
from stages.core.results.survey import Survey

log = logging.getLogger("concord.recover")


def recover_scene(truth: dict[str, Any], found: Survey, metric: str) -> dict[str, Any]:
    """Compare the survey of the zoo with the planted truth.

    Parameters
    ----------
    truth : dict
        `regions`, each with its `driver` (`vision`, `language` or `nothing`), and the `model`
        (a model string) and `layer` that drive it.
    found : Survey
    metric : str
        That by which layers, modalities and gradients are judged.

    Returns
    -------
    dict
        Rates and counts. Those of planted things should be near 1, `nothing_significant` and
        `noise_significant` should not exceed the nominal .05, and `noise_flagged`, of the metrics
        that are not debiased, should be near 1. What was not surveyed is left out by name.
    """
    models = _planted_models(truth["regions"], found.models)
    summary = _layers(truth["regions"], models, found.best[found.best["metric"] == metric])
    summary |= _modalities(truth["regions"], found.contrast, metric)
    summary |= _nothing(truth["regions"], found, metric)
    summary |= _noise(found)
    return summary | _gradients(models, found.gradient[found.gradient["metric"] == metric])


def _planted_models(regions: dict[str, dict[str, str]], models: pd.DataFrame) -> dict[str, str]:
    """Short name of each planted model by its driver; those that are not in the zoo are logged."""
    strings = {about["driver"]: about["model"] for about in regions.values() if "model" in about}
    known = models[models["modality"] != ""].drop_duplicates("string")
    names = dict(zip(known["string"], known["model"], strict=True))
    for driver, string in strings.items():
        if string not in names:
            log.warning("areas driven by %s left out: %s was not surveyed", driver, string)
    return {driver: names[string] for driver, string in strings.items() if string in names}


def _layers(
    regions: dict[str, dict[str, str]], models: dict[str, str], best: pd.DataFrame
) -> dict[str, Any]:
    """Rates of the planted layers, over subjects and areas and of the most frequent choice."""
    planted = {name: about for name, about in regions.items() if about["driver"] in models}
    own = {name: models[about["driver"]] for name, about in planted.items()}
    rows = best[best["model"] == best["region"].map(own)]
    absent = [name for name in planted if name not in set(rows["region"])]
    if absent:
        log.warning("areas left out: not surveyed: %s", ", ".join(absent))
    summary: dict[str, Any] = {"layer_areas": int(rows["region"].nunique())}
    if rows.empty:
        return summary
    targets = {name: about["layer"] for name, about in planted.items()}
    away = _distances(rows["layer"], rows["region"].map(targets))
    usual = rows.groupby("region")["layer"].agg(lambda names: names.mode().iloc[0])
    usual_away = _distances(usual, usual.index.to_series().map(targets))
    summary |= {
        "layer_exact": rounded((away == 0).mean()),
        "layer_within_one": rounded((away <= 1).mean()),
        "layer_exact_by_subject": _rates(away == 0, rows["subject"]),
        "layer_within_one_by_subject": _rates(away <= 1, rows["subject"]),
        "layer_exact_usual": rounded((usual_away == 0).mean()),
        "layer_within_one_usual": rounded((usual_away <= 1).mean()),
        "layer_significant": rounded((rows["q"] < SIGNIFICANT).mean()),
    }
    return summary


def _distances(layers: "pd.Series[str]", planted: "pd.Series[str]") -> "pd.Series[int]":
    pairs = zip(layers, planted, strict=True)
    return pd.Series([layer_distance(*pair) for pair in pairs], layers.index, dtype=int)


def _rates(hits: "pd.Series[bool]", by: "pd.Series[str]") -> dict[str, float]:
    return {str(name): rounded(rate) for name, rate in hits.groupby(by).mean().items()}


def _modalities(
    regions: dict[str, dict[str, str]], contrast: pd.DataFrame, metric: str
) -> dict[str, float]:
    """Rates of areas that align better with models of the modality that drives them."""
    signs = {"language": 1, "vision": -1}
    wanted = {name: signs[r["driver"]] for name, r in regions.items() if r["driver"] in signs}
    rows = contrast[(contrast["metric"] == metric) & contrast["region"].isin(list(wanted))]
    people = rows["subject"] != MEAN
    if not people.any():
        return {}
    right = rows["difference"] * rows["region"].map(wanted) > 0
    return {
        "modality_right": rounded(right[people].mean()),
        "modality_right_mean": rounded(right[~people].mean()),
    }


def _nothing(regions: dict[str, dict[str, str]], found: Survey, metric: str) -> dict[str, Any]:
    """Rate of findings by networks where nothing was planted."""
    empty = [name for name, about in regions.items() if about["driver"] == "nothing"]
    networks = found.models.loc[found.models["modality"] != NOISE, "model"]
    rows = found.scores[
        (found.scores["kind"] == "layer")
        & (found.scores["metric"] == metric)
        & found.scores["region"].isin(empty)
        & found.scores["model"].isin(networks)
    ]
    summary: dict[str, Any] = {"nothing_areas": int(rows["region"].nunique())}
    if len(rows):
        summary["nothing_significant"] = rounded((rows["q"] < SIGNIFICANT).mean())
    return summary


def _noise(found: Survey) -> dict[str, Any]:
    """Rates by metric of noise taken for something, and of biased metrics caught at it."""
    noise = found.models.loc[found.models["modality"] == NOISE, "model"]
    scores = found.scores[(found.scores["kind"] == "layer") & found.scores["model"].isin(noise)]
    control = found.control[found.control["model"].isin(noise)]
    debiased = ~scores["metric"].map(_is_biased)
    biased = control["metric"].map(_is_biased)
    rates = {
        "noise_significant": _rates(
            scores.loc[debiased, "q"] < SIGNIFICANT, scores.loc[debiased, "metric"]
        ),
        "noise_flagged": _rates(control.loc[biased, "flagged"], control.loc[biased, "metric"]),
    }
    return {name: rate for name, rate in rates.items() if rate}


def _is_biased(metric: str) -> bool:
    return parse_metric(metric).biased


def _gradients(models: dict[str, str], gradient: pd.DataFrame) -> dict[str, float]:
    """Gradients of the planted models: that of the mean, and how many people's are positive.

    They are over areas that a model aligns with. What is planted is that depth increases from back
    to front among those that it drives; in the others its depth is what the images make it.
    """
    rows = gradient[gradient["quantity"] == "best_depth"]
    summary: dict[str, float] = {}
    for driver, model in models.items():
        own = rows[rows["model"] == model]
        people, mean = own[own["subject"] != MEAN], own[own["subject"] == MEAN]
        if len(mean) and len(people):
            summary[f"gradient_{driver}"] = rounded(mean["spearman"].iloc[0])
            summary[f"gradient_{driver}_positive"] = rounded((people["spearman"] > 0).mean())
    return summary
