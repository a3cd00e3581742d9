from itertools import pairwise

import numpy as np
import pytest

from stages.simulate.scene.descriptions import _name, _where, describe
from stages.simulate.scene.scenery import KINDS, PLACES, SKIES, Scene, Thing, imagine


def thing(category, colour, box, pattern="plain"):
    return Thing(category, colour, pattern, box, mirrored=False)


def captions(*things, place=PLACES[1], sky=SKIES[2]):
    return set(describe(Scene(place, sky, 0.5, things), np.random.default_rng(1)))


CAR = thing("car", "orange", (0.1, 0.6, 0.3, 0.7))
DOG = thing("dog", "brown", (0.6, 0.7, 0.8, 0.9))
KITE = thing("kite", "red", (0.1, 0.1, 0.2, 0.2), "striped")


def test_five_captions_name_things_colours_place_and_sky():
    found = captions(CAR, DOG)
    assert len(found) == 5
    assert "A brown dog and an orange car on a sandy beach at sunset." in found
    assert "A brown dog is to the right of an orange car on a sandy beach." in found


@pytest.mark.parametrize(
    ("far", "near", "relation"),
    [
        (KITE, CAR, "An orange car is below a striped red kite"),
        (CAR, KITE, "A striped red kite is above an orange car"),
        (DOG, CAR, "An orange car is to the left of a brown dog"),
        (CAR, thing("bus", "blue", (0.05, 0.5, 0.5, 0.9)), "A blue bus is in front of an orange"),
    ],
)
def test_relations_are_those_of_the_boxes(far, near, relation):
    assert any(text.startswith(relation) for text in captions(far, near))


def test_several_of_a_kind_are_counted():
    more = thing("person", "green", (0.6, 0.3, 0.7, 0.8)), thing("person", "green", (0, 0, 1, 1))
    found = captions(*more)
    assert "Two people in green are in the middle of the picture at sunset." in found
    assert not any("person" in text for text in found)


def test_captions_are_sentences_about_what_is_there(rng):
    for _ in range(200):
        scene = imagine(rng)
        nouns = {kind: kind.replace("sports ", "") for kind in KINDS}
        there = {t.category for t in scene.things}
        for text in describe(scene, rng):
            assert text[0].isupper()
            assert text.endswith(".")
            assert "  " not in text
            named = {
                kind
                for kind, noun in nouns.items()
                if {noun, KINDS[kind].plural} & set(_phrases(text))
            }
            assert named <= there
            assert named


def _phrases(text):
    """Words and pairs of words."""
    words = text.lower().strip(".").replace(",", "").split()
    return [*words, *(" ".join(pair) for pair in pairwise(words))]


class Told:
    """A generator that takes the same place of every choice, and leaves an order as it is."""

    def __init__(self, place):
        self.place = place

    def integers(self, several):
        return self.place % several

    def permutation(self, several):
        return range(several)


TWO_CARS = thing("car", "orange", (0.5, 0.6, 0.9, 0.75)), CAR


@pytest.mark.parametrize(
    ("place", "things", "expected"),
    [
        (
            0,
            (DOG, *TWO_CARS),
            [
                "Two orange cars and a brown dog on a sandy beach at sunset.",
                "Two orange cars are parked on a sandy beach while a brown dog can be seen nearby.",
                "Two orange cars are to the left of a brown dog on a sandy beach.",
                "A quiet picture at sunset, showing two orange cars and a brown dog.",
                "There are two orange cars on a sandy beach.",
            ],
        ),
        (
            1,
            (*TWO_CARS, DOG),
            [
                "A brown dog and two orange cars on a sandy beach at sunset.",
                "A brown dog plays on a sandy beach while two orange cars can be seen nearby.",
                "A brown dog is to the right of two orange cars on a sandy beach.",
                "A pretty picture at sunset, showing a brown dog and two orange cars.",
                "There are two orange cars on a sandy beach.",
            ],
        ),
        (
            2,
            (DOG,),
            [
                "A brown dog on a sandy beach at sunset.",
                "A brown dog waits on a sandy beach.",
                "A brown dog is on the right of the picture at sunset.",
                "A simple picture at sunset, showing a brown dog.",
                "There is a brown dog on a sandy beach.",
            ],
        ),
    ],
)
def test_the_five_captions_word_by_word(place, things, expected):
    scene = Scene(PLACES[1], SKIES[2], 0.5, things)
    assert describe(scene, Told(place)) == expected


@pytest.mark.parametrize(
    ("left", "right", "side"),
    [
        (0.0, 0.75, "on the left"),
        (0.25, 0.5625, "in the middle"),
        (0.25, 0.9375, "in the middle"),
        (0.5, 0.75, "on the right"),
    ],
)
def test_where_things_of_one_kind_are_in_the_picture(left, right, side):
    """The mean of their middles, below 0.4 or above 0.6."""
    boxes = [(left, 0.5, left, 0.9), (right, 0.5, right, 0.9)]
    found = captions(*(thing("bus", "red", box) for box in boxes))
    assert f"Two red buses are {side} of the picture at sunset." in found


@pytest.mark.parametrize(
    ("one", "box", "other", "said"),
    [
        ("car", (0.5, 0.0, 0.75, 0.25), (0.5, 0.25, 0.75, 0.5), "in front of"),
        ("car", (0.5, 0.0, 0.75, 0.25), (0.5, 0.26, 0.75, 0.5), "above"),
        ("car", (0.5, 0.5, 0.75, 0.75), (0.5, 0.25, 0.75, 0.5), "in front of"),
        ("car", (0.5, 0.51, 0.75, 0.75), (0.5, 0.25, 0.75, 0.5), "below"),
        ("car", (0.25, 0.0, 0.5, 0.5), (0.25, 0.0, 0.75, 0.5), "in front of"),
        ("car", (0.25, 0.0, 0.49, 0.5), (0.25, 0.0, 0.75, 0.5), "to the left of"),
        ("car", (0.5, 0.0, 0.75, 0.5), (0.25, 0.0, 0.75, 0.5), "in front of"),
        ("car", (0.51, 0.0, 0.75, 0.5), (0.25, 0.0, 0.75, 0.5), "to the right of"),
        ("kite", (0.5, 0.0, 0.75, 0.5), (0.25, 0.0, 0.75, 0.5), "close to"),
        ("bird", (0.5, 0.0, 0.75, 0.5), (0.25, 0.0, 0.75, 0.5), "close to"),
    ],
)
def test_where_one_thing_is_beside_another_to_the_limit(one, box, other, said):
    assert _where(thing(one, "red", box), thing("dog", "red", other)) == said


@pytest.mark.parametrize(
    ("things", "named"),
    [
        ([("sports ball", "orange", "plain")], "an orange ball"),
        ([("sports ball", "orange", "spotted")], "a spotted orange ball"),
        ([("sports ball", "red", "plain")] * 2, "two red balls"),
        ([("zebra", "white", "striped")], "a zebra"),
        ([("zebra", "white", "striped")] * 2, "two zebras"),
        ([("person", "orange", "plain")], "a person in orange"),
        ([("person", "blue", "striped")] * 3, "three people in striped blue"),
        ([("car", "orange", "plain")] * 4, "four orange cars"),
    ],
)
def test_how_things_are_named(things, named):
    assert _name([thing(kind, hue, (0, 0, 1, 1), look) for kind, hue, look in things]) == named
