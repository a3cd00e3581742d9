import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from stages.align.ceiling_table import ceiling_table
from stages.align.left_out import align_without_pieces
from stages.align.model import align_model, read_layers, with_ceilings
from stages.align.sides import cut_sides
from stages.core.activations.activations import read_about, write_about
from stages.core.recording.recording_files import read_recording, write_recording
from stages.core.recording.types import captions_digest, stimuli_digest
from stages.core.run.errors import InputError
from stages.core.run.shared import Shared
from tests.align.recordings import (
    LAYERS,
    REGIONS,
    SETTINGS,
    make_events,
    make_layers,
    make_matrices,
    write_activations,
)
from tests.core.run.engines import use_pickling


@pytest.fixture
def events(rng, tmp_path):
    layers = make_layers(rng)
    recording = make_events(layers, rng)
    write_activations(tmp_path / "tiny", layers, recording.stimuli)
    return recording, tmp_path / "tiny"


def test_a_model_is_aligned_with_every_subject_and_split(events):
    recording, folder = events
    table = align_model(recording, folder, ceiling_table(recording, SETTINGS), SETTINGS)
    assert set(table["model"]) == {"tiny"}
    assert set(table["kind"]) == {"layer", "noise", "projected", "ceiling"}
    layer = table[table["kind"] == "layer"]
    assert len(layer) == 2 * 2 * len(LAYERS) * len(REGIONS) * len(SETTINGS.metrics)
    kernel = layer["metric"].str.startswith("cka")
    assert (layer.loc[kernel, "ceiling_kind"] == "ncsnr").all()
    assert (layer.loc[~kernel, "ceiling_kind"] == "").all()
    assert (layer["ceiling"].notna() == kernel).all()
    best = layer[layer["metric"] == "cka_linear"]
    best = best.loc[best.groupby(["subject", "split", "region"])["score"].idxmax()]
    for region in ("V1", "FFC"):
        assert set(best.loc[best["region"] == region, "layer"]) == {REGIONS[region]}


def test_the_number_of_workers_changes_nothing(events, monkeypatch):
    recording, folder = events
    ceilings = ceiling_table(recording, SETTINGS)
    monkeypatch.setenv("CONCORD_JOBS", "1")
    one = align_model(recording, folder, ceilings, SETTINGS)
    monkeypatch.setenv("CONCORD_JOBS", "3")
    pd.testing.assert_frame_equal(one, align_model(recording, folder, ceilings, SETTINGS))


def test_tasks_that_travel_find_the_same(events, monkeypatch, tmp_path):
    recording, folder = events
    ceilings = ceiling_table(recording, SETTINGS)
    here = align_model(recording, folder, ceilings, SETTINGS)
    for module in ("model", "ceiling_table"):
        use_pickling(monkeypatch, tmp_path / "scratch", f"stages.align.{module}")
    pd.testing.assert_frame_equal(ceiling_table(recording, SETTINGS), ceilings, check_exact=True)
    there = align_model(recording, folder, ceilings, SETTINGS)
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_layers_and_responses_that_lie_in_files_are_not_written_again(
    events, monkeypatch, tmp_path
):
    recording, folder = events
    write_recording(tmp_path / "recording", recording)
    sides = cut_sides(read_recording(tmp_path / "recording"), SETTINGS.min_voxels)
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    shared = Shared((sides, read_layers(folder, recording)[1]))
    found, layers = pickle.loads(pickle.dumps(shared)).value
    assert not list((tmp_path / "scratch").rglob("*.npy"))
    assert {name: values.base.filename.name for name, values in layers.items()} == {
        name: f"{name}.safetensors" for name in LAYERS
    }
    for side, expected in zip(found, sides, strict=True):
        for values, same in zip(side.features(), expected.features(), strict=True):
            assert_array_equal(values, same)


def test_matrices_are_aligned_with_the_metrics_that_they_allow(rng, tmp_path):
    layers = make_layers(rng)
    recording = make_matrices(layers, rng)
    write_activations(tmp_path / "tiny", layers, recording.stimuli)
    table = align_model(recording, tmp_path / "tiny", ceiling_table(recording, SETTINGS), SETTINGS)
    assert set(table["metric"]) == set(SETTINGS.metrics) - {"cknna_5"}
    scores = table[(table["kind"] == "layer") & (table["metric"] == "rsa_spearman")]
    best = scores.loc[scores.groupby("subject")["score"].idxmax()]
    assert set(best["layer"]) == {"blocks.2"}
    assert set(scores["ceiling_kind"]) == {"nili_lower"}


def test_a_layer_that_is_the_same_for_all_is_left_out_by_name(rng, tmp_path, caplog):
    """As the embedding of the token that ends every passage; the others keep their scores."""
    layers = make_layers(rng)
    recording = make_events(layers, rng)
    write_activations(tmp_path / "varying", layers, recording.stimuli)
    constant = layers | {"blocks.0": np.full_like(layers["blocks.0"], 0.3)}
    write_activations(tmp_path / "tiny", constant, recording.stimuli)
    ceilings = ceiling_table(recording, SETTINGS)
    found = align_model(recording, tmp_path / "tiny", ceilings, SETTINGS)
    assert "tiny: the same for every stimulus, left out: blocks.0" in caplog.text
    whole = align_model(recording, tmp_path / "varying", ceilings, SETTINGS)
    scored = ["subject", "region", "layer", "metric", "split", "score", "p"]
    one, two = (
        table.loc[(table["kind"] == "layer") & (table["layer"] != "blocks.0"), scored]
        for table in (found, whole)
    )
    pd.testing.assert_frame_equal(one.reset_index(drop=True), two.reset_index(drop=True))
    assert set(found["layer"]) == {"", "blocks.1", "blocks.2"}
    without = align_without_pieces(recording, tmp_path / "tiny", SETTINGS)
    assert set(without["layer"]) == set(LAYERS) - {"blocks.0"}


def test_other_stimuli_are_refused(events):
    recording, folder = events
    other = replace(recording, stimuli=recording.stimuli.assign(text="another"))
    with pytest.raises(InputError, match="stimuli changed after extraction"):
        align_model(other, folder, ceiling_table(recording, SETTINGS), SETTINGS)


def test_other_captions_are_refused_where_all_were_shown(events):
    recording, folder = events
    captions = recording.stimuli[["id", "text"]].assign(number=0)
    captioned = replace(recording, captions=captions)
    about, rows = read_about(folder, stimuli_digest(recording.stimuli))
    write_about(folder, replace(about, captions_digest=captions_digest(captions)), rows)
    assert read_layers(folder, captioned)[0] == "tiny"
    more = pd.concat([captions, captions.assign(number=1)])
    with pytest.raises(InputError, match="captions changed after extraction"):
        read_layers(folder, replace(recording, captions=more))


def test_a_score_without_a_ceiling_has_none():
    scores = pd.DataFrame({"subject": ["a"], "region": ["V1"], "metric": ["m"], "split": ["all"]})
    none = pd.DataFrame(
        columns=["subject", "region", "metric", "split", "ceiling", "ceiling_kind"], dtype=object
    )
    found = with_ceilings(scores, none)
    assert found["ceiling"].isna().all()
    assert list(found["ceiling_kind"]) == [""]
