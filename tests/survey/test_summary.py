"""Metrics are few, rounded, finite, and what the tables say."""

import json

import numpy as np
import pytest

from stages.core.params.schema import Survey
from stages.survey.summary import summarise, summarise_models
from stages.survey.survey_tables import survey
from tests.survey.planted import REGIONS, SUBJECTS, model, place, placeless, results, rows, zoo

PARAMS = Survey(metric="cka_linear", bins=4, neighbours=5, seed=0)


@pytest.fixture
def tables(rng):
    models = [*zoo("net", "word"), model("clip", "hf:clip"), model("noise", error="broke")]
    table = rows(models, SUBJECTS, REGIONS)
    aligned = results(table, rng.normal(0.1, 0.05, len(table)), null_mean=0.02, p=0.01)
    for one in aligned.values():
        one["ceiling"] = np.where(one["region"] == "V1", 0.8, np.nan)
    return vars(survey(models, aligned, place(), PARAMS))


def scalars(tree):
    return [
        leaf for one in tree.values() for leaf in (scalars(one) if isinstance(one, dict) else [one])
    ]


def test_models_are_summed_up_by_metric_and_region(tables):
    found = summarise_models(tables["best"])
    assert list(found) == ["net", "word", "clip.vision", "clip.language"]
    best = tables["best"].query("model == 'net' and metric == 'cka_linear' and region == 'V1'")
    assert found["net"]["cka_linear"]["V1"] == {
        "best_layer": best["layer"].mode()[0],
        "score": round(best["score"].mean(), 4),
        "null": 0.02,
        "q": 0.01,
        "ceiling": 0.8,
    }
    assert "ceiling" not in found["net"]["cka_linear"]["V2"]
    assert set(found["word"]) == {"cka_linear", "cka_linear_biased", "mutual_knn_10"}


def test_the_survey_is_summed_up(tables):
    found = summarise(tables, "cka_linear")
    json.dumps(found, allow_nan=False)
    assert (found["models"], found["failed"]) == (4, 1)
    names = {"net", "word", "clip.vision", "clip.language"}
    assert set(found["gradient"]) == set(found["consistency"]) == names
    row = tables["gradient"].query(
        "model == 'net' and metric == 'cka_linear' and subject == 'mean' "
        "and quantity == 'best_depth'"
    )
    assert found["gradient"]["net"]["best_depth"] == round(row["spearman"].item(), 4)
    assert found["gradient"]["net"]["best_depth_p"] == round(row["p"].item(), 4)
    pairs = tables["consistency"].query("model == 'word' and metric == 'cka_linear'")
    assert found["consistency"]["word"] == round(pairs["r"].mean(), 4)
    contrast = tables["contrast"].query("metric == 'cka_linear' and network == 'VIS'")
    visual = found["contrast"]["VIS"]
    mean = contrast.query("subject == 'mean'")["difference"].mean()
    assert visual["difference"] == round(mean, 4)
    people = contrast.query("subject != 'mean'").groupby("subject")["difference"].mean()
    assert (visual["regions"], visual["subjects"]) == (5, 3)
    assert visual["subjects_positive"] == (people > 0).sum()
    shares = tables["control"].query("split == 'test'").groupby("metric")["flagged"].mean()
    assert found["flagged"] == {
        metric: {"models": round(share, 4)} for metric, share in shares.items()
    }
    assert all(np.isfinite(one) for one in scalars(found))


def test_what_cannot_be_asked_is_left_empty(rng):
    models = zoo("net")
    table = rows(models, ["BE", "KO", "group"], ["human_IT"], splits=("all",))
    made = survey(
        models,
        results(table, rng.normal(size=len(table))),
        placeless(dict.fromkeys(["BE", "KO", "group"], "human_IT")),
        PARAMS,
    )
    found = summarise(vars(made), "cka_linear")
    assert found["gradient"] == found["consistency"] == found["contrast"] == {}
    assert list(summarise_models(made.best)["net"]["cka_linear"]) == ["human_IT"]
