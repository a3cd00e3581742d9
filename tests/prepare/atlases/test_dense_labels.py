"""Labels of grayordinates laid on meshes and grids, worked out by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.dense_labels import dense_atlas, spread
from stages.prepare.atlases.region_rows import NOWHERE, REGION_COLUMNS
from stages.prepare.series.measured_places import Places, vertex_table, voxel_table

PATH = Path("made.dlabel.nii")


def places():
    """Vertices of both meshes, and voxels of two structures that lie side by side."""
    below = voxel_table(np.array([[0, 0, 0], [1, 0, 0], [1, 2, 1]]), np.full(3, ""))
    below["structure"] = ["X", "Y", "Y"]
    tables = [vertex_table("L", np.array([3, 1])), vertex_table("R", np.array([0])), below]
    affine = np.diag([2.0, 2, 2, 1])
    table = pd.concat(tables, ignore_index=True)
    return Places("cifti", table, affine, (2, 3, 2), {"L": 5, "R": 4})


def test_rows_lie_on_their_meshes_and_on_the_grid_of_their_structure():
    labels = spread(places(), np.array([7, NOWHERE, 8, 1, 2, 3], dtype=np.int32))
    assert labels.rows["L"].tolist() == [NOWHERE, NOWHERE, NOWHERE, 7, NOWHERE]
    assert labels.rows["R"].tolist() == [8, NOWHERE, NOWHERE, NOWHERE]
    assert set(labels.voxels) == {"X", "Y"}
    for structure, told in {"X": {(0, 0, 0): 1}, "Y": {(1, 0, 0): 2, (1, 2, 1): 3}}.items():
        grid = labels.voxels[structure]
        assert (grid.shape, grid.dtype) == ((2, 3, 2), np.int32)
        expected = np.full((2, 3, 2), NOWHERE)
        for at, row in told.items():
            expected[at] = row
        np.testing.assert_array_equal(grid, expected)
    np.testing.assert_array_equal(labels.affine, np.diag([2.0, 2, 2, 1]))
    back = labels.rows_at(places(), "here")
    assert back.tolist() == [7, NOWHERE, 8, 1, 2, 3]


def test_labels_without_a_name_or_a_place_are_told_and_left_out(caplog):
    """Label 4 has a name and no place, 6 a place and no name; 0 is nothing."""
    named = {9: "Last", 4: "Empty", 2: "First"}
    atlas = dense_atlas(PATH, "fsLR", places(), np.array([9, 0, 2, 6, 9, 2]), named)
    assert set(atlas.regions["region"]) == {"First", "Last"}
    assert atlas.regions.columns.tolist() == list(REGION_COLUMNS)
    assert atlas.regions.index.tolist() == [0, 1]
    found = atlas.label(places())["region"].tolist()
    assert found == ["Last", "", "First", "", "Last", "First"]
    assert (atlas.name, atlas.space, atlas.files) == (PATH.name, "fsLR", (PATH,))
    assert "Empty" in caplog.text
    assert "6" in caplog.text
    assert len(caplog.messages) == 2
    caplog.clear()
    dense_atlas(PATH, "fsLR", places(), np.array([9, 9, 2, 2.0000001, 9, 2]), {9: "A", 2: "B"})
    assert not caplog.messages


def test_an_atlas_has_a_region():
    with pytest.raises(InputError, match=str(PATH)):
        dense_atlas(PATH, "fsLR", places(), np.zeros(6), {9: "A"})
