"""Regions of vertices and of voxels below the cortex, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.mesh_labels import MeshLabels
from stages.prepare.atlases.region_rows import NOWHERE
from stages.prepare.series.measured_places import Places, vertex_table, voxel_table

VERTICES = {"L": 5, "R": 4}


def dense(voxels=((0, 0, 0), (1, 0, 0), (1, 1, 0)), structures=("X", "Y", "Y"), affine=None):
    """Places on both meshes, and voxels of some structures."""
    below = voxel_table(np.array(voxels, dtype=np.int64).reshape(-1, 3), np.full(len(voxels), ""))
    below["structure"] = list(structures)
    tables = [vertex_table("L", np.array([3, 1])), vertex_table("R", np.array([0])), below]
    table = pd.concat(tables, ignore_index=True)
    return Places("cifti", table, np.eye(4) if affine is None else affine, (2, 2, 1), VERTICES)


ROWS = {
    "L": np.array([10, 11, 12, 13, 14], dtype=np.int32),
    "R": np.array([20, 21, 22, 23], dtype=np.int32),
}


def test_vertices_go_by_their_number_and_voxels_by_their_structure():
    grid = np.array([[[30], [31]], [[32], [33]]], dtype=np.int32)
    labels = MeshLabels(ROWS, {"X": 5}, {"Y": grid}, np.eye(4))
    found = labels.rows_at(dense(), "here")
    assert found.tolist() == [13, 11, 20, 5, 32, 33]
    assert found.dtype == np.int32
    moved = np.eye(4)
    moved[0, 3] = -1
    assert labels.rows_at(dense(affine=moved), "here").tolist() == [13, 11, 20, 5, 30, 31]


def test_a_structure_without_labels_is_in_no_region():
    grid = np.zeros((2, 2, 1), dtype=np.int32)
    for labels in (MeshLabels(ROWS), MeshLabels(ROWS, voxels={"Y": grid})):
        assert labels.rows_at(dense(), "here").tolist()[3:] == [NOWHERE] * 3
    only = MeshLabels(ROWS, voxels={"X": grid}, affine=np.eye(4))
    assert only.rows_at(dense(), "here").tolist()[3:] == [0, NOWHERE, NOWHERE]


def test_a_hemisphere_without_labels_is_in_no_region():
    found = MeshLabels({"L": ROWS["L"]}).rows_at(dense((), ()), "here")
    assert found.tolist() == [13, 11, NOWHERE]


def test_a_finer_mesh_of_fsaverage_begins_with_the_coarser():
    for finer, coarser in ((642, 2562), (2562, 642)):
        rows = {"L": np.arange(finer, dtype=np.int32)}
        table = vertex_table("L", np.array([641, 2]))
        places = Places("surface", table, vertices={"L": coarser})
        if finer > coarser:
            assert MeshLabels(rows).rows_at(places, "here").tolist() == [641, 2]
            continue
        with pytest.raises(InputError, match="another mesh in here, L: expected 2562 ver.*got 642"):
            MeshLabels(rows).rows_at(places, "here")


@pytest.mark.parametrize("finer", [163842, 40962, 10242])
def test_the_meshes_of_fsaverage_have_so_many_vertices(finer):
    """Each icosahedron has a fourth of the faces of the finer one: 4 (n - 2) + 2 vertices."""
    coarser = (finer - 2) // 4 + 2
    places = Places("surface", vertex_table("R", np.array([coarser - 1])), vertices={"R": coarser})
    labels = MeshLabels({"R": np.arange(finer, dtype=np.int32)})
    assert labels.rows_at(places, "here").tolist() == [coarser - 1]


@pytest.mark.parametrize(("own", "asked"), [(700, 642), (2562, 700), (12, 10)])
def test_other_meshes_are_refused(own, asked):
    places = Places("surface", vertex_table("L", np.array([0])), vertices={"L": asked})
    with pytest.raises(InputError, match=f"another mesh .*{asked} vertices, got {own}"):
        MeshLabels({"L": np.zeros(own, dtype=np.int32)}).rows_at(places, "here")


def test_a_volume_has_no_vertices():
    places = Places("volume", voxel_table(np.zeros((1, 3), dtype=np.int64), np.array([""])))
    with pytest.raises(InputError, match="another kind in here: expected an atlas of a volume"):
        MeshLabels(ROWS).rows_at(places, "here")
