"""What is planted in the made family is in its layers, and in its truth."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.activations.activations import (
    Activations,
    read_about,
    read_layer,
    write_about,
    write_layer,
)
from stages.core.activations.members import read_members, read_performance, usable
from stages.core.params.read import read_params
from stages.core.params.schema import PlantFamily
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import InputError
from stages.core.run.files import write_json
from stages.core.run.seals import sealed
from stages.core.run.tables import write_table
from stages.plant.__main__ import main
from stages.plant.planting import (
    TOKENS,
    UNITS,
    components,
    mix,
    plan,
    planted_regions,
    shares,
    write_family,
)
from tests.conftest import PROJECT

N = 3000
LAYERS = {"layer_00": 20, "layer_01": 140, "attention_01": 4, "layer_02": 30, "layer_10": 12}
HIDDEN = [name for name in LAYERS if name.startswith("layer")]
PLANT = PlantFamily(
    seed=0, seeds=2, spread=0.3, width=0.7, lead=1.5, steps=[0, 4, 16, 64, 256, 1024]
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    rng, folder = np.random.default_rng(1), tmp_path_factory.mktemp("trained")
    for name, units in LAYERS.items():
        values = rng.standard_normal((N, units)) @ np.diag(np.linspace(0.5, 3, units))
        write_layer(folder / f"{name}.safetensors", (values + 5).astype(np.float32))
    about = Activations(
        "m", "m", "r", "language", 9, "t", 0, "context", 20, "last", "float32", "d", "key",
        LAYERS, LAYERS, 2, ["a", "b"],
    )  # fmt: skip
    ids = [f"w{k}" for k in range(N)]
    onset = np.arange(float(N))
    rows = pd.DataFrame({"id": ids, "sample": "", "run": "1", "onset": onset, "offset": onset + 1})
    write_about(folder, about, rows)
    return folder


@pytest.fixture(scope="module")
def planted(trained, tmp_path_factory):
    out = tmp_path_factory.mktemp("planted")
    write_family(trained, "d", PLANT, out, ["B", "A"])
    return out


def layer_of(folder, layer):
    about, rows = read_about(folder, "d")
    return read_layer(folder, layer, about, len(rows)).astype(float)


def learnt_share(planted, trained, member, layer):
    """Mean correlation of the units with the trained layer's components, over which they differ."""
    mixed, own = layer_of(planted / member, layer), components(layer_of(trained, layer))
    return np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(mixed.T, own.T, strict=True)])


@pytest.mark.parametrize("half", [2.0, 5.5])
def test_the_share_is_0_at_the_start_a_half_at_the_half_and_a_logistic_curve(half):
    steps = np.array([0, 1, 2, 4, 8, 64, 2**40])
    found = shares(steps, half, 0.7)
    assert found[0] == 0
    assert shares(np.array([4]), 2.0, 0.7)[0] == 0.5
    odds = np.log(found[1:6] / (1 - found[1:6]))
    np.testing.assert_allclose(odds, (np.log2(steps[1:6]) - half) / 0.7)
    assert found[-1] == pytest.approx(1)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_what_is_mixed_correlates_by_its_share(rng, share):
    noise, trained = rng.standard_normal((20000, 3)), 7 * rng.standard_normal((20000, 3)) + 2
    mixed = mix(noise, trained, share)
    found = [np.corrcoef(mixed[:, k], trained[:, k])[0, 1] for k in range(3)]
    np.testing.assert_allclose(found, share, atol=0.02)
    np.testing.assert_allclose(mixed.std(axis=0), 1, atol=0.02)
    assert mixed.dtype == np.float32


def test_a_constant_unit_is_no_division_by_zero(rng):
    assert np.isfinite(mix(rng.standard_normal((9, 2)), np.ones((9, 2)), 0.5)).all()


def test_no_component_is_rounding(rng):
    words = rng.standard_normal((40, 150)).astype(np.float32)
    found = components(words[rng.permutation(np.arange(500) % 40)])
    assert found.shape == (500, 39)
    assert (found.std(axis=0) > 0.1).all()


def test_components_are_those_of_a_singular_value_decomposition(rng):
    mixing = rng.standard_normal((150, 150)) @ np.diag(np.linspace(1, 4, 150))
    values = rng.standard_normal((400, 150)) @ mixing + 3
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    left, lengths, _ = np.linalg.svd(values, full_matrices=False)
    found = components((5 * values + 3).astype(np.float32))
    assert found.shape == (400, UNITS)
    expected = (left * lengths)[:, :UNITS]
    signs = np.sign((expected * found).sum(axis=0))
    np.testing.assert_allclose(found, expected * signs, atol=1e-3)
    axes = np.linalg.lstsq(values, found, rcond=None)[0]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(UNITS)]
    assert (largest > 0).all(), "the sign does not hang on the library"


def test_every_member_is_a_model_with_its_hidden_layers(planted):
    members = usable(read_members(planted))
    names = [f"seed{seed}-step{step:06d}" for seed in (0, 1) for step in PLANT.steps]
    assert list(members["member"]) == names
    assert list(members["seen"]) == [step * TOKENS for step in PLANT.steps] * 2
    assert set(members["family"]) == {"planted"}
    for name in names:
        about, rows = read_about(planted / name, "d")
        assert (about.label, list(about.layers), len(rows)) == (name, HIDDEN, N)
        assert about.layers == {layer: min(LAYERS[layer], UNITS) for layer in HIDDEN}


def test_a_member_says_that_it_was_planted(planted):
    members = usable(read_members(planted))
    assert members["seen"].tolist() == [0, 4e3, 16e3, 64e3, 256e3, 1024e3] * 2
    assert set(members["parameters"]) == {0}
    about, _ = read_about(planted / "seed1-step000004", "d")
    assert (about.parameters, about.heads, about.seed) == (0, 0, None)
    assert about.layers["layer_01"] == about.widths["layer_01"] == 128


@pytest.mark.parametrize("layer", HIDDEN)
def test_layers_arrive_as_the_truth_says(planted, trained, layer):
    truth = json.loads((planted / "truth.json").read_text())
    for seed, halves in enumerate(truth["halves"]):
        half = halves[layer] - np.log2(TOKENS)
        expected = shares(np.array(PLANT.steps), half, PLANT.width)
        found = [
            learnt_share(planted, trained, f"seed{seed}-step{step:06d}", layer)
            for step in PLANT.steps
        ]
        np.testing.assert_allclose(found, expected, atol=0.02)


def test_the_noise_of_a_seed_is_its_own_and_stays(planted):
    start, next_, other = (
        layer_of(planted / name, "layer_00")
        for name in ("seed0-step000000", "seed0-step000004", "seed1-step000000")
    )
    assert np.corrcoef(start[:, 0], next_[:, 0])[0, 1] > 0.9
    assert abs(np.corrcoef(start[:, 0], other[:, 0])[0, 1]) < 0.1


def test_the_truth_has_layers_in_order_the_lead_and_the_regions_as_given(planted):
    truth = json.loads((planted / "truth.json").read_text())
    assert truth["regions"] == ["B", "A"]
    assert truth["lead"] == PLANT.lead
    assert len(truth["halves"]) == len(truth["loss"]) == PLANT.seeds
    for halves, loss in zip(truth["halves"], truth["loss"], strict=True):
        assert list(halves) == HIDDEN
        assert (np.diff(list(halves.values())) > 0).all()
        assert loss - np.mean(list(halves.values())) == pytest.approx(PLANT.lead)
    apart = np.subtract(*(list(halves.values()) for halves in truth["halves"]))
    np.testing.assert_allclose(apart, apart[0], err_msg="a seed is early or late as a whole")
    assert 0 < abs(apart[0]) < 6 * PLANT.spread


def test_the_loss_falls_half_way_where_the_truth_says(planted):
    truth = json.loads((planted / "truth.json").read_text())
    performance = read_performance(planted)
    assert set(performance["measure"]) == {"heldout_loss"}
    for seed, course in performance.groupby("seed"):
        fallen = (7 - course["value"].to_numpy()) / 4
        assert fallen[0] == 0
        half = truth["loss"][seed] - np.log2(TOKENS)
        np.testing.assert_allclose(fallen, shares(np.array(PLANT.steps), half, PLANT.width))


def test_no_spread_and_one_seed():
    plant = PLANT.model_copy(update={"spread": 0.0, "seeds": 1})
    course = plan(["a", "b", "c"], plant)[0]
    np.testing.assert_allclose(list(course.halves.values()), [3, 5, 7])
    assert course.loss == pytest.approx(5 + PLANT.lead)


def test_the_same_seed_writes_the_same_bytes(planted, trained, tmp_path):
    write_family(trained, "d", PLANT, tmp_path / "again", ["B", "A"])
    for path in planted.rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            assert (
                path.read_bytes() == (tmp_path / "again" / path.relative_to(planted)).read_bytes()
            )
    pd.testing.assert_frame_equal(read_members(tmp_path / "again"), read_members(planted))
    other = PLANT.model_copy(update={"seed": 1})
    write_family(trained, "d", other, tmp_path / "other", [])
    name = "seed0-step000000"
    assert not np.allclose(
        layer_of(planted / name, "layer_00"), layer_of(tmp_path / "other" / name, "layer_00")
    )


def test_layers_of_other_stimuli_are_refused(trained, tmp_path):
    with pytest.raises(InputError, match="stimuli changed after extraction"):
        write_family(trained, "other", PLANT, tmp_path, [])


def test_regions_in_the_order_of_the_layers_that_they_follow(tmp_path):
    assert planted_regions(tmp_path) == []
    drivers = {
        "late": {"driver": "layer", "layer": "layer_05"},
        "words": {"driver": "features", "family": "Visual", "features": []},
        "early": {"driver": "layer", "layer": "layer_01"},
        "none": {"driver": "nothing"},
    }
    (tmp_path / "truth.json").write_text(json.dumps({"regions": drivers}))
    assert planted_regions(tmp_path) == ["early", "late"]


def test_the_command_plants_what_params_yaml_says(trained, tmp_path):
    stimuli = pd.DataFrame({"id": [f"w{k}" for k in range(N)], "text": "word", "run": "1"})
    stimuli = stimuli.assign(onset=np.arange(float(N)), duration=1.0, sample="")
    write_table(tmp_path / "recording" / "stimuli.parquet", stimuli)
    folder = shutil.copytree(trained, tmp_path / "trained")
    about = json.loads((folder / "activations.json").read_text())
    about["stimuli_digest"] = stimuli_digest(read_stimuli(tmp_path / "recording/stimuli.parquet"))
    write_json(folder / "activations.json", sealed(about))
    words = ["--params", PROJECT / "params.yaml", "--raw", tmp_path, "--trained", folder]
    words += ["--recording", tmp_path / "recording", "--out", tmp_path / "out"]
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    plant = read_params(PROJECT / "params.yaml").story.plant
    assert len(read_members(tmp_path / "out")) == plant.seeds * len(plant.steps)
    assert json.loads((tmp_path / "out" / "truth.json").read_text())["regions"] == []
