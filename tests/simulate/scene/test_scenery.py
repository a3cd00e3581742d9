from collections import Counter

import numpy as np
import pytest

from stages.simulate.scene import scenery
from stages.simulate.scene.scenery import (
    AIRBORNE,
    KINDS,
    PLACES,
    SKIES,
    WALLS,
    Thing,
    _put,
    _stand,
    imagine,
)


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


class Ends:
    """A generator that gives one end of every range that it is asked for, and keeps the ranges."""

    def __init__(self, *, high, ints=0):
        self.high, self.ints, self.asked = high, ints, []

    def uniform(self, low, high):
        self.asked.append((low, high))
        return high if self.high else low

    def integers(self, *limits):
        return self.ints


@pytest.mark.parametrize(
    ("category", "horizon", "ranges"),
    [
        ("car", 0.5, [(0, 0.6), (0.55, 0.98)]),
        ("car", 0.1, [(0, 0.6), (0.3, 0.98)]),
        ("kite", 0.5, [(0, 0.6), (0, 0.2)]),
        ("clock", 0.25, [(0, 0.6), (0, 0.02)]),
    ],
)
def test_where_a_thing_may_stand(category, horizon, ranges):
    """0.4 wide and 0.3 high: a foot below the horizon and within the picture, or high up."""
    rng = Ends(high=False)
    left, top = _stand(category, 0.4, 0.3, horizon, rng)
    assert rng.asked == [pytest.approx(one) for one in ranges]
    assert left == 0
    assert top == pytest.approx(ranges[1][0] - (0.3 if category == "car" else 0))


@pytest.mark.parametrize(
    ("category", "high", "size"),
    [
        ("bus", False, (0.42 * 0.7 * 1.7, 0.42 * 0.7)),
        ("person", True, (0.42 * 0.75, 0.75)),
        ("bus", True, (0.9, 0.9 / 1.7)),
    ],
)
def test_a_thing_has_the_shape_of_its_kind_and_fits_into_the_picture(category, high, size):
    rng = Ends(high=high, ints=1)
    found = _put(category, "red", "plain", horizon=0.2, others=[], rng=rng)
    left, top, right, bottom = found.box
    assert (right - left, bottom - top) == pytest.approx(size)
    assert len(rng.asked) == 1 + 2 * 6
    assert rng.asked[0] == (0.7, 1.5)
    assert found.mirrored
    assert (found.category, found.colour, found.pattern) == (category, "red", "plain")


def test_a_thing_is_put_farthest_from_the_nearest_of_the_others(monkeypatch):
    places = iter([(0.0, 0.1), (0.3, 0.2), (0.55, 0.3), (0.7, 0.4), (0.1, 0.5), (0.2, 0.6)])
    monkeypatch.setattr(scenery, "_stand", lambda *told: next(places))
    others = [Thing("car", "red", "plain", (side, 0, side + 0.2, 1), False) for side in (0.0, 0.9)]
    found = _put("clock", "red", "plain", horizon=0.4, others=others, rng=Ends(high=False))
    assert found.box[:2] == (0.55, 0.3)
    assert not found.mirrored


def test_how_many_things_there_are_of_how_many_kinds(scenes):
    """One or two categories, as many times each; of four groups three are of one thing."""
    kinds = Counter(len({thing.category for thing in scene.things}) for scene in scenes)
    assert set(kinds) == {1, 2}
    assert abs(kinds[1] / len(scenes) - 0.5) < 0.1
    groups = Counter(
        n for scene in scenes for n in Counter(one.category for one in scene.things).values()
    )
    assert set(groups) == {1, 2}
    assert abs(groups[2] / groups.total() - 0.25) < 0.06
    horizons = [scene.horizon for scene in scenes]
    assert 0.35 <= min(horizons) < 0.37
    assert 0.68 < max(horizons) <= 0.7


def test_looks_are_those_that_a_kind_can_have(scenes):
    things = [thing for scene in scenes for thing in scene.things]
    zebras = {thing.pattern for thing in things if thing.category == "zebra"}
    assert zebras == {"striped"}
    others = Counter(thing.pattern for thing in things if thing.category != "zebra")
    assert abs(others["plain"] / others.total() - 0.5) < 0.08
    assert set(others) == {"plain", "striped", "spotted"}
    assert abs(np.mean([thing.mirrored for thing in things]) - 0.5) < 0.08
