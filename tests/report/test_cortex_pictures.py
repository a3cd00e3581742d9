import numpy as np
import pandas as pd
import pytest

from stages.core.pictures.surfaces import Mesh, Surface
from stages.report.cortex_pictures import (
    HEIGHT,
    VIEWS,
    WIDTH,
    _barycentric,
    _fineness,
    cortex_of,
    numbered,
    picture,
    standard_meshes,
)
from tests.report.unpacked import array_of

# A square box: eight corners, x to the right, y to the front, z to the top.
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)


def side(axis, end):
    """The two triangles of the side of the box at an end of an axis."""
    corner = np.flatnonzero(CORNERS[:, axis] == end)
    return [corner[:3], corner[1:]]


PLACE = np.array([0, 5, -3], np.float32)  # no brain lies about the origin
SIDES = VIEWS["the sides"]
FROM_LEFT, FROM_RIGHT = SIDES["left lateral"], SIDES["right lateral"]


def box(axis):
    """The two sides of the box across an axis; where x is low it is a gyrus, else a sulcus."""
    faces = np.array([*side(axis, -1), *side(axis, 1)], np.int32)
    return Mesh(CORNERS + PLACE, faces, np.repeat([-1.0, 1.0], 4).astype(np.float32))


BOX = box(0)


@pytest.fixture
def labels():
    """Every corner is a region of its own: named by side, front or back, top or bottom."""
    names = [
        "".join(pair[int(at > 0)] for pair, at in zip(("lr", "bf", "dt"), one, strict=True))
        for one in CORNERS
    ]
    return pd.DataFrame({"hemisphere": "left", "vertex": range(8), "region": names})


# What is near, and what of it is seen at the left above.
SEEN = {
    "left lateral": ("l", "lft"),
    "left medial": ("r", "rbt"),
    "right medial": ("l", "lft"),
    "right lateral": ("r", "rbt"),
    "left ventral": ("d", "lfd"),
    "left dorsal": ("t", "rft"),
    "right dorsal": ("t", "lbt"),
    "right ventral": ("d", "rbd"),
}


@pytest.mark.parametrize("title", SEEN)
def test_the_near_side_is_seen_the_right_way_round(labels, title):
    near, first = SEEN[title]
    views = {name: view for some in VIEWS.values() for name, view in some.items()}
    assert views.keys() == SEEN.keys()
    areas = sorted(labels["region"])
    mesh = box(0 if near in "lr" else 2)
    found, light = picture(mesh, numbered(labels, "left", areas, 8), views[title])
    assert found.shape == light.shape == (HEIGHT, WIDTH)
    names = {areas[number - 1] for number in np.unique(found[found > 0])}
    assert names == {name for name in areas if near in name}
    rows, columns = np.nonzero(light)
    left, top = columns < columns.mean(), rows < rows.mean()
    corner = found[rows[left & top], columns[left & top]]
    assert areas[np.bincount(corner).argmax() - 1] == first


def test_gyri_are_lighter_than_sulci(labels):
    """The left side of the box is a gyrus, the right one a sulcus."""
    codes = numbered(labels, "left", sorted(labels["region"]), 8)
    lights = [picture(BOX, codes, view)[1] for view in (FROM_LEFT, FROM_RIGHT)]
    gyrus, sulcus = (np.unique(light[light > 0]) for light in lights)
    assert len(gyrus) == len(sulcus) == 1
    assert gyrus > 200 > sulcus


def test_there_are_no_holes(labels):
    found, _ = picture(BOX, numbered(labels, "left", sorted(labels["region"]), 8), FROM_LEFT)
    rows, columns = np.nonzero(found)
    inside = found[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (inside > 0).mean() > 0.99


def test_areas_that_are_not_labelled_are_none(labels):
    few = labels[labels["region"] == "lft"]
    found, light = picture(BOX, numbered(few, "left", ["lft"], 8), FROM_LEFT)
    assert set(np.unique(found)) == {0, 1}
    assert 0.15 < (found > 0).sum() / (light > 0).sum() < 0.4
    assert numbered(few, "right", ["lft"], 8).sum() == 0


def test_a_persons_own_mesh_is_drawn_from_all_sides(labels):
    made = cortex_of({"subj01": Surface(labels, {"left": BOX, "right": BOX})})
    assert made["mesh"] == "subj01"
    for some in made["views"].values():
        assert [view["name"].split()[0] for view in some] == ["left"] * 2 + ["right"] * 2
    codes = array_of(made["views"]["the sides"][0]["areas"], "u1")
    assert len(codes) == made["width"] * made["height"]
    names = {made["areas"][code - 1] for code in np.unique(codes[codes > 0])}
    assert names == {"lbd", "lbt", "lfd", "lft"}


def test_without_a_surface_there_is_no_cortex():
    assert cortex_of({}) == {}


@pytest.mark.parametrize(
    ("across", "up", "columns", "rows"), [(4, 2, (6, 374), (48, 232)), (2, 4, (123, 257), (6, 274))]
)
def test_a_picture_fills_its_frame_but_for_the_margin(labels, across, up, columns, rows):
    """368 × 268 pixels in the middle of 380 × 280, whichever side is the longer."""
    size = np.array([1, across / 2, up / 2], np.float32)
    mesh = Mesh(CORNERS * size + PLACE, BOX.faces)
    found, light = picture(mesh, numbered(labels, "left", sorted(labels["region"]), 8), FROM_LEFT)
    seen = np.nonzero(light)
    assert (seen[1].max(), seen[0].max()) == (columns[1], rows[1])
    assert abs(seen[1].min() - columns[0]) <= 1  # on the border of two pixels
    assert abs(seen[0].min() - rows[0]) <= 1
    assert set(np.unique(light)) == {0, 235}  # of unknown depth, as gyri are
    assert found.shape == (280, 380)
    whole = light[rows[0] : rows[1] + 1, columns[0] : columns[1] + 1]
    assert (whole > 0).all()


def test_light_of_gyri_and_sulci(labels):
    codes = numbered(labels, "left", sorted(labels["region"]), 8)
    level = Mesh(BOX.coordinates, BOX.faces, np.zeros(8, np.float32))
    lights = [
        set(np.unique(picture(mesh, codes, view)[1]).tolist())
        for mesh, view in ((BOX, FROM_LEFT), (BOX, FROM_RIGHT), (level, FROM_LEFT))
    ]
    assert lights == [{0, 235}, {0, 175}, {0, 235}]


def test_points_of_a_triangle_and_how_many_its_longest_edge_needs():
    """Of two triangles, 999 of 1000 are the longer one's edge."""
    weights = _barycentric(2)
    expected = [(0, 0, 1), (0.5, 0, 0.5), (1, 0, 0), (0, 0.5, 0.5), (0.5, 0.5, 0), (0, 1, 0)]
    np.testing.assert_allclose(weights, expected)
    small = np.array([[0, 0, 0], [3, 0, 0], [3, 4, 0]], np.float32)
    assert _fineness(small[None]) == 6
    assert _fineness(np.stack([small, 4 * small])) == 21
    assert _fineness(small[None] * np.float32(1.02)) == 7


@pytest.mark.parametrize(("regions", "width"), [(255, 1), (256, 2)])
def test_numbers_of_areas_take_the_bytes_that_they_need(regions, width):
    names = [f"{place:03}" for place in range(regions)]
    labels = pd.DataFrame({"hemisphere": "left", "vertex": 0, "region": names})
    made = cortex_of({"subj01": Surface(labels, {"left": BOX, "right": BOX})})
    assert made["areas"] == names
    areas = made["views"]["the sides"][0]["areas"]
    assert areas["width"] == width
    assert array_of(areas, f"<u{width}").max() == regions
    light = array_of(made["views"]["the sides"][0]["light"], "u1")
    assert (made["width"], made["height"], len(light)) == (380, 280, 380 * 280)


def test_the_standard_surface_is_that_of_nilearn():
    made = standard_meshes()
    assert list(made) == ["left", "right"]
    for mesh in made.values():
        assert mesh.coordinates.shape == (10242, 3)
        assert mesh.faces.shape == (20480, 3)
        assert (mesh.coordinates.dtype, mesh.faces.dtype) == (np.float32, np.int32)
        assert 0.3 < (mesh.sulci > 0).mean() < 0.7
