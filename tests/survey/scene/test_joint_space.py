"""Layers and areas lie where their angles say, without the noise of areas."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.spatial.distance import pdist, squareform
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from stages.core.activations.activations import read_about, write_about
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import stimuli_digest
from stages.core.results.area_alignment import (
    AREAS,
    FIDELITY,
    LAYERS,
    POINTS,
    read_ends,
    read_space,
)
from stages.core.run.origins import of_layers
from stages.core.run.tables import write_table
from stages.survey.__main__ import main
from stages.survey.scene.joint_space import (
    Space,
    classical_scaling,
    fidelity,
    joint_space,
    place_points,
)
from stages.survey.zoo_models import call_roll, list_layers
from tests.conftest import PROJECT
from tests.encode.image_recordings import make_layers, make_recording, write_model
from tests.survey.planted import model

MODELS = [model("net", "timm:net"), model("word", "st:word+untrained")]
REGIONS = ["V1", "FFC", "A1"]
LIMIT = {"V1": 0.8, "FFC": 0.5, "A1": np.nan}


def units(rng):
    """Points on a sphere: cosines of their angles are what CKA would be."""
    names = list(list_layers(MODELS)[["model", "layer"]].itertuples(index=False, name=None))
    names += [("", region) for region in REGIONS]
    vectors = np.abs(rng.standard_normal((len(names), 6)))
    return dict(zip(names, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), strict=True))


def tables(at, *, repeats=True):
    """Scores as they would be measured: what noise leaves of the cosines."""
    layers = [name for name in at if name[0]]
    own = {region: LIMIT[region] if repeats else np.nan for region in REGIONS}
    rows = [
        {"model": a[0], "layer": a[1], "subject": "", "second_model": b[0], "second": b[1]}
        | {"score": at[a] @ at[b], "ceiling": 1.0}
        for i, a in enumerate(layers)
        for b in layers[i + 1 :]
    ]
    rows += [
        {"model": a[0], "layer": a[1], "subject": "s1", "second_model": "", "second": region}
        | {"score": at[a] @ at["", region] * np.nan_to_num(LIMIT[region], nan=0.1)}
        | {"ceiling": own[region]}
        for a in layers
        for region in REGIONS
    ]
    halves = [
        row | {"parts": "hemispheres", "hemisphere": side, "score": -0.5}
        for row in rows
        if row["subject"]
        for side in ("L", "R")
    ]
    between = pd.DataFrame(rows + halves).fillna({"parts": "whole", "hemisphere": ""})
    between = between.assign(dataset="nsd-simulated", metric="cka_linear", split="test", n=9.0)
    pairs = [
        {"kind": kind, "region": a, "second_region": b, "parts": parts}
        | {"score": score, "ceiling": limit if kind == "showings apart" else np.nan}
        for parts in ("whole", "hemispheres")
        for kind in (["showings apart"] if repeats else []) + ["same trials"]
        for i, a in enumerate(REGIONS)
        for b in REGIONS[i:]
        for limit in [LIMIT[a] * LIMIT[b]]
        for score in [
            at["", a] @ at["", b] * np.nan_to_num(limit, nan=0.01)
            if kind == "showings apart" and parts == "whole"
            else 0.9
        ]
    ]
    areas = pd.DataFrame(pairs).assign(subject="s1", second_subject="s1", dataset="nsd-simulated")
    others = pd.DataFrame([{**pairs[1], "subject": "s1", "second_subject": "s2", "score": -0.7}])
    areas = pd.concat([areas, others], ignore_index=True)
    for name, kind in AREAS.items():
        if name not in areas:
            areas[name] = "" if kind == "text" else np.nan
    text = [name for name, kind in AREAS.items() if kind == "text"]
    areas[text] = areas[text].fillna("")
    return areas[list(AREAS)], between[list(LAYERS)]


def test_angles_are_those_without_noise_and_areas_that_are_all_noise_are_left_out(rng, caplog):
    caplog.set_level("INFO", logger="concord.survey")
    at = units(rng)
    space = joint_space(*tables(at), "s1")
    names = list(space.points.itertuples(index=False, name=None))
    assert names == [name for name in at if name != ("", "A1")]
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            angle = np.arccos(np.clip(at[a] @ at[b], -1, 1)) if i != j else 0
            assert space.distances[i, j] == pytest.approx(angle, abs=1e-6)
    assert space.corrected
    assert "region A1 of subject s1 is not on the map: repeats do not tell" in caplog.text


def test_angles_go_from_none_to_opposite(rng):
    """A layer turned against all others, and an area that agrees by more than noise allows."""
    at = units(rng)
    first, second, *_ = at
    at[first] = -at[first]
    areas, layers = tables(at)
    same = layers["model"].eq(second[0]) & layers["layer"].eq(second[1])
    layers.loc[same & layers["second"].eq("FFC"), "score"] = LIMIT["FFC"] * 1.5
    space = joint_space(areas, layers, "s1")
    place = {name: k for k, name in enumerate(space.points.itertuples(index=False, name=None))}
    for other in place:
        if other != first:
            angle = np.arccos(at[first] @ at[other])
            assert angle > np.pi / 2
            assert space.distances[place[first], place[other]] == pytest.approx(angle)
    assert space.distances[place[second], place["", "FFC"]] == 0
    assert space.dataset == "nsd-simulated"


def test_each_person_has_a_map_of_their_own_angles(rng):
    at = units(rng)
    areas, layers = tables(at)
    own = layers["subject"].eq("s1")
    second = layers[own].assign(subject="s2", score=layers["score"] / 2)
    alike = areas[areas["second_subject"].eq("s1")].assign(
        subject="s2", second_subject="s2", score=areas["score"] / 2
    )
    both = pd.concat([areas, alike]), pd.concat([layers, second])
    expected = joint_space(areas, layers, "s1")
    np.testing.assert_array_equal(joint_space(*both, "s1").distances, expected.distances)
    other = joint_space(*both, "s2")
    place = {name: k for k, name in enumerate(other.points.itertuples(index=False, name=None))}
    pairs = [("", "V1"), ("", "FFC")], [next(iter(at)), ("", "V1")]
    for a, b in pairs:
        found = other.distances[place[a], place[b]]
        assert found == pytest.approx(np.arccos(at[a] @ at[b] / 2))


def test_without_repeats_angles_are_of_what_was_measured(rng):
    at = units(rng)
    space = joint_space(*tables(at, repeats=False), "s1")
    assert not space.corrected
    place = {name: k for k, name in enumerate(space.points.itertuples(index=False, name=None))}
    assert set(place) == set(at)
    v1, ffc = place["", "V1"], place["", "FFC"]
    assert space.distances[v1, ffc] == pytest.approx(np.arccos(0.9))
    first = next(iter(at))
    seen = at[first] @ at["", "V1"] * LIMIT["V1"]
    assert space.distances[place[first], v1] == pytest.approx(np.arccos(seen))


def test_classical_scaling_finds_places_again(rng):
    true = rng.normal(size=(12, 3)) * [5, 3, 1]
    places = classical_scaling(squareform(pdist(true)), 3)
    np.testing.assert_allclose(pdist(places), pdist(true), atol=1e-9)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-9)
    assert (np.diff(places.var(axis=0)) < 0).all()
    assert (places[np.abs(places).argmax(axis=0), range(3)] > 0).all()
    flat = classical_scaling(squareform(pdist(true[:, :1])), 3)
    np.testing.assert_allclose(flat[:, 1:], 0, atol=1e-6)


def test_classical_scaling_is_what_principal_components_are(rng):
    true = rng.normal(size=(15, 4)) * [4, 3, 2, 1]
    expected = PCA(2).fit_transform(true)
    places = classical_scaling(squareform(pdist(true)), 2)
    np.testing.assert_allclose(np.abs(places), np.abs(expected), atol=1e-8)


def test_fidelity_is_one_of_a_true_map_and_low_of_none(rng):
    true = rng.normal(size=(40, 2))
    distances = squareform(pdist(true))
    assert fidelity(distances, true * 3 + 1, 5) == pytest.approx({"rho": 1, "kept": 1})
    found = fidelity(distances, rng.normal(size=(40, 2)), 5)
    assert abs(found["rho"]) < 0.2
    assert found["kept"] == pytest.approx(5 / 39, abs=0.12)
    turned = true[:, 0] * [[1], [0]]
    flat = fidelity(distances, turned.T, 5)
    index = NearestNeighbors(n_neighbors=6)
    near = [set(index.fit(one).kneighbors(one)[1][k]) - {k} for one in (true, turned.T)
            for k in range(40)]  # fmt: skip
    shared = [len(a & b) / 5 for a, b in zip(near[:40], near[40:], strict=True)]
    assert flat["kept"] == pytest.approx(np.mean(shared))


def test_fidelity_ranks_each_pair_once(rng):
    true, places = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    expected = spearmanr(pdist(true), pdist(places)).statistic
    assert fidelity(squareform(pdist(true)), places, 2)["rho"] == pytest.approx(expected)


def test_five_points_make_a_map_of_as_many_neighbours_as_there_are(rng):
    space = joint_space(*tables(units(rng)), "s1")
    few = Space(space.points.tail(5), space.distances[-5:, -5:], True, "nsd-simulated")
    points, true = place_points(few, call_roll(MODELS), list_layers(MODELS), 9, 0)
    assert len(points) == 5
    assert (true["points"] == 5).all()
    assert (true["kept"] == 1).all(), "all others are near"
    assert true["corrected"].all()
    told = true[["method", "dimensions"]].to_numpy().tolist()
    assert told == [["umap", 2], ["umap", 3], ["mds", 2], ["mds", 3]]


def test_maps_are_the_same_every_time_and_say_what_points_are(rng):
    space = joint_space(*tables(units(rng)), "s1")
    roll, layers = call_roll(MODELS), list_layers(MODELS)
    points, true = place_points(space, roll, layers, 4, 0)
    again = place_points(space, roll, layers, 4, 0)[0]
    pd.testing.assert_frame_equal(points, again)
    assert set(points) == set(POINTS) - {"dataset", "subject"}
    assert set(true) == set(FIDELITY) - {"dataset", "subject"}
    mapped = points.set_index(["model", "name"])
    area = mapped.loc[("", "V1")]
    assert (area["kind"], area["network"], area["modality"]) == ("area", "VIS", "")
    assert not area["trained"]
    nets = points[points["model"] == "net"]
    assert nets["trained"].all()
    assert not points.loc[points["model"] == "word", "trained"].any()
    expected = layers.loc[layers["model"] == "net", "depth"]
    np.testing.assert_array_equal(nets["depth"], expected)
    scaled = classical_scaling(space.distances, 3)
    np.testing.assert_allclose(points[["mds_x", "mds_y", "mds_z"]], scaled)
    other = place_points(space, roll, layers, 4, 1)[0]
    assert not np.allclose(points["umap_x"], other["umap_x"])


def test_neighbours_stay_neighbours():
    """Two groups of points, far from each other, in both maps."""
    rng = np.random.default_rng(3)
    places = rng.normal(0, 0.05, (16, 3))
    places[8:, 0] += 1
    names = [f"layer_{k}" for k in range(16)]
    frame = pd.DataFrame({"model": "net", "name": names})
    layers = frame.rename(columns={"name": "layer"}).assign(modality="vision", depth=0.5, units=1)
    space = Space(frame, squareform(pdist(places)), corrected=False, dataset="made")
    points, true = place_points(space, call_roll(MODELS), layers, 5, 0)
    for name in ("umap", "mds"):
        flat = squareform(pdist(points[[f"{name}_x", f"{name}_y"]]))
        np.fill_diagonal(flat, np.inf)
        assert (flat.argmin(axis=1) // 8 == np.arange(16) // 8).all()
    assert true.set_index(["method", "dimensions"]).loc[("mds", 2), "rho"] > 0.9


def test_too_few_points_make_no_map(rng, caplog):
    space = joint_space(*tables(units(rng)), "s1")
    few = type(space)(space.points.head(4), space.distances[:4, :4], space.corrected, "made")
    points, true = place_points(few, call_roll(MODELS), list_layers(MODELS), 4, 0)
    assert points.empty
    assert true.empty
    assert "no map of layers and areas: expected 5 points, got 4" in caplog.text


def test_the_command_lays_out_everybody(rng, tmp_path):
    layers = make_layers(rng)
    recording = make_recording(layers, rng)
    write_recording(tmp_path / "recording", recording)
    folder = write_model(tmp_path / "activations/efficientnet", layers, recording.stimuli)
    params = (PROJECT / "params.yaml").read_text()
    start, end = params.index("\nzoo:"), params.index("\nstory:")
    (tmp_path / "params.yaml").write_text(f"{params[:start]}\nzoo: [efficientnet]\n{params[end:]}")
    names = [("efficientnet", name) for name in layers] + [("", region) for region in REGIONS]
    at = {name: np.abs(rng.standard_normal(5)) for name in names}
    at = {name: one / np.linalg.norm(one) for name, one in at.items()}
    areas, between = tables(at)
    second = between[between["subject"] == "s1"].assign(subject="s2")
    both = pd.concat([between, second])
    alike = areas[areas["second_subject"] == "s1"].assign(subject="s2", second_subject="s2")
    made_from = of_layers(tmp_path / "recording", folder)
    write_table(tmp_path / "areas.parquet", pd.concat([areas, alike]), made_from)
    write_table(tmp_path / "layers.parquet", both, made_from)
    words = ["areas", "--recording", tmp_path / "recording"]
    words += ["--activations", tmp_path / "activations", "--out", tmp_path / "out"]
    words += ["--areas", tmp_path / "areas.parquet", "--layers", tmp_path / "layers.parquet"]
    words = [str(word) for word in [*words, "--params", tmp_path / "params.yaml"]]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    points, true = read_space(tmp_path / "out")
    assert list(points["subject"]) == ["s1"] * 5 + ["s2"] * 5
    assert len(true) == 8
    ends = read_ends(tmp_path / "out")
    assert len(ends) == 3 * 2 * len(REGIONS) * 3
    about, rows = read_about(folder, stimuli_digest(recording.stimuli))
    write_about(folder, replace(about, captions_digest="other"), rows)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert "captions changed after extraction" in done.output
    write_about(folder, about, rows)
    write_table(tmp_path / "areas.parquet", areas, {"recording made": "other"})
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert "compare_areas" in done.output.splitlines()[-1]
