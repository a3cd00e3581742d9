"""Subjects agree as scipy says, over the regions they share."""

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from stages.survey.all_scores import gather
from stages.survey.scene.choice import choose_layers
from stages.survey.scene.consistency import consistency_table
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, REGIONS, SUBJECTS, model, results, rows, zoo


def best_of(models, table, score):
    return choose_layers(gather(results(table, score).values(), list_layers(models), DATASET))


def test_pairs_agree_with_scipy_over_common_regions(rng):
    models = [*zoo("net"), model("clip", "hf:clip")]
    table = rows(models, SUBJECTS, REGIONS, ["cka_linear", "rsa_pearson"])
    lost = ((table["subject"] == SUBJECTS[0]) & (table["region"] == "V1")) | (
        (table["subject"] == SUBJECTS[2]) & (table["region"] == "FFC")
    )
    table = table[~lost]
    best = best_of(models, table, rng.normal(size=len(table)))
    found = consistency_table(best)
    assert len(found) == 3 * 2 * 3
    for row in found.to_dict("records"):
        cell = best
        for name in ("model", "modality", "metric"):
            cell = cell[cell[name] == row[name]]
        one, two = (
            cell[cell["subject"] == row[name]].set_index("region")["score"]
            for name in ("first", "second")
        )
        shared = sorted(set(one.index) & set(two.index))
        assert row["regions"] == len(shared)
        assert row["r"] == pytest.approx(pearsonr(one[shared], two[shared])[0])
        assert row["rho"] == pytest.approx(spearmanr(one[shared], two[shared])[0])
    assert set(zip(found["first"], found["second"], strict=True)) == {
        ("subj01", "subj02"),
        ("subj01", "subj03"),
        ("subj02", "subj03"),
    }


def test_ceiling_and_floor(rng):
    models = zoo("net", "noise")
    regions = REGIONS * 1
    table = rows(models, SUBJECTS, regions, ["cka_linear"])
    same = table["region"].map({name: k for k, name in enumerate(regions)}) / 10
    noise = rng.normal(size=len(table))
    best = best_of(models, table, np.where(table["model"] == "net", same, noise))
    found = consistency_table(best).groupby("model")["r"]
    assert found.min()["net"] == pytest.approx(1)
    assert found.max()["noise"] < 0.95


@pytest.mark.parametrize(
    ("people", "regions", "varied", "pairs"),
    [(1, 8, True, 0), (3, 4, True, 0), (3, 8, False, 0), (3, 5, True, 3)],
)
def test_one_subject_few_regions_or_constant_scores_make_no_pair(
    rng, people, regions, varied, pairs
):
    models = zoo("net")
    table = rows(models, SUBJECTS[:people], REGIONS[:regions], ["cka_linear"])
    score = rng.normal(size=len(table)) if varied else 0.3
    assert len(consistency_table(best_of(models, table, score))) == pairs


def test_the_subject_average_agrees_with_nobody(rng):
    models = zoo("net")
    table = rows(models, [*SUBJECTS, "group"], REGIONS)
    best = best_of(models, table, rng.normal(size=len(table)))
    assert "group" in set(best["subject"])
    found = consistency_table(best)
    assert "group" not in {*found["first"], *found["second"]}
