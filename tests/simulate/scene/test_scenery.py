from collections import Counter

import numpy as np
import pytest

from stages.simulate.scene.scenery import AIRBORNE, KINDS, PLACES, SKIES, WALLS, imagine


@pytest.fixture(scope="module")
def scenes():
    return [imagine(rng) for rng in np.random.default_rng(3).spawn(400)]


def test_the_same_seed_imagines_the_same_scene():
    assert imagine(np.random.default_rng(5)) == imagine(np.random.default_rng(5))
    assert imagine(np.random.default_rng(5)) != imagine(np.random.default_rng(6))


def test_things_lie_within_the_picture_from_far_to_near(scenes):
    for scene in scenes:
        boxes = np.array([thing.box for thing in scene.things])
        assert 1 <= len(boxes) <= 4
        assert (boxes >= 0).all()
        assert (boxes <= 1).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()
        assert (np.diff(boxes[:, 3]) >= 0).all()


def test_things_have_the_shape_of_their_kind(scenes):
    for thing in (thing for scene in scenes for thing in scene.things):
        left, top, right, bottom = thing.box
        assert (right - left) / (bottom - top) == pytest.approx(KINDS[thing.category].aspect)
        assert thing.colour in KINDS[thing.category].colours


def test_things_are_where_they_may_be(scenes):
    for scene in scenes:
        assert scene.backdrop in (WALLS if scene.place.indoors else SKIES)
        for thing in scene.things:
            flies = thing.category in AIRBORNE and not scene.place.indoors
            assert thing.category in scene.place.hosts or flies
            if thing.category not in (*AIRBORNE, "clock"):
                assert thing.box[3] > scene.horizon


def test_every_place_sky_and_category_occurs(scenes):
    assert {scene.place for scene in scenes} == set(PLACES)
    assert {scene.backdrop for scene in scenes} == {*SKIES, *WALLS}
    shown = Counter(thing.category for scene in scenes for thing in scene.things)
    assert set(shown) == set(KINDS)
    assert min(shown.values()) > 10
