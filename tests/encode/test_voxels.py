"""Voxels of two people: encoded one after the other, as they are together."""

import numpy as np
import pandas as pd
import pytest

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.params.schema import Chance, Encode, Folds, Lambdas, Ridge
from stages.core.recording.types import Cleaning, Recording, Subject, stimuli_digest
from stages.core.regression.device_sums import DeviceSums
from stages.core.results.left_out_scores import read_jackknife
from stages.core.results.results import read_results
from stages.core.time.cleaning import clean
from stages.encode import encoding, one_model
from stages.encode.one_model import Settings, encode_model, prepare
from stages.encode.written import write_as_they_come

RUNS = np.repeat(["1", "2", "3"], 40)
LAYERS = {"layer_00": 4, "layer_01": 4}
CLEANING = Cleaning(False, 0.0, True)


@pytest.fixture
def layers(rng):
    return {name: rng.standard_normal((120, units)) for name, units in LAYERS.items()}


@pytest.fixture
def recording(rng, layers):
    """The first voxel of each person follows the second layer."""
    ids = [f"t{k:03d}" for k in range(120)]
    stimuli = pd.DataFrame({"id": [f"w{k:03d}" for k in range(120)], "text": "a", "run": RUNS})
    stimuli = stimuli.assign(onset=np.tile(np.arange(40.0) * 2, 3), duration=1.0, sample=ids)
    people = []
    for name, n_voxels in (("s1", 5), ("s2", 3)):
        values = rng.standard_normal((120, n_voxels))
        values[:, 0] += layers["layer_01"].sum(axis=1)
        targets = pd.DataFrame({"id": [f"v{k}" for k in range(n_voxels)], "region": "A"})
        targets = targets.assign(hemisphere="", i=0, j=0, k=0, ceiling=np.nan)
        values = clean(values, RUNS, 2.0, CLEANING).astype(np.float32)
        people.append(Subject(name, values, targets))
    samples = pd.DataFrame({"id": ids, "run": RUNS, "onset": stimuli["onset"]})
    return Recording("toy", "timeseries", 2.0, CLEANING, stimuli, samples, people)


@pytest.fixture
def encode(tmp_path, recording, layers):
    """Encode the voxels and read what was written."""
    for name, values in layers.items():
        write_layer(tmp_path / f"{name}.safetensors", values.astype(np.float32))
    stimuli = recording.stimuli
    about = Activations(
        "hf:a", "m", "r", "language", 9, "t", None, "context", 20, "last", "float32",
        stimuli_digest(stimuli), "m", LAYERS, LAYERS, 2, ["a", "b"],
    )  # fmt: skip
    rows = stimuli[["id", "sample", "run", "onset"]].assign(offset=stimuli["onset"] + 1)
    write_about(tmp_path, about, rows)
    settings = Settings(
        Folds(scheme="runs", blocks=2, gap=3),
        Ridge(lambdas=Lambdas(low=1.0, high=1e3, count=3)),
        Chance(draws=99, seed=0),
        Encode(
            targets="voxel",
            regions="all",
            min_voxels=1,
            downsample="window",
            delays=[0],
            nuisance_delays=[0],
            spillover=0,
            pieces=6,
        ),
        centre=False,
    )

    def run():
        out, without = tmp_path / "out.parquet", tmp_path / "without.parquet"
        write_as_they_come((out, without), encode_model(prepare(recording, settings), tmp_path))
        assert read_jackknife(without, "").groupby("subject").size().to_dict() == {
            "s1": 30,
            "s2": 18,
        }
        return read_results(out, "encode", "")

    return run


def test_people_apart_score_as_they_do_together(encode, monkeypatch):
    together = encode()
    monkeypatch.setattr(one_model, "PART", 1)
    monkeypatch.setattr(encoding, "CHUNK", 2)
    apart = encode()
    assert list(apart["subject"].drop_duplicates()) == ["s1", "s2"]
    assert apart["subject"].is_monotonic_increasing
    names = ["subject", "target", "kind", "layer", "metric"]
    assert not together.duplicated(names).any()
    tables = [found.sort_values(names, ignore_index=True) for found in (together, apart)]
    pd.testing.assert_frame_equal(*tables, rtol=1e-5, atol=1e-7)


def test_a_device_gives_the_same_table(encode, monkeypatch):
    expected = encode()
    monkeypatch.setenv("CONCORD_DEVICE", "cpu:0")  # PyTorch's; `cpu` is NumPy's
    sums, calls = DeviceSums.sums, []
    monkeypatch.setattr(DeviceSums, "sums", lambda *args: calls.append(args) or sums(*args))
    found, tested = encode(), ["p", "q"]
    tables = [table.drop(columns=tested) for table in (found, expected)]
    pd.testing.assert_frame_equal(*tables, rtol=1e-4, atol=1e-6)
    # Where nothing is predicted, draws lie so near a score of 0 that rounding tells which reach it.
    clear = expected["score"].abs() > 1e-3
    assert clear.mean() > 0.7
    np.testing.assert_allclose(found.loc[clear, "p"], expected.loc[clear, "p"])
    np.testing.assert_allclose(found["p"], expected["p"], atol=0.011)  # one of 99 draws
    assert calls


def test_the_voxel_that_follows_a_layer_is_found_in_both(encode):
    table = encode()
    r = table[(table["metric"] == "r") & (table["kind"] == "hidden")]
    scores = r.set_index(["subject", "target", "layer"])["score"]
    followed = [("s1", "v0", "layer_01"), ("s2", "v0", "layer_01")]
    assert (scores[followed] > 0.7).all()
    assert (scores.drop(followed).abs() < 0.4).all()
    nested = table[(table["kind"] == "nested") & (table["target"] == "v0")]
    assert set(nested["layer"]) == {"layer_01"}
