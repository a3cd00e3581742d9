"""Layers beside layers and areas, and the command that writes both tables."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.align.__main__ import main
from stages.align.area_pairs import judge_areas
from stages.align.area_sets import shared_areas
from stages.align.layer_pairs import layer_table
from stages.core.recording.recording_files import write_recording
from stages.core.results.area_alignment import AREAS, LAYERS, read_areas, read_layers
from stages.core.stats.backend import make_backend
from tests.align import naive
from tests.align.recordings import LAYERS as UNITS
from tests.align.recordings import make_layers, write_activations
from tests.align.shown_again import DRIVERS, N, make_latents, make_shown_again
from tests.conftest import PROJECT


@pytest.fixture
def latents(rng):
    return make_latents(rng)


@pytest.fixture
def recording(rng, latents):
    return make_shown_again(rng, latents, signal=2.0)


def gram(values):
    centred = np.asarray(values, float) - np.mean(values, axis=0)
    return centred @ centred.T


def test_scores_are_those_of_a_loop_and_ceilings_those_of_areas(rng, recording, latents):
    models = {"net": {"a": latents["edges"], "b": rng.standard_normal((N, 30))}}
    models["word"] = {"a": latents["faces"] @ rng.standard_normal((8, 20))}
    backend, shown = make_backend(None, "float64", 2**28), shared_areas(recording, 5)
    people = judge_areas(shown.sets, "cka_linear", backend)
    table = layer_table(models, shown, people, "cka_linear", backend)
    assert len(table) == 3 + 3 * (4 + 8) * 2
    among = table[table["subject"] == ""]
    assert set(among["ceiling"]) == {1.0}
    for row in table.to_dict("records"):
        first = models[row["model"]][row["layer"]]
        if row["subject"]:
            assert row["second_model"] == ""
            whose = row["subject"], row["parts"]
            person = next(one for one in people if (one.areas.subject, one.areas.parts) == whose)
            areas = list(zip(person.areas.regions, person.areas.hemispheres, strict=True))
            place = areas.index((row["second"], row["hemisphere"]))
            second = person.areas.representations[place]
            np.testing.assert_equal(row["ceiling"], person.limits[place])
        else:
            second = models[row["second_model"]][row["second"]]
        expected = naive.cka(gram(first), gram(second), naive.hsic_unbiased)
        assert row["score"] == pytest.approx(expected, abs=1e-6)
    assert np.isfinite(people[0].limits).sum() >= 2
    driven = table[(table["layer"] == "a") & (table["model"] == "net") & (table["subject"] != "")]
    means = driven.groupby("second")["score"].mean()
    assert means[["V1", "V2"]].min() > 3 * means[["FFC", "A1"]].max()


def test_the_command_writes_both_tables(rng, tmp_path, latents):
    recording = make_shown_again(rng, latents, mixed=False)
    write_recording(tmp_path / "recording", recording)
    layers = make_layers(rng, N)
    write_activations(tmp_path / "layers/net", layers, recording.stimuli)
    text = (PROJECT / "params.yaml").read_text()
    start, end = text.index("\nzoo:\n"), text.index("\nstory:\n")
    text = text[:start] + "\nzoo:\n  - net" + text[end:]
    text = text.replace("\nmodels:\n", "\nmodels:\n  net: hf:made-up\n")
    (tmp_path / "params.yaml").write_text(text)
    words = ["areas", "--recording", tmp_path / "recording", "--activations", tmp_path / "layers"]
    words += ["--areas", tmp_path / "areas.parquet", "--layers", tmp_path / "layers.parquet"]
    words += ["--params", tmp_path / "params.yaml"]
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    areas, between = (
        read_areas(tmp_path / "areas.parquet"),
        read_layers(tmp_path / "layers.parquet"),
    )
    assert (list(areas), list(between)) == (list(AREAS), list(LAYERS))
    assert set(areas["region"]) == set(DRIVERS)
    assert list(pd.unique(between["layer"])) == list(UNITS)
    assert set(between["dataset"]) == {"made"}
