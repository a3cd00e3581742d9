import math

import pandas as pd
import pytest

from stages.core.names.vocabulary import GROUP, MEAN
from stages.core.results.survey import TABLES
from stages.headline.scene_numbers import scene_numbers

MOST = 25
METRIC = "cka_linear"
ZOO = {"net": True, "worse": True, "net-untrained": False, "words": True, "noise": False}


@pytest.fixture
def models():
    rows = [{"model": name, "trained": trained, "error": ""} for name, trained in ZOO.items()]
    rows.append({"model": "broken", "trained": True, "error": "no weights"})
    return pd.DataFrame(rows, columns=list(TABLES["models"]))


@pytest.fixture
def best():
    """Two people and two regions; other metrics and averages must not count."""
    scores = {
        ("net", "vision"): (0.2, 0.4),
        ("worse", "vision"): (0.1, 0.4),
        ("net-untrained", "vision"): (0.1, 0.0),
        ("words", "language"): (0.0, 0.1),
        ("noise", "noise"): (0.9, 0.9),
    }
    rows = [
        {"model": model, "modality": modality, "subject": subject, "region": region}
        | {"metric": METRIC, "score": score + shift, "q": 0.06 if score < 0.2 else 0.01}
        | {"ceiling": 0.6 + shift}
        for (model, modality), pair in scores.items()
        for subject, shift in (("s1", 0.0), ("s2", 0.02))
        for region, score in zip("AB", pair, strict=True)
    ]
    rows += [row | {"metric": "rsa_pearson", "score": 0.99} for row in rows]
    rows += [row | {"subject": name, "score": -1.0} for row in rows[:2] for name in (GROUP, MEAN)]
    return pd.DataFrame(rows, columns=list(TABLES["best"]))


@pytest.fixture
def found():
    return {
        "survey": {
            "gradient": {
                "net": {"best_depth": 0.5634, "best_depth_p": 0.03},
                "worse": {"best_depth": -1.0},
                "words.language": {"best_depth": 0.0219},
            },
            "flagged": {METRIC: {"noise": 0.0222, "models": 0.0024}, "rsa_pearson": {"noise": 1.0}},
        },
        "recover_scene": {
            "layer_exact": 0.9722,
            "layer_within_one": 1.0,
            "modality_right": 1.0,
            "nothing_significant": 0.003,
            "noise_significant": {METRIC: 0.03},
        },
    }


def test_the_best_model_of_each_modality_speaks_for_it(models, best, found):
    assert scene_numbers(models, best, found, METRIC) == {
        "models": 6.0,
        "failed": 1.0,
        "vision_score": 0.31,
        "vision_significant": 1.0,
        "vision_gradient": 0.563,
        "vision_score_where_ceiling": 0.31,
        "vision_untrained_score": 0.06,
        "language_score": 0.06,
        "language_significant": 0.0,
        "language_gradient": 0.022,
        "language_score_where_ceiling": 0.06,
        "ceiling": 0.61,
        "noise_flagged": 0.022,
        "planted_layer_exact": 0.972,
        "planted_layer_within_one": 1.0,
        "planted_modality_right": 1.0,
        "planted_nothing_significant": 0.003,
    }


def test_they_are_few_and_finite(models, best, found):
    numbers = scene_numbers(models, best, found, METRIC)
    assert len(numbers) <= MOST
    assert all(type(value) is float and math.isfinite(value) for value in numbers.values())


def test_brains_that_were_not_simulated_have_no_rates(models, best, found):
    found["recover_scene"] = {"truth": "not simulated"}
    assert not {n for n in scene_numbers(models, best, found, METRIC) if n.startswith("planted")}


def test_what_was_not_measured_is_left_out(models, best, found):
    found["survey"] = {}
    some = best[best["modality"] == "vision"].assign(ceiling=float("nan"))
    numbers = scene_numbers(models, some[some["model"] != "net-untrained"], found, METRIC)
    assert set(numbers) == {
        "models", "failed", "vision_score", "vision_significant", "planted_layer_exact",
        "planted_layer_within_one", "planted_modality_right", "planted_nothing_significant",
    }  # fmt: skip


def test_scores_stand_beside_ceilings_of_the_same_people_and_regions(models, best, found):
    some = best["region"].eq("B") & best["subject"].eq("s1")
    numbers = scene_numbers(models, best.assign(ceiling=best["ceiling"].where(some)), found, METRIC)
    assert numbers["vision_score"] == 0.31
    assert numbers["vision_score_where_ceiling"] == 0.4
    assert numbers["language_score_where_ceiling"] == 0.1
    assert numbers["ceiling"] == 0.6


def test_a_recording_of_an_average_alone_is_that_average(models, best, found):
    average = best[best["subject"] == "s2"].assign(subject=GROUP)
    assert scene_numbers(models, average, found, METRIC)["vision_score"] == 0.32


def test_no_score_leaves_the_roll(models, best):
    empty = {"survey": {}, "recover_scene": {"truth": "not simulated"}}
    assert scene_numbers(models, best[:0], empty, METRIC) == {"models": 6.0, "failed": 1.0}
