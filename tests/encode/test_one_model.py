"""What is asked of one model: layers and controls, beyond nuisance variables, of each person."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.params.schema import Chance, Encode, Folds, Lambdas, Ridge
from stages.core.recording.types import Cleaning, Recording, Subject, stimuli_digest
from stages.core.run.errors import InputError
from stages.encode.one_model import Settings, encode_member, encode_model, prepare

RUNS = np.repeat(["1", "2", "3"], 30)
N = len(RUNS)
CLEANING = Cleaning(False, 0.0, True)
SETTINGS = Settings(
    Folds(scheme="runs", blocks=2, gap=2),
    Ridge(lambdas=Lambdas(low=1.0, high=1e3, count=3)),
    Chance(draws=29, seed=0),
    Encode(
        targets="region", regions="all", min_voxels=1, downsample="window", delays=[0],
        nuisance_delays=[0], spillover=0, pieces=3,
    ),
    centre=False,
)  # fmt: skip


@pytest.fixture
def recording(rng):
    ids = [f"t{k:03d}" for k in range(N)]
    stimuli = pd.DataFrame({"id": [f"w{k:03d}" for k in range(N)], "text": "a", "run": RUNS})
    stimuli = stimuli.assign(onset=np.tile(np.arange(30.0) * 2, 3), duration=1.0, sample=ids)
    samples = pd.DataFrame({"id": ids, "run": RUNS, "onset": stimuli["onset"]})
    people = []
    for name, regions in (("s1", ["A", "B"]), ("s2", ["A"])):
        values = rng.standard_normal((N, len(regions)))
        values = (values - values.mean(axis=0)) / values.std(axis=0)
        targets = pd.DataFrame({"id": [f"v{region}" for region in regions], "region": regions})
        targets = targets.assign(hemisphere="", i=0, j=0, k=0, ceiling=np.nan)
        people.append(Subject(name, values.astype(np.float32), targets))
    return Recording("toy", "timeseries", 2.0, CLEANING, stimuli, samples, people)


@pytest.fixture
def folder(tmp_path, rng, recording):
    widths = {"layer_00": 3, "attention_00": 4}
    for name, width in widths.items():
        write_layer(
            tmp_path / f"{name}.safetensors", rng.standard_normal((N, width)).astype(np.float32)
        )
    stimuli = recording.stimuli
    about = Activations(
        "hf:a", "model", "r", "language", 9, "t", None, "context", 20, "last", "float32",
        stimuli_digest(stimuli), "m", widths, widths, 2, ["a", "b"],
    )  # fmt: skip
    rows = stimuli[["id", "sample", "run", "onset"]].assign(offset=stimuli["onset"] + 1)
    write_about(tmp_path, about, rows)
    return tmp_path


@pytest.fixture
def with_nuisance(recording, rng):
    table = pd.DataFrame({"id": recording.stimuli["id"], "length": rng.standard_normal(N)})
    return replace(recording, nuisance=table)


def encoded(recording, folder, **how):
    parts = list(encode_model(prepare(recording, SETTINGS), folder, **how))
    return [pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True)]


def layers_of(table, kind):
    return set(table.loc[table["kind"] == kind, "layer"])


def test_layers_and_controls_stand_beside_each_other(recording, folder):
    found, without = encoded(recording, folder)
    assert layers_of(found, "hidden") == {"layer_00"}
    assert layers_of(found, "attention") == {"attention_00"}
    assert layers_of(found, "control") == {"oasm", "onset"}
    assert not found["metric"].str.contains("partial|unique|shared").any()
    for name, value in (("dataset", "toy"), ("model", "model"), ("split", "held-out runs")):
        assert set(found[name]) == {value}
    assert set(found["subject"]) == {"s1", "s2", "group"}
    assert set(without["piece"]) == {0, 1, 2}
    assert set(without["model"]) == {"model"}


def test_hidden_layers_alone(recording, folder):
    found, _ = encoded(recording, folder, hidden=True)
    assert set(found["layer"]) - {"mean"} == set(found.loc[found["kind"] == "nested", "layer"]) | {
        "layer_00"
    }
    assert layers_of(found, "control") == set()
    plain = encoded(recording, folder)[0]
    rows = [
        table[(table["layer"] == "layer_00") & (table["kind"] == "hidden")]
        for table in (found, plain)
    ]
    keys = ["subject", "region", "metric"]
    one, other = (own.set_index(keys)["score"].sort_index() for own in rows)
    pd.testing.assert_series_equal(one, other)


def test_beyond_nuisance_variables_only_hidden_layers_are_asked_for(with_nuisance, folder):
    found, _ = encoded(with_nuisance, folder)
    assert "nuisance" in layers_of(found, "control")
    beyond = found[found["metric"].str.contains("partial|unique")]
    assert set(beyond.loc[beyond["kind"] != "nested", "layer"]) == {"layer_00"}
    shared = found[found["metric"] == "r2_shared"]
    hidden = shared[shared["kind"] == "hidden"]
    assert set(hidden["layer"]) == {"layer_00"}
    keys = ["subject", "region"]
    score = {
        metric: found[
            (found["metric"] == metric)
            & (found["layer"] == "layer_00")
            & (found["kind"] == "hidden")
        ].set_index(keys)["score"]
        for metric in ("r2", "r2_unique")
    }
    expected = (score["r2"] - score["r2_unique"]).loc[hidden.set_index(keys).index]
    np.testing.assert_allclose(hidden["score"], expected)


def test_of_members_only_what_is_beyond_is_asked_for(with_nuisance, recording, folder):
    results, without = encode_member(prepare(with_nuisance, SETTINGS), folder)
    assert layers_of(results, "control") == layers_of(results, "attention") == set()
    assert "r_partial" in set(results["metric"])
    assert "r" not in set(results["metric"])
    assert list(results.index) == list(range(len(results)))
    assert list(without.index) == list(range(len(without)))
    plain, _ = encode_member(prepare(recording, SETTINGS), folder)
    assert "r" in set(plain["metric"])


def test_q_is_over_regions_and_layers_of_a_kind(recording, folder):
    found, _ = encoded(recording, folder)
    tested = found[found["p"].notna()]
    for (subject, kind, metric), own in tested.groupby(["subject", "kind", "metric"]):
        np.testing.assert_allclose(own["q"], false_discovery_control(own["p"]))
        name = f"regions × layers; subject={subject}, kind={kind}, metric={metric}"
        assert set(own["q_family"]) == {name}


def test_voxels_have_families_of_their_name(recording, folder):
    voxels = SETTINGS.encode.model_copy(update={"targets": "voxel"})
    parts = encode_model(prepare(recording, replace(SETTINGS, encode=voxels)), folder)
    found = pd.concat([results for results, _ in parts])
    assert found.loc[found["q"].notna(), "q_family"].str.startswith("voxels × layers; ").all()


def test_activations_of_other_stimuli_are_refused(recording, folder):
    other = replace(recording, stimuli=recording.stimuli.assign(text="b"))
    with pytest.raises(InputError):
        list(encode_model(prepare(other, SETTINGS), folder))
