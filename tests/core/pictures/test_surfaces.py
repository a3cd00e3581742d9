import re

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from stages.core.pictures.surfaces import (
    HEMISPHERES,
    STANDARD,
    Mesh,
    Surface,
    check_surface,
    read_surfaces,
    write_surfaces,
)
from stages.core.run.errors import InputError


def make_mesh(rng, n_vertices=20, n_faces=30, sulci=True):
    corners = rng.random((n_faces, n_vertices)).argsort(axis=1)[:, :3]
    return Mesh(
        rng.standard_normal((n_vertices, 3)).astype(np.float32),
        corners.astype(np.int32),
        rng.standard_normal(n_vertices).astype(np.float32) if sulci else None,
    )


def make_labels(**changes):
    table = {"hemisphere": ["left", "left", "right"], "vertex": [0, 7, 7]}
    return pd.DataFrame(table | {"region": ["V1", "4", "V1"]} | changes)


@pytest.fixture
def surfaces(rng):
    """Labels on the standard mesh, and on own meshes with and without depth."""
    own = {side: make_mesh(rng) for side in HEMISPHERES}
    bare = {side: make_mesh(rng, 9, 5, sulci=False) for side in HEMISPHERES}
    labels = make_labels(vertex=[0, 10241, 7])
    return {
        STANDARD: Surface(labels),
        "subj01": Surface(make_labels(), own),
        "subj02": Surface(make_labels(), bare),
    }


def test_surfaces_survive_a_round_trip(surfaces, tmp_path):
    write_surfaces(tmp_path, surfaces)
    found = read_surfaces(tmp_path)
    assert list(found) == [STANDARD, "subj01", "subj02"]
    for name, surface in surfaces.items():
        pd.testing.assert_frame_equal(found[name].labels, surface.labels)
        assert set(found[name].meshes) == set(surface.meshes)
        for side, mesh in surface.meshes.items():
            again = vars(found[name].meshes[side])
            for part, values in vars(mesh).items():
                assert (again[part] is None) == (values is None)
                if values is not None:
                    np.testing.assert_array_equal(again[part], values, strict=True)


def test_a_recording_may_have_no_surface(tmp_path):
    write_surfaces(tmp_path, {})
    assert list(tmp_path.iterdir()) == []
    assert read_surfaces(tmp_path) == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vertex": [0, 10242, 7]}, "unknown vertex .*expected 0 to 10241, got 10242"),
        ({"vertex": [-1, 0, 7]}, "unknown vertex"),
        ({"vertex": [7, 7, 7]}, "vertex with two labels"),
        ({"hemisphere": ["lh", "left", "left"]}, "unknown hemisphere .*got {'lh'}"),
    ],
)
def test_wrong_labels(changes, message):
    with pytest.raises(InputError, match=f"{STANDARD}.*|{message}") as error:
        check_surface(STANDARD, Surface(make_labels(**changes)), "here")
    assert re.search(message, str(error.value))


def test_a_surface_without_labels():
    with pytest.raises(InputError, match="no labelled vertex"):
        check_surface(STANDARD, Surface(make_labels().head(0)), "here")


def test_vertices_of_an_own_mesh_end_with_it(surfaces):
    labels = make_labels(vertex=[0, 9, 7])
    check_surface("subj01", Surface(labels, surfaces["subj01"].meshes), "here")
    with pytest.raises(InputError, match="subj02: expected 0 to 8, got 9"):
        check_surface("subj02", Surface(labels, surfaces["subj02"].meshes), "here")


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("faces", lambda values: values + 20, "triangle of an unknown vertex"),
        ("faces", lambda values: values - 20, "triangle of an unknown vertex"),
        ("faces", lambda values: values[:0], "wrong shape"),
        ("faces", lambda values: values[:, :2], "wrong shape"),
        ("coordinates", lambda values: values[:, :2], "wrong shape"),
        ("coordinates", lambda values: np.full_like(values, np.nan), "not finite"),
        ("sulci", lambda values: values[:-1], "wrong shape"),
        ("sulci", lambda values: np.full_like(values, np.inf), "not finite"),
    ],
)
def test_wrong_meshes(rng, part, change, message):
    meshes = {side: make_mesh(rng) for side in HEMISPHERES}
    good = vars(meshes["right"])
    meshes["right"] = Mesh(**(good | {part: change(good[part])}))
    with pytest.raises(InputError, match=f"{message}.* surface of s, right"):
        check_surface("s", Surface(make_labels(), meshes), "here")


def test_an_own_mesh_has_both_hemispheres(rng):
    with pytest.raises(InputError, match="mesh missing"):
        check_surface("s", Surface(make_labels(), {"left": make_mesh(rng)}), "here")


@pytest.mark.parametrize("content", [b"not a mesh", b""])
def test_damaged_mesh(surfaces, tmp_path, content):
    write_surfaces(tmp_path, surfaces)
    (tmp_path / "subj01" / "mesh.safetensors").write_bytes(content)
    with pytest.raises(InputError, match="mesh.safetensors.*prepare_scene"):
        read_surfaces(tmp_path)


def test_mesh_without_a_part(surfaces, tmp_path):
    write_surfaces(tmp_path, surfaces)
    save_file({"left.faces": np.zeros((1, 3))}, tmp_path / "subj01" / "mesh.safetensors")
    with pytest.raises(InputError, match="unreadable mesh .*left.coordinates"):
        read_surfaces(tmp_path)


def test_nothing_wrong_is_written(surfaces, tmp_path):
    wrong = Surface(make_labels(vertex=[0, 1, 999]), surfaces["subj01"].meshes)
    with pytest.raises(InputError, match="unknown vertex"):
        write_surfaces(tmp_path, surfaces | {"subj01": wrong})
    assert list(tmp_path.iterdir()) == []


def replaced(values, place, value):
    """A copy with one value of another kind."""
    other = values.copy()
    other[place] = value
    return other


@pytest.mark.parametrize(
    ("side", "part", "change", "message"),
    [
        ("left", "coordinates", ((4, 1), np.nan), "values that are not finite"),
        ("right", "sulci", (3, np.nan), "values that are not finite"),
        ("left", "faces", ((0, 0), -1), "unknown vertex .*left: expected 0 to 19"),
        ("right", "faces", ((29, 2), 20), "unknown vertex .*right: expected 0 to 19"),
    ],
)
def test_one_wrong_value_of_a_mesh(rng, side, part, change, message):
    meshes = {side: make_mesh(rng) for side in HEMISPHERES}
    good = vars(meshes[side])
    ends = replaced(replaced(good["faces"], (1, 1), 0), (1, 2), 19)
    meshes[side] = Mesh(**(good | {"faces": ends}))
    check_surface("s", Surface(make_labels(), meshes), "here")
    good = vars(meshes[side])
    meshes[side] = Mesh(**(good | {part: replaced(good[part], *change)}))
    with pytest.raises(InputError, match=message):
        check_surface("s", Surface(make_labels(), meshes), "here")


def test_a_vertex_may_have_a_label_in_each_hemisphere_and_the_smaller_one_ends_first(rng):
    meshes = {"left": make_mesh(rng, 20), "right": make_mesh(rng, 9)}
    labels = make_labels(hemisphere=["left", "left", "right"], vertex=[0, 19, 0])
    check_surface("s", Surface(labels, meshes), "here")
    wrong = make_labels(hemisphere=["left", "right", "right"], vertex=[19, 0, 9])
    with pytest.raises(InputError, match="unknown vertex .*expected 0 to 8, got 9"):
        check_surface("s", Surface(wrong, meshes), "here")


def test_a_mesh_has_its_shapes_and_no_third_hemisphere(rng):
    mesh = make_mesh(rng)
    with pytest.raises(InputError, match=r"mesh missing .*got \['left', 'right', 'top'\]"):
        check_surface("s", Surface(make_labels(), dict.fromkeys([*HEMISPHERES, "top"], mesh)), "x")
