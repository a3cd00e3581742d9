"""The best layer is found, and never with the data it is scored on."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.survey import TABLES
from stages.survey.all_scores import gather
from stages.survey.scene.choice import choose_layers
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, METRICS, PEOPLE, SUBJECTS, model, results, rows, zoo

KEYS = ["model", "modality", "subject", "region", "metric"]


def scores_of(models, table, score, **columns):
    return gather(results(table, score, **columns).values(), list_layers(models), DATASET)


def naive(scores, apart):
    """Best layer of every cell by a loop over its layers; `apart` scores one on other data."""
    layers = scores[scores["kind"] == "layer"]
    chosen = {}
    for key, cell in layers[layers["split"] != "train"].groupby(KEYS):
        points = [apart(layers, dict(zip(KEYS, key, strict=True)), one) for one in cell["layer"]]
        if not np.isnan(points).any():
            chosen[key] = (cell["layer"].iloc[int(np.argmax(points))], max(points))
    return chosen


def found(best):
    return {
        tuple(row[name] for name in KEYS): (row["layer"], row["chosen_score"])
        for row in best.to_dict("records")
    }


def test_layers_are_chosen_on_training_and_scored_on_testing_images(rng):
    models = [*zoo("net", "word", "noise"), model("clip", "hf:clip")]
    table = rows(models, SUBJECTS, ["V1", "FFC"])
    p = rng.uniform(size=len(table))
    scores = scores_of(models, table, rng.normal(size=len(table)), p=p)

    def on_train(layers, key, layer):
        at = (layers["layer"] == layer) & (layers["split"] == "train")
        for name, value in key.items():
            at &= layers[name] == value
        return layers.loc[at, "score"].item()

    best = choose_layers(scores)
    assert list(best) == list(TABLES["best"])
    assert found(best) == naive(scores, on_train)
    assert set(best["chosen_on"]) == {"train"}
    assert set(best["split"]) == {"test"}
    assert set(best["kind"]) == {"nested"}
    # Towers of one model are chosen apart.
    assert len(best) == (4 + 1) * 3 * 2 * len(METRICS)
    scored = scores[(scores["kind"] == "layer") & (scores["split"] == "test")]
    same = best.merge(scored, on=[*KEYS, "layer"], suffixes=("", "_of"), validate="one_to_one")
    assert (same["score"] == same["score_of"]).all()
    assert (same["p"] == same["p_of"]).all()
    assert best["q"].isna().all()


def test_without_splits_layers_are_chosen_on_others(rng):
    models = zoo("net", "word")
    human = rows(models, [*PEOPLE, "group"], ["human_IT"], splits=("all",))
    table = pd.concat([human, rows(models, ["monkey"], ["monkey_IT"], splits=("all",))])
    scores = scores_of(models, table, rng.normal(size=len(table)))

    def on_others(layers, key, layer):
        """People with the region; for the monkey people, for the mean of people the monkey."""
        at = (layers["layer"] == layer) & ~layers["subject"].isin([key["subject"], "group"])
        for name in ("model", "metric"):
            at &= layers[name] == key[name]
        alone = key["subject"] in ("group", "monkey")
        at &= (layers["region"] == key["region"]) != alone
        return layers.loc[at, "score"].mean()

    best = choose_layers(scores)
    expected = naive(scores, on_others)
    assert {key: layer for key, (layer, _) in found(best).items()} == {
        key: layer for key, (layer, _) in expected.items()
    }
    on = best.groupby("subject")["chosen_on"].unique().str[0]
    alone = dict.fromkeys(["group", "monkey"], "other regions")
    assert on.to_dict() == dict.fromkeys(PEOPLE, "other subjects") | alone


def test_nothing_is_chosen_for_somebody_alone(rng, caplog):
    models = zoo("net")
    table = rows(models, PEOPLE[:1], ["human_IT"], splits=("all",))
    assert choose_layers(scores_of(models, table, rng.normal(size=len(table)))).empty
    assert f"no layer chosen for region human_IT of subject {PEOPLE[0]}" in caplog.text


@pytest.mark.parametrize("splits", [("train", "test"), ("all",)])
def test_the_scored_data_never_change_the_choice(rng, splits):
    models = zoo("net", "noise")
    table = rows(models, SUBJECTS, ["V1"], splits=splits)
    score = rng.normal(size=len(table))
    changed = (table["split"] != "train") & (table["subject"] == SUBJECTS[0])
    other = np.where(changed, 10 * rng.normal(size=len(table)), score)
    one, two = (
        choose_layers(scores_of(models, table, values)).query(f"subject == '{SUBJECTS[0]}'")
        for values in (score, other)
    )
    assert list(one["layer"]) == list(two["layer"])
    assert list(one["chosen_score"]) == list(two["chosen_score"])
    assert (one["score"] != two["score"]).all()


def test_choice_on_other_data_is_not_inflated(rng):
    """Of pure noise the chosen layer scores 0 on average, the best layer does not."""
    models = zoo("net")
    table = rows(models, [f"s{k}" for k in range(400)], ["V1"], ["cka_linear"])
    scores = scores_of(models, table, rng.normal(size=len(table)))
    best = choose_layers(scores)
    assert abs(best["score"].mean()) < 3 / np.sqrt(400)
    assert best["chosen_score"].mean() > 1


def test_of_equals_the_first_in_depth_is_chosen():
    models = zoo("net")
    table = rows(models, ["s1"], ["V1"])
    scores = scores_of(models, table, 0.3).iloc[::-1]
    assert set(choose_layers(scores)["layer"]) == {"blocks.0"}


def test_a_subject_without_training_images_is_left_out_by_name(caplog):
    models = zoo("net")
    table = rows(models, ["s1", "s2"], ["V1"])
    table = table[(table["subject"] == "s1") | (table["split"] == "test")]
    assert set(choose_layers(scores_of(models, table, 0.1))["subject"]) == {"s1"}
    assert "region V1 of subject s2: expected scores on other images" in caplog.text
