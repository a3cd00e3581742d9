from dataclasses import replace

import numpy as np
import pytest

from stages.simulate.scene.drawing import SIDE, SKETCHES, draw, texture
from stages.simulate.scene.scenery import PLACES, SKIES, WALLS, Scene, Thing, imagine

BOX = (0.25, 0.5, 0.75, 0.875)
TEXTURES = {one.texture for one in (*PLACES, *SKIES, *WALLS)}


def scene(*things):
    return Scene(PLACES[0], SKIES[0], 0.5, things)


def picture(*things, seed=8):
    return draw(scene(*things), np.random.default_rng(seed)).astype(int)


def test_pictures_are_photographs_of_one_size(rng):
    one = draw(imagine(rng), rng)
    assert one.shape == (SIDE, SIDE, 3)
    assert one.dtype == np.uint8
    assert one.std() > 5


def test_the_same_seed_draws_the_same_picture():
    assert (picture(seed=1) == picture(seed=1)).all()
    assert (picture(seed=1) != picture(seed=2)).any()


@pytest.mark.parametrize("category", SKETCHES)
def test_a_thing_is_drawn_in_its_box_and_nowhere_else(category):
    thing = Thing(category, "purple", "plain", BOX, mirrored=False)
    # The grain of the camera hides a thing no more than a blur moves its edges.
    changed = np.abs(picture(thing) - picture()).max(axis=2) > 12
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    found = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    np.testing.assert_allclose(found, np.array(BOX) * SIDE, atol=4)


@pytest.mark.parametrize("category", SKETCHES)
def test_no_shape_of_a_sketch_leaves_its_box(category):
    sketch = SKETCHES[category]
    for shape in (*sketch.body, *(shape for _, shape in sketch.details)):
        assert 0 <= min(shape) < max(shape) <= 1


def test_a_ball_covers_what_an_ellipse_does():
    ball = Thing("sports ball", "purple", "plain", BOX, mirrored=False)
    covered = (np.abs(picture(ball) - picture()).max(axis=2) > 12).sum()
    left, top, right, bottom = np.array(BOX) * SIDE
    assert covered == pytest.approx(np.pi / 4 * (right - left) * (bottom - top), rel=0.1)


def test_patterns_and_colours_show():
    plain = Thing("bus", "blue", "plain", BOX, mirrored=False)
    shown = [picture(plain), picture(replace(plain, colour="red"))]
    shown += [picture(replace(plain, pattern=name)) for name in ("striped", "spotted")]
    inside = np.array(shown)[:, 68:100, 40:90]
    differences = np.abs(inside[:, None] - inside).mean(axis=(2, 3, 4))
    assert (differences[~np.eye(4, dtype=bool)] > 5).all()


def test_a_mirrored_thing_looks_the_other_way():
    dog = Thing("dog", "black", "plain", BOX, mirrored=False)
    bare = picture()
    right, left = (
        np.abs(picture(one) - bare).sum(axis=(0, 2)) for one in (dog, replace(dog, mirrored=True))
    )
    turned = np.corrcoef(right, left[::-1])[0, 1]
    assert turned > np.corrcoef(right, left)[0, 1] + 0.05


@pytest.mark.parametrize("name", sorted(TEXTURES))
def test_textures_vary_about_one(name, rng):
    surfaces = np.array([texture(name, (60, 80), rng) for _ in range(20)])
    assert surfaces.shape == (20, 60, 80)
    assert surfaces.std(axis=(1, 2)).min() > 0.01
    assert 0.85 < surfaces.mean() < 1.25


def test_each_surface_has_its_own_texture(rng):
    """Correlation of neighbours across and down tells, on average, the kinds apart."""

    def neighbours(name):
        surfaces = [texture(name, (60, 80), rng) for _ in range(20)]
        return [
            np.mean([np.corrcoef(a[:, 1:].ravel(), a[:, :-1].ravel())[0, 1] for a in surfaces]),
            np.mean([np.corrcoef(a[1:].ravel(), a[:-1].ravel())[0, 1] for a in surfaces]),
        ]

    stripes, planks, blades, plain = map(neighbours, ("stripes", "planks", "blades", "plain"))
    assert stripes[1] > 0.99 > stripes[0]
    assert planks[0] > planks[1] + 0.2
    assert blades[1] > blades[0] + 0.1
    assert min(plain) > 0.95
