"""The headline of the scene study: what an abstract would say."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.shown import of_people
from stages.headline.picking import coarse, named

# The metrics that are read, by the name of the file.
PARTS = ("survey", "recover_scene")
PLANTED = {
    "planted_layer_exact": "layer_exact",
    "planted_layer_within_one": "layer_within_one",
    "planted_modality_right": "modality_right",
    "planted_nothing_significant": "nothing_significant",
}
MODALITIES = ("vision", "language")


def scene_numbers(
    models: pd.DataFrame, best: pd.DataFrame, found: Mapping[str, dict[str, Any]], metric: str
) -> dict[str, float]:
    """Pick the headline.

    Parameters
    ----------
    models, best : DataFrame
        Tables of the survey.
    found : mapping of str to dict
        The metrics `survey` and `recover_scene`, as the stages wrote them.
    metric : str
        That answers the questions.

    Returns
    -------
    dict
        How many models there are and failed; for each modality the alignment of its best trained
        model (the mean over people and regions of the layer chosen on other data), of the best
        untrained one, the share of its tests with q below .05, its gradient, and the same mean over
        the people and regions that have a ceiling, which the mean ceiling is of; that ceiling;
        the share of scores of noise that are flagged; and rates of what was planted, where brains
        were simulated. What was not measured is left out.
    """
    numbers = {"models": float(len(models)), "failed": float((models["error"] != "").sum())}
    people = of_people(best[best["metric"] == metric])
    gradients = found["survey"].get("gradient", {})
    for modality in MODALITIES:
        own = people[people["modality"] == modality]
        numbers |= _modality(own, models, modality, gradients)
    if people["ceiling"].notna().any():
        numbers["ceiling"] = coarse(people["ceiling"].mean())
    flagged = found["survey"].get("flagged", {}).get(metric, {})
    planted = {name: found["recover_scene"].get(key) for name, key in PLANTED.items()}
    return numbers | named({"noise_flagged": flagged.get("noise")} | planted)


def _modality(
    rows: pd.DataFrame, models: pd.DataFrame, modality: str, gradients: Mapping[str, Any]
) -> dict[str, float]:
    """Alignment of the best trained and the best untrained model, and the former's gradient."""
    learnt = rows["model"].isin(models.loc[models["trained"], "model"])
    own, twins = rows[learnt], rows[~learnt]
    numbers: dict[str, float] = {}
    if len(own):
        name = _best(own)
        chosen = own[own["model"] == name]
        entry = gradients.get(name) or gradients.get(f"{name}.{modality}") or {}
        numbers[f"{modality}_score"] = coarse(chosen["score"].mean())
        numbers[f"{modality}_significant"] = coarse((chosen["q"] < SIGNIFICANT).mean())
        numbers |= named({f"{modality}_gradient": entry.get("best_depth")})
        bounded = chosen.loc[chosen["ceiling"].notna(), "score"]
        if len(bounded):
            numbers[f"{modality}_score_where_ceiling"] = coarse(bounded.mean())
    if len(twins):
        chosen = twins[twins["model"] == _best(twins)]
        numbers[f"{modality}_untrained_score"] = coarse(chosen["score"].mean())
    return numbers


def _best(rows: pd.DataFrame) -> str:
    return str(rows.groupby("model", sort=False)["score"].mean().idxmax())
