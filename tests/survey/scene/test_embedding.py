"""The map puts like models together, the same way every time."""

import importlib
import subprocess
import sys
import warnings

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from stages.survey.all_scores import gather
from stages.survey.scene import embedding
from stages.survey.scene.choice import choose_layers
from stages.survey.scene.embedding import PARTS, embed, model_map, score_vectors
from stages.survey.zoo_models import call_roll, list_layers
from tests.survey.planted import DATASET, REGIONS, SUBJECTS, model, results, rows, zoo

MODELS = [
    *[model(f"net-{k}", f"timm:net{k}") for k in range(6)],
    *[model(f"word-{k}", f"st:word{k}+untrained") for k in range(6)],
]


def best_of(models, table, score):
    return choose_layers(gather(results(table, score).values(), list_layers(models), DATASET))


@pytest.fixture
def best(rng):
    """Two kinds of models, each with its own regions."""
    table = rows(MODELS, SUBJECTS, REGIONS, ["cka_linear", "rsa_pearson"])
    visual = table["region"].isin(REGIONS[:4]).to_numpy()
    own = visual == table["model"].str.startswith("net").to_numpy()
    return best_of(MODELS, table, np.where(own, 0.5, 0.1) + rng.normal(0, 0.02, len(table)))


def test_two_planted_clusters_are_apart_and_the_map_is_the_same_every_time(best):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = model_map(best, call_roll(MODELS), "cka_linear", 4, 0)
    assert [str(one.message) for one in caught if "umap" in str(one.filename)] == []
    assert list(table["model"]) == [one.name for one in MODELS]
    assert list(table["trained"]) == [True] * 6 + [False] * 6
    points = table[["x", "y"]].to_numpy()
    distance = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(distance, np.inf)
    for at, nearest in enumerate(distance.argmin(axis=1)):
        assert table["modality"][at] == table["modality"][nearest]
    centres = [points[:6].mean(axis=0), points[6:].mean(axis=0)]
    spread = max(np.linalg.norm(points[k : k + 6] - points[k : k + 6].mean(axis=0), axis=1).mean()
                 for k in (0, 6))  # fmt: skip
    assert np.linalg.norm(centres[0] - centres[1]) > 3 * spread
    assert np.linalg.matrix_rank(points - points.mean(axis=0)) == 2
    again = model_map(best, call_roll(MODELS), "cka_linear", 4, 0)
    np.testing.assert_array_equal(points, again[["x", "y"]])
    other = model_map(best, call_roll(MODELS), "cka_linear", 4, 1)
    assert not np.array_equal(points, other[["x", "y"]])


def test_four_models_are_enough_whatever_the_number_of_neighbours(rng):
    points = embed(rng.normal(size=(4, 9)), 15, 0)
    assert points.shape == (4, 2)
    assert np.isfinite(points).all()


def test_vectors_are_scores_by_subject_and_region_that_all_have(rng):
    models = [model("clip", "hf:clip"), *zoo("net")]
    table = rows(models, SUBJECTS, REGIONS, ["cka_linear"])
    table = table[(table["model"] != "net") | (table["region"] != "V4")]
    best = best_of(models, table, rng.normal(size=len(table)))
    found = score_vectors(best)
    assert list(found.index) == [("clip", "vision"), ("clip", "language"), ("net", "vision")]
    assert found.shape == (3, 3 * 7)
    for row in best[best["region"] != "V4"].to_dict("records"):
        place = (row["model"], row["modality"]), (row["subject"], row["region"])
        assert found.loc[place] == row["score"]


def test_too_few_models_or_regions_make_no_map(caplog):
    models = zoo("net", "word", "noise")
    best = best_of(models, rows(models, SUBJECTS, REGIONS), 0.1)
    assert model_map(best, call_roll(models), "cka_linear", 5, 0).empty
    assert "expected 4 models and 2 regions, got 3 and 24" in caplog.text
    best = best_of(MODELS, rows(MODELS, ["s1"], ["V1"]), 0.1)
    found = model_map(best, call_roll(MODELS), "cka_linear", 5, 0)
    assert found.empty
    assert {"model", "modality", "trained", "x", "y"} == set(found)


def test_four_models_with_two_regions_make_a_map(rng, monkeypatch):
    models = [model(f"net-{k}", f"timm:net{k}") for k in range(4)]
    table = rows(models, ["s1"], ["V1", "V2"], ["cka_linear", "rsa_pearson"])
    best = best_of(models, table, rng.normal(size=len(table)))
    places, given = rng.normal(size=(4, 2)), []
    monkeypatch.setattr(embedding, "embed", lambda *asked: given.append(asked) or places)
    found = model_map(best, call_roll(models), "rsa_pearson", 7, 3)
    np.testing.assert_array_equal(found[["x", "y"]], places)
    assert found["trained"].dtype == bool
    (vectors, neighbours, seed), = given  # fmt: skip
    own = best[best["metric"] == "rsa_pearson"].pivot_table("score", "model", "region")
    np.testing.assert_array_equal(vectors, own)
    assert (neighbours, seed) == (7, 3)


def test_what_is_compiled_is_kept_for_the_next_run(best):
    """By all functions that a map has used: in a fresh process, 10 s of a processor less."""
    model_map(best, call_roll(MODELS), "cka_linear", 4, 0)
    used = [
        function
        for part in PARTS
        for function in vars(importlib.import_module(part)).values()
        if isinstance(function, Dispatcher) and function.signatures
    ]
    assert len(used) > 5
    assert [one.__name__ for one in used if one.stats.cache_path is None] == []


def test_after_set_up_a_map_compiles_nothing():
    """In fresh processes, each of which tells how many functions it had to compile."""
    asked = """
import sys
import numba.core.caching as caching, numpy as np
made, save = [], caching.FunctionCache.save_overload
def kept(self, sig, data):
    made.append(sig)
    save(self, sig, data)
caching.FunctionCache.save_overload = kept
from stages.survey.scene.embedding import compile_maps, embed, embed_distances
if sys.argv[1] == "set-up":
    compile_maps()
else:
    points = np.random.default_rng(1).random((9, 60))
    embed(points, 5, 3)
    embed_distances(np.abs(points[:, :1] - points[:, 0]), points[:, :2], 5, 3)
sys.stdout.write(str(len(made)))
"""
    for when in ("set-up", "a map"):
        done = subprocess.run(
            [sys.executable, "-c", asked, when], capture_output=True, text=True, check=True
        )
    assert done.stdout == "0"
