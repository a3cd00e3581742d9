"""Language minus vision, of the best trained models, chosen on other data."""

import numpy as np
import pandas as pd
import pytest

from stages.survey.all_scores import gather
from stages.survey.scene.choice import choose_layers
from stages.survey.scene.contrast import contrast_table
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, SUBJECTS, model, results, rows, zoo

STRENGTH = {
    ("net", "V1"): 0.5, ("word", "V1"): 0.1, ("net", "45"): 0.2, ("word", "45"): 0.6,
    ("net-untrained-0", "V1"): 0.9, ("word-untrained-0", "45"): 0.9,
}  # fmt: skip


def best_of(models, table, score):
    return choose_layers(gather(results(table, score).values(), list_layers(models), DATASET))


def test_the_planted_difference_is_found_and_untrained_models_do_not_count():
    models = zoo()
    table = rows(models, SUBJECTS, ["V1", "45"])
    score = [STRENGTH.get(pair, 0.0) for pair in zip(table["model"], table["region"], strict=True)]
    found = contrast_table(best_of(models, table, score), {"net", "word"})
    assert len(found) == (3 + 1) * 2 * 3
    assert set(found["subject"]) == {*SUBJECTS, "mean"}
    by_region = found.groupby("region")["difference"]
    assert by_region.min().to_dict() == pytest.approx({"V1": -0.4, "45": 0.4})
    assert by_region.max().to_dict() == pytest.approx({"V1": -0.4, "45": 0.4})
    assert set(found["language_model"]) == {"word"}
    assert set(found["vision_model"]) == {"net"}
    assert dict(zip(found["region"], found["network"], strict=True)) == {"V1": "VIS", "45": "DMN"}


def test_the_model_is_chosen_where_its_layer_was(rng):
    models = [*zoo("net", "word"), model("net-b", "timm:b"), model("clip", "hf:clip")]
    table = rows(models, SUBJECTS, ["V1", "45"], ["cka_linear"])
    best = best_of(models, table, rng.normal(size=len(table)))
    trained = {"net", "word", "net-b", "clip"}
    found = contrast_table(best, trained)
    people = found[found["subject"] != "mean"]
    for row in people.to_dict("records"):
        for modality in ("language", "vision"):
            cell = best[(best["subject"] == row["subject"]) & (best["region"] == row["region"])]
            cell = cell[cell["modality"] == modality]
            winner = cell.loc[cell["chosen_score"].idxmax()]
            assert row[f"{modality}_model"] == winner["model"]
            assert row[modality] == winner["score"]
    # Other scores, the same winners.
    shuffled = best.assign(score=rng.normal(size=len(best)))
    again = contrast_table(shuffled, trained)
    assert list(again["vision_model"]) == list(found["vision_model"])
    for region, rows_ in people.groupby("region"):
        mean = found[(found["subject"] == "mean") & (found["region"] == region)].iloc[0]
        assert mean["difference"] == pytest.approx(rows_["difference"].mean())
        same = set(rows_["vision_model"])
        assert mean["vision_model"] == (same.pop() if len(same) == 1 else "")


def leading(*rows):
    names = "subject region modality model chosen_score score"
    table = pd.DataFrame([dict(zip(names.split(), row, strict=True)) for row in rows])
    return table.assign(network="N", metric="m")


def test_by_hand_of_two_people_and_their_average():
    """Of equals the first model leads; all model names are told of whom everybody chose."""
    best = leading(
        ("s1", "z", "language", "l", 0.5, 0.75), ("s1", "z", "language", "k", 0.5, 0.0),
        ("s1", "z", "vision", "v", 0.1, 0.25), ("s1", "z", "vision", "w", 0.2, 0.5),
        ("s2", "z", "language", "l", 0.9, 0.5), ("s2", "z", "vision", "v", 0.9, 0.125),
        ("s2", "z", "noise", "n", 0.9, 0.9), ("s2", "z", "vision", "u", 1.0, 9.0),
        ("group", "z", "language", "l", 0.9, 7.0), ("group", "z", "vision", "v", 0.9, 0.0),
        ("s2", "a", "language", "k", 0.9, 0.5), ("s2", "a", "vision", "v", 0.9, 0.5),
    )  # fmt: skip
    best.index = [0] * len(best)
    found = contrast_table(best, {"l", "k", "v", "w", "n"})
    columns = ["subject", "region", "language", "vision", "language_model", "vision_model"]
    assert found[columns].to_numpy().tolist() == [
        ["s1", "z", 0.75, 0.5, "l", "w"], ["s2", "z", 0.5, 0.125, "l", "v"],
        ["group", "z", 7.0, 0.0, "l", "v"], ["s2", "a", 0.5, 0.5, "k", "v"],
        ["mean", "z", 0.625, 0.3125, "l", ""], ["mean", "a", 0.5, 0.5, "k", "v"],
    ]  # fmt: skip
    assert found["difference"].tolist() == [0.25, 0.375, 7.0, 0.0, 0.3125, 0.0]
    assert list(found.index) == list(range(6))


def test_one_modality_alone_has_no_contrast():
    models = zoo("net", "net-untrained-0", "noise")
    best = best_of(models, rows(models, SUBJECTS, ["V1"]), 0.1)
    found = contrast_table(best, {"net"})
    assert found.empty
    assert {"language", "vision", "difference", "vision_model"} <= set(found)


def test_scores_of_regions_that_one_subject_lacks_are_averaged_over_the_others():
    models = zoo("net", "word")
    table = rows(models, SUBJECTS, ["V1", "45"], ["cka_linear"])
    table = table[(table["subject"] != "subj02") | (table["region"] == "V1")]
    score = np.where(table["model"] == "word", 0.1 * table["subject"].str[-1].astype(int), 0)
    found = contrast_table(best_of(models, table, score), {"net", "word"})
    mean = found[found["subject"] == "mean"].set_index("region")["difference"]
    assert mean.to_dict() == pytest.approx({"V1": 0.2, "45": 0.2})
    assert len(found) == 3 + 2 + 2
