"""Which region places belong to, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.region_atlas import Atlas, GridLabels, labelled_share, nearest
from stages.prepare.atlases.region_rows import NOWHERE
from stages.prepare.series.measured_places import Places, vertex_table, voxel_table

REGIONS = pd.DataFrame({"region": ["A", "B", "C"], "hemisphere": ["L", "", "R"]})


class Fixed:
    """Labels that are the same of any places."""

    def __init__(self, *rows):
        self.rows = np.array(rows, dtype=np.int32)

    def rows_at(self, places, where):
        assert where == "made"
        return self.rows


def test_places_have_the_side_of_their_region_or_their_own(caplog):
    places = Places("volume", voxel_table(np.zeros((4, 3), dtype=np.int64), np.array(list("RRLL"))))
    atlas = Atlas("made", "", REGIONS, Fixed(0, 1, NOWHERE, 2), ())
    found = atlas.label(places)
    assert found["region"].tolist() == ["A", "B", "", "C"]
    assert found["hemisphere"].tolist() == ["L", "R", "L", "R"]
    assert not caplog.messages
    Atlas("made", "", REGIONS, Fixed(1, 1, NOWHERE, NOWHERE), ()).label(places)
    assert "made: in these images" in caplog.text
    assert "A, C" in caplog.text


def test_the_share_in_regions():
    assert labelled_share(pd.DataFrame({"region": ["A", "", "C", "B"]})) == 0.75
    assert labelled_share(pd.DataFrame({"region": []})) == 0.0


def test_a_grid_is_read_at_its_nearest_voxel_and_nowhere_beyond():
    """Voxels of 2 mm, the first at -1 mm; half-way counts for the higher index."""
    rows = np.arange(2 * 3 * 4, dtype=np.int32).reshape(2, 3, 4)
    affine = np.array([[2.0, 0, 0, -1], [0, 2, 0, -1], [0, 0, 2, -1], [0, 0, 0, 1]])
    places = {
        (-1, -1, -1): 0,
        (-1.999, -1, -1): 0,
        (-2.0, -1, -1): 0,
        (-2.001, -1, -1): NOWHERE,
        (-1, -2.001, -1): NOWHERE,
        (-1, -1, -2.001): NOWHERE,
        (0, -1, -1): 12,
        (1.999, -1, -1): 12,
        (2, -1, -1): NOWHERE,
        (-1, 3.999, -1): 8,
        (-1, 4, -1): NOWHERE,
        (-1, -1, 5.999): 3,
        (-1, -1, 6): NOWHERE,
        (1, 3, 5): 23,
    }
    found = nearest(rows, affine, np.array(list(places), dtype=float))
    assert found.tolist() == list(places.values())
    assert found.dtype == np.int32


def test_vertices_beside_voxels_are_in_no_region_of_a_volume():
    voxels = voxel_table(np.array([[0, 0, 0], [1, 0, 0]]), np.array(["", ""]))
    table = pd.concat([vertex_table("L", np.array([4])), voxels], ignore_index=True)
    rows = np.array([7, 8], dtype=np.int32).reshape(2, 1, 1)
    places = Places("cifti", table, np.eye(4), (2, 1, 1), {"L": 9})
    labels = GridLabels(rows, np.eye(4))
    assert labels.rows_at(places, "here").tolist() == [NOWHERE, 7, 8]
    meshes = Places("surface", vertex_table("L", np.array([4])), vertices={"L": 9})
    with pytest.raises(InputError, match="another kind in here: .*got one of a volume"):
        labels.rows_at(meshes, "here")
