from dataclasses import replace

import pandas as pd
import pytest

from stages.align.ceiling_table import ceiling_table
from stages.align.model import align_model, with_ceilings
from stages.core.run.errors import InputError
from tests.align.recordings import (
    LAYERS,
    REGIONS,
    SETTINGS,
    make_events,
    make_layers,
    make_matrices,
    write_activations,
)


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
    assert (layer["ceiling_kind"] == "ncsnr").all()
    assert layer["ceiling"].notna().all()
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


def test_other_stimuli_are_refused(events):
    recording, folder = events
    other = replace(recording, stimuli=recording.stimuli.assign(text="another"))
    with pytest.raises(InputError, match="stimuli changed after extraction"):
        align_model(other, folder, ceiling_table(recording, SETTINGS), SETTINGS)


def test_a_score_without_a_ceiling_has_none():
    scores = pd.DataFrame({"subject": ["a"], "region": ["V1"], "metric": ["m"], "split": ["all"]})
    none = pd.DataFrame(
        columns=["subject", "region", "metric", "split", "ceiling", "ceiling_kind"], dtype=object
    )
    found = with_ceilings(scores, none)
    assert found["ceiling"].isna().all()
    assert list(found["ceiling_kind"]) == [""]
