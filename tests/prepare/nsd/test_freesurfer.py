import logging
import shutil

import nibabel
import numpy as np
import pytest
from nibabel.freesurfer import write_geometry, write_morph_data
from scipy.spatial import KDTree

from stages.core.names.areas import AREAS
from stages.core.pictures.surfaces import HEMISPHERES, STANDARD, Mesh
from stages.core.pictures.surfaces import read_surfaces as read_back
from stages.core.run.errors import InputError
from stages.prepare.nsd.freesurfer import (
    check_order,
    read_surfaces,
    read_vertex_regions,
    surface_files,
    thin,
)
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.nsd.tree import AVERAGE, Tree
from stages.prepare.scenes import write_scenes
from tests.parcellation import faces, label_table, numbers, sphere
from tests.prepare.nsd_release import write_names

NAMES = dict(enumerate(AREAS, start=1))
SUBJECT = "subj01"
RADIUS = 60.0  # mm; the vertices of the own mesh are then 2 mm apart or more


def write_labels(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = np.asarray(values, np.float32)[:, None, None]
    nibabel.save(nibabel.MGHImage(data, np.eye(4)), path)


def write_surfaces(tree, planted):
    """Write labels of fsaverage, beyond fsaverage5 all of one region, and an own mesh."""
    for side, short in zip(HEMISPHERES, ("lh", "rh"), strict=True):
        rest = np.full(163842 - len(planted[side]), 180)
        write_labels(tree.vertex_regions(AVERAGE, short), np.r_[planted[side], rest])
        write_labels(tree.vertex_regions(SUBJECT, short), planted[side])
        surface = tree.surface(SUBJECT, short, "inflated")
        surface.parent.mkdir(parents=True, exist_ok=True)
        write_geometry(surface, RADIUS * sphere(side), faces(side))
        write_morph_data(tree.surface(SUBJECT, short, "sulc"), sphere(side)[:, 2])


@pytest.fixture(scope="module")
def planted():
    """Number of the region of each vertex, by hemisphere."""
    return numbers(np.random.default_rng(42), 180)


@pytest.fixture(scope="module")
def release(planted, tmp_path_factory):
    root = tmp_path_factory.mktemp("release")
    write_names(root)
    write_surfaces(Tree(root), planted)
    return root


@pytest.fixture
def tree(release, tmp_path):
    """Make a copy that a test may damage."""
    return Tree(shutil.copytree(release, tmp_path / "release"))


def test_the_standard_mesh_is_an_icosahedron_of_which_edges_are_halved():
    # So that the first vertices of a finer mesh are those of a coarser one.
    for side in HEMISPHERES:
        vertices = sphere(side)
        for n in (12, 42, 162, 642, 2562):
            _, nearest = KDTree(vertices[:n]).query(vertices[n : 4 * n - 6], k=2)
            middles = vertices[nearest].mean(axis=1)
            middles /= np.linalg.norm(middles, axis=1, keepdims=True)
            assert abs(middles - vertices[n : 4 * n - 6]).max() < 2e-4
            assert len(np.unique(np.sort(nearest, axis=1), axis=0)) == 3 * n - 6  # every edge


def test_labels_of_the_standard_mesh_are_the_first_of_the_file(tree, planted):
    found = read_surfaces(tree, [])
    assert list(found) == [STANDARD]
    assert found[STANDARD].meshes == {}
    expected = label_table(planted, AREAS)
    assert found[STANDARD].labels.to_dict("list") == expected.to_dict("list")


def test_the_own_mesh_is_thinned_with_its_labels(tree, planted):
    surface = read_surfaces(tree, [SUBJECT, "subj02"])[SUBJECT]
    sphere_depth = {side: sphere(side)[:, 2] for side in HEMISPHERES}
    for side, mesh in surface.meshes.items():
        original = RADIUS * sphere(side)
        assert 0.2 < len(mesh.coordinates) / len(original) < 0.9
        here = surface.labels[surface.labels["hemisphere"] == side].set_index("vertex")["region"]
        found = here.reindex(range(len(mesh.coordinates)), fill_value="")
        near = KDTree(original).query_ball_point(mesh.coordinates, 3 * np.sqrt(3))
        names = np.array(["", *AREAS])[planted[side]]
        for region, depth, around in zip(found, mesh.sulci, near, strict=True):
            same = np.isclose(sphere_depth[side][around], depth, atol=1e-6)
            assert region in names[around][same]


def test_recordings_hold_their_surfaces(nsd, planted, tmp_path):
    tree = Tree(nsd.root)
    write_surfaces(tree, planted)
    selection = Selection(subjects=[SUBJECT], sessions=[1], regions="all")
    scenes = load_nsd(nsd.root, "nsd", selection)
    write_scenes(tmp_path / "out", scenes)
    found = read_back(tmp_path / "out")
    assert list(found) == [STANDARD, SUBJECT]
    files = [str(path.relative_to(nsd.root)) for path in surface_files(tree, [SUBJECT])]
    assert len(files) == 8
    assert set(files) <= set(scenes.recording.sources)


def test_a_release_without_surfaces_has_none(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    assert read_surfaces(Tree(tmp_path), [SUBJECT]) == {}
    assert surface_files(Tree(tmp_path), [SUBJECT]) == []
    assert not caplog.records


@pytest.mark.parametrize("kind", ["inflated", "label"])
def test_an_incomplete_surface_is_left_out_by_name(tree, caplog, kind):
    caplog.set_level(logging.INFO)
    path = tree.vertex_regions(SUBJECT, "rh")
    path = path if kind == "label" else tree.surface(SUBJECT, "rh", kind)
    path.unlink()
    assert list(read_surfaces(tree, [SUBJECT])) == [STANDARD]
    assert f"{SUBJECT}: no surface, without {path}" in caplog.text
    assert len(surface_files(tree, [SUBJECT])) == 2


def test_the_depth_may_be_missing(tree):
    tree.surface(SUBJECT, "lh", "sulc").unlink()
    meshes = read_surfaces(tree, [SUBJECT])[SUBJECT].meshes
    assert meshes["left"].sulci is None
    assert meshes["right"].sulci is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v[:-1], "labels of another mesh .*expected 163842 vertices, got 163841"),
        (lambda v: np.where(np.arange(len(v)) == 5, 181, v), "expected -1 to 180, got 181"),
        (lambda v: np.where(np.arange(len(v)) == 5, 1.5, v), "region number .*got 1.5"),
        (lambda v: np.where(np.arange(len(v)) == 5, np.nan, v), "region number .*got nan"),
        (lambda v: np.roll(v, 5000), "labels do not belong to the mesh"),
        (lambda v: 0 * v, "labels do not belong to the mesh .*got 0%"),
    ],
)
def test_wrong_labels(tree, change, message):
    path = tree.vertex_regions(AVERAGE, "rh")
    values = nibabel.load(path).get_fdata().ravel()
    write_labels(path, change(values))
    with pytest.raises(InputError, match=rf"(?s)rh.HCP_MMP1.mgz|{message}") as error:
        read_surfaces(tree, [])
    assert error.match(message)
    assert error.match("rh.HCP_MMP1.mgz")


def test_cortex_outside_the_atlas_has_no_label(tree, planted):
    path = tree.vertex_regions(SUBJECT, "lh")
    values = np.where(planted["left"] == 7, -1, planted["left"])
    write_labels(path, values)
    np.testing.assert_array_equal(read_vertex_regions(path, len(values), NAMES), values)
    labels = read_surfaces(tree, [SUBJECT])[SUBJECT].labels
    assert AREAS[6] not in set(labels.loc[labels["hemisphere"] == "left", "region"])
    assert AREAS[6] in set(labels["region"])


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("kind", ["inflated", "sulc", "label"])
def test_damaged_files(tree, kind, keep):
    path = tree.vertex_regions(SUBJECT, "lh")
    path = path if kind == "label" else tree.surface(SUBJECT, "lh", kind)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(InputError, match=path.name):
        read_surfaces(tree, [SUBJECT])


def test_labels_and_mesh_of_different_subjects(tree, planted):
    path = tree.vertex_regions(SUBJECT, "lh")
    write_labels(path, planted["left"][:-3])
    with pytest.raises(InputError, match="labels of another mesh .*expected 10242"):
        read_surfaces(tree, [SUBJECT])


def test_order_counts_the_neighbours_of_one_region():
    # Two triangles with a common side; of their six sides, two are between unlike regions.
    square = np.array([[0, 1, 2], [1, 2, 3]])
    check_order(square, np.array([1, 1, 1, 2]), "here")  # 4 of 6
    check_order(square, np.array([1, 1, 1, 0]), "here")  # 4 of 4
    check_order(square, np.array([0, 1, 1, 2]), "here")  # 2 of 4
    with pytest.raises(InputError, match="got 33%"):
        check_order(square, np.array([1, 2, 2, 1]), "here")


def thin_naively(mesh, size):
    cells = {}
    for vertex, place in enumerate(mesh.coordinates):
        cells.setdefault(tuple(int(v) for v in np.floor(place / size)), []).append(vertex)
    order = sorted(cells)
    cell = {vertex: order.index(at) for at, members in cells.items() for vertex in members}
    means = np.array([mesh.coordinates[cells[at]].mean(axis=0) for at in order])
    triangles = {frozenset(cell[vertex] for vertex in face) for face in mesh.faces}
    return means, cell, {corners for corners in triangles if len(corners) == 3}


@pytest.mark.parametrize("size", [0.3, 0.8])
def test_thinning_is_that_of_a_loop(rng, size):
    places = rng.standard_normal((200, 3)).astype(np.float32)
    corners = rng.random((500, 200)).argsort(axis=1)[:, :3].astype(np.int32)
    depth = rng.standard_normal(200).astype(np.float32)
    mesh = Mesh(places, corners, depth)
    found, kept = thin(mesh, size)
    means, cell, triangles = thin_naively(mesh, size)
    assert len(means) < 200
    np.testing.assert_allclose(found.coordinates, means, atol=1e-5)
    assert {frozenset(face) for face in found.faces.tolist()} == triangles
    assert len(found.faces) == len(triangles)
    assert [cell[vertex] for vertex in kept] == list(range(len(means)))
    np.testing.assert_array_equal(found.sulci, depth[kept])
    for new, old in enumerate(kept):
        members = [vertex for vertex, at in cell.items() if at == new]
        far = np.linalg.norm(places[members] - means[new], axis=1)
        np.testing.assert_allclose(np.linalg.norm(places[old] - means[new]), far.min(), atol=1e-5)


def test_thinning_may_do_nothing_or_leave_nothing(rng):
    places = rng.uniform(1, 2, (50, 3)).astype(np.float32)
    corners = np.unique(np.sort(rng.random((80, 50)).argsort(axis=1)[:, :3], axis=1), axis=0)
    mesh = Mesh(places, corners.astype(np.int32))
    found, kept = thin(mesh, 1e-4)
    np.testing.assert_allclose(found.coordinates, places[kept], atol=1e-6)
    assert sorted(map(sorted, kept[found.faces].tolist())) == corners.tolist()
    found, kept = thin(mesh, 100.0)
    assert (len(found.coordinates), len(found.faces), len(kept)) == (1, 0, 1)
