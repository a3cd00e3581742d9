import numpy as np
import pandas as pd
import pytest

from stages.core.pictures.surfaces import Mesh, Surface
from stages.report.cortex_pictures import HEIGHT, WIDTH, cortex_of, numbered, picture
from tests.report.unpacked import array_of

# A square box: eight corners, x to the right, y to the front, z to the top.
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)


def side(x):
    """The two triangles of the side of the box at x."""
    corner = [4 * (x > 0) + place for place in range(4)]
    return [[corner[0], corner[1], corner[2]], [corner[1], corner[2], corner[3]]]


FACES = np.array([*side(-1), *side(1)], np.int32)
PLACE = np.array([0, 5, -3], np.float32)  # no brain lies about the origin
BOX = Mesh(CORNERS + PLACE, FACES, np.repeat([-1.0, 1.0], 4).astype(np.float32))


@pytest.fixture
def labels():
    """Every corner is a region of its own: named by side, front or back, top or bottom."""
    names = [
        "".join(pair[int(at > 0)] for pair, at in zip(("lr", "bf", "dt"), one, strict=True))
        for one in CORNERS
    ]
    return pd.DataFrame({"hemisphere": "left", "vertex": range(8), "region": names})


@pytest.mark.parametrize(("towards", "seen", "first"), [(-1, "l", "f"), (1, "r", "b")])
def test_the_near_side_is_seen_the_right_way_round(labels, towards, seen, first):
    areas = sorted(labels["region"])
    found, light = picture(BOX, numbered(labels, "left", areas, 8), towards)
    assert found.shape == light.shape == (HEIGHT, WIDTH)
    names = {areas[number - 1] for number in np.unique(found[found > 0])}
    assert names == {f"{seen}{y}{z}" for y in "bf" for z in "dt"}
    rows, columns = np.nonzero(light)
    left, top = columns < columns.mean(), rows < rows.mean()
    corner = found[rows[left & top], columns[left & top]]
    # From the left, the front of the brain is left; from the right, it is right.
    assert areas[np.bincount(corner).argmax() - 1] == f"{seen}{first}t"
    # The left side of the box is a gyrus, the right one a sulcus.
    assert len(np.unique(light[light > 0])) == 1
    assert (light.max() > 200) == (towards < 0)


def test_there_are_no_holes(labels):
    found, _ = picture(BOX, numbered(labels, "left", sorted(labels["region"]), 8), -1)
    rows, columns = np.nonzero(found)
    inside = found[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert (inside > 0).mean() > 0.99


def test_areas_that_are_not_labelled_are_none(labels):
    few = labels[labels["region"] == "lft"]
    found, light = picture(BOX, numbered(few, "left", ["lft"], 8), -1)
    assert set(np.unique(found)) == {0, 1}
    assert 0.15 < (found > 0).sum() / (light > 0).sum() < 0.4
    assert numbered(few, "right", ["lft"], 8).sum() == 0


def test_a_persons_own_mesh_is_drawn_in_four_views(labels):
    made = cortex_of({"subj01": Surface(labels, {"left": BOX, "right": BOX})})
    assert made["mesh"] == "subj01"
    assert [view["name"].split()[0] for view in made["views"]] == ["left"] * 2 + ["right"] * 2
    codes = array_of(made["views"][0]["areas"], "u1")
    assert len(codes) == made["width"] * made["height"]
    names = {made["areas"][code - 1] for code in np.unique(codes[codes > 0])}
    assert names == {"lbd", "lbt", "lfd", "lft"}


def test_without_a_surface_there_is_no_cortex():
    assert cortex_of({}) == {}
