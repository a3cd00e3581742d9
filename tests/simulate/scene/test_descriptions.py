from itertools import pairwise

import numpy as np
import pytest

from stages.simulate.scene.descriptions import describe
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
