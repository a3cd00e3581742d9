"""The layer is chosen on the training images and scored on the others."""

import pytest

from stages.align.ceiling_table import ceiling_table
from stages.align.held_out import held_out_rows
from stages.align.model import align_model
from stages.core.results.results import COLUMNS, results_table
from tests.align.recordings import (
    LAYERS,
    REGIONS,
    SETTINGS,
    make_events,
    make_layers,
    make_matrices,
    write_activations,
)

# By layer: the score on the training images, and on those kept apart.
PLANTED = {"blocks.0": (0.2, 0.9), "blocks.1": (0.8, 0.4), "blocks.2": (0.5, 0.6)}


def planted_rows(region, scores, splits=("train", "test"), **more):
    for layer, both in scores.items():
        for split, score in zip(splits, both, strict=False):
            yield {
                "dataset": "toy", "subject": "s1", "region": region, "model": "m", "layer": layer,
                "kind": "layer", "metric": "cka_linear", "split": split, "score": score, "q": 0.01,
            } | more  # fmt: skip


def test_the_best_layer_of_the_training_images_has_its_score_on_the_others():
    turned = {name: both[::-1] for name, both in PLANTED.items()}
    rows = [*planted_rows("V1", PLANTED), *planted_rows("FFC", turned)]
    rows += planted_rows("V1", turned, metric="rsa")
    rows += planted_rows("V1", turned, subject="s2")
    rows += planted_rows("V1", {"blocks.0": (2, 2)}, kind="noise")
    found = held_out_rows(results_table(rows))
    assert tuple(found.columns) == COLUMNS
    assert set(found["split"]) == {"test"}
    nested = found[found["kind"] == "nested"]
    chosen = nested.set_index(["subject", "region", "metric"])[["layer", "score"]]
    assert len(chosen) == 4
    assert tuple(chosen.loc["s1", "V1", "cka_linear"]) == ("blocks.1", 0.4)
    for place in (("s1", "FFC", "cka_linear"), ("s1", "V1", "rsa"), ("s2", "V1", "cka_linear")):
        assert tuple(chosen.loc[place]) == ("blocks.0", 0.2)
    hidden = found[found["kind"] == "hidden"]
    assert len(hidden) == 4 * len(PLANTED)
    assert (nested["q"] == 0.01).all()


def test_recordings_without_splits_choose_no_layer():
    one = {name: both[:1] for name, both in PLANTED.items()}
    found = held_out_rows(results_table(planted_rows("V1", one, splits=("all",))))
    assert set(found["kind"]) == {"hidden"}
    assert sorted(found["score"]) == [0.2, 0.5, 0.8]


def test_nothing_at_all():
    assert held_out_rows(results_table([])).empty


def test_layers_that_are_not_among_the_images_kept_apart_are_not_made_up():
    rows = [row for row in planted_rows("V1", PLANTED) if row["split"] == "train"]
    assert held_out_rows(results_table(rows)).empty


@pytest.mark.parametrize("make", [make_events, make_matrices])
def test_a_model_that_drives_its_regions(rng, tmp_path, make):
    layers = make_layers(rng)
    recording = make(layers, rng)
    write_activations(tmp_path / "tiny", layers, recording.stimuli)
    settings = SETTINGS.model_copy(update={"metrics": ["cka_linear"], "draws": 20})
    table = align_model(recording, tmp_path / "tiny", ceiling_table(recording, settings), settings)
    found = held_out_rows(table)
    hidden, nested = (found[found["kind"] == kind] for kind in ("hidden", "nested"))
    if make is make_matrices:
        assert len(hidden) == len(table[table["kind"] == "layer"])
        assert nested.empty
        return
    assert len(hidden) == 2 * len(LAYERS) * len(REGIONS)
    assert len(nested) == 2 * len(REGIONS)
    for region in ("V1", "FFC"):
        assert set(nested.loc[nested["region"] == region, "layer"]) == {REGIONS[region]}
    same = ["subject", "region", "metric", "layer", "score"]
    assert len(nested[same].merge(hidden[same], on=same)) == len(nested)
