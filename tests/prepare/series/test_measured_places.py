"""Tables of voxels and vertices, by hand."""

import numpy as np
import pandas as pd
import pytest

from stages.prepare.series.measured_places import (
    PLACE_COLUMNS,
    Places,
    side_of,
    to_mm,
    vertex_table,
    voxel_table,
)

AFFINE = np.array([[-2.0, 0, 1, 10], [0, 3, 0, -20], [0.5, 0, 4, 30], [0, 0, 0, 1]])
VOXELS = np.array([[0, 0, 0], [1, 2, 3]])


def test_voxels_are_numbered_by_their_indices():
    table = voxel_table(VOXELS, np.array(["L", ""]), "STEM")
    assert table.columns.tolist() == list(PLACE_COLUMNS)
    assert table["id"].tolist() == ["0-0-0", "1-2-3"]
    assert table["hemisphere"].tolist() == ["L", ""]
    assert table[["i", "j", "k"]].to_numpy().tolist() == VOXELS.tolist()
    assert table["vertex"].isna().all()
    assert table["structure"].tolist() == ["STEM", "STEM"]
    assert [str(table[name].dtype) for name in ("i", "j", "k", "vertex")] == ["Int64"] * 4
    assert voxel_table(VOXELS, np.array(["", ""]))["structure"].tolist() == ["", ""]


def test_vertices_are_numbered_with_their_side():
    table = vertex_table("R", np.array([7, 123456]), "CORTEX")
    assert table.columns.tolist() == list(PLACE_COLUMNS)
    assert table["id"].tolist() == ["R-00007", "R-123456"]
    assert table["vertex"].tolist() == [7, 123456]
    assert table[["i", "j", "k"]].isna().to_numpy().all()
    assert set(table["hemisphere"]) == {"R"}
    assert set(table["structure"]) == {"CORTEX"}
    assert [str(table[name].dtype) for name in ("i", "j", "k", "vertex")] == ["Int64"] * 4
    pd.testing.assert_series_equal(table.dtypes, voxel_table(VOXELS, np.array(["", ""])).dtypes)


def test_voxels_lie_where_the_affine_puts_them():
    expected = [[10, -20, 30], [-2 + 3 + 10, 6 - 20, 0.5 + 12 + 30]]
    np.testing.assert_allclose(to_mm(VOXELS, AFFINE), expected)
    vertices = vertex_table("L", np.array([5]))
    table = pd.concat([vertices, voxel_table(VOXELS, np.array(["", ""]))], ignore_index=True)
    places = Places("cifti", table, AFFINE, (9, 9, 9), {"L": 10})
    assert len(places) == 3
    assert places.on_grid.tolist() == [False, True, True]
    assert places.voxels.tolist() == VOXELS.tolist()
    assert places.voxels.dtype == np.int64
    np.testing.assert_allclose(places.xyz, expected)
    without = Places("surface", vertices, vertices={"L": 10})
    assert without.xyz.shape == (0, 3)
    assert without.voxels.shape == (0, 3)


@pytest.mark.parametrize(
    ("x", "side"),
    [
        (-0.0011, "L"),
        (-1e-3, ""),
        (1e-3, ""),
        (-0.0009, ""),
        (0.0, ""),
        (0.0009, ""),
        (0.0011, "R"),
        (40, "R"),
    ],
)
def test_the_midline_is_a_thousandth_of_a_millimetre_to_either_side(x, side):
    assert side_of(np.array([x])).tolist() == [side]
