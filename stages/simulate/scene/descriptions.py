"""What five people would write about a scene."""

from collections.abc import Sequence

import numpy as np

from stages.simulate.scene.scenery import AIRBORNE, KINDS, Scene, Thing

NUMBERS = {1: "a", 2: "two", 3: "three", 4: "four"}
# What things of a category do, said of one and of several.
DOING = {
    "person": (("stands", "stand"), ("waits", "wait"), ("looks around", "look around")),
    "car": (("is parked", "are parked"), ("drives by", "drive by")),
    "bus": (("is parked", "are parked"), ("has stopped", "have stopped")),
    "boat": (("floats", "float"), ("sails", "sail")),
    "bird": (("flies", "fly"), ("glides by", "glide by")),
    "dog": (("stands", "stand"), ("plays", "play"), ("waits", "wait")),
    "zebra": (("grazes", "graze"), ("stands", "stand"), ("walks", "walk")),
    "umbrella": (("has been left open", "have been left open"), ("stands", "stand")),
    "kite": (("flies", "fly"), ("hovers", "hover")),
    "sports ball": (("lies", "lie"), ("rolls", "roll")),
    "clock": (("hangs", "hang"), ("shows the time", "show the time")),
    "potted plant": (("grows", "grow"), ("stands", "stand")),
}
MOODS = ("quiet", "pretty", "simple", "strange", "lovely")


def describe(scene: Scene, rng: np.random.Generator) -> list[str]:
    """Write five captions of a scene, each of another kind, in any order.

    They name the things with their number, colour and pattern, where they are relative to each
    other, the place, and what is above it.
    """
    groups = _groups(scene.things)
    texts = [
        _inventory(scene, groups),
        _action(scene, groups, rng),
        _relation(scene, groups),
        _view(scene, groups, rng),
        _brief(scene, groups, rng),
    ]
    return [_sentence(texts[index]) for index in rng.permutation(len(texts))]


def _groups(things: Sequence[Thing]) -> list[list[Thing]]:
    """Gather things of a category, those nearest to the viewer first."""
    found: dict[str, list[Thing]] = {}
    for thing in reversed(things):
        found.setdefault(thing.category, []).append(thing)
    return list(found.values())


def _name(group: Sequence[Thing]) -> str:
    """Name things: `two striped red cars`, `a person in blue`."""
    first, several = group[0], len(group) > 1
    noun = KINDS[first.category].plural if several else first.category.replace("sports ", "")
    look = first.colour if first.pattern == "plain" else f"{first.pattern} {first.colour}"
    count = NUMBERS[len(group)]
    if first.category == "zebra":
        return f"{count} {noun}"
    if first.category == "person":
        return f"{count} {noun} in {look}"
    article = "an" if count == "a" and look[0] in "aeiou" else count
    return f"{article} {look} {noun}"


def _inventory(scene: Scene, groups: list[list[Thing]]) -> str:
    named = " and ".join(_name(group) for group in groups)
    return f"{named} {scene.place.phrase} {scene.backdrop.phrase}"


def _action(scene: Scene, groups: list[list[Thing]], rng: np.random.Generator) -> str:
    group = groups[0]
    doing = DOING[group[0].category]
    verb = doing[int(rng.integers(len(doing)))][len(group) > 1]
    rest = f" while {_name(groups[1])} can be seen nearby" if len(groups) > 1 else ""
    return f"{_name(group)} {verb} {scene.place.phrase}{rest}"


def _relation(scene: Scene, groups: list[list[Thing]]) -> str:
    is_are = "are" if len(groups[0]) > 1 else "is"
    if len(groups) == 1:
        middle = float(np.mean([thing.middle for thing in groups[0]]))
        side = (
            "on the left" if middle < 0.4 else "on the right" if middle > 0.6 else "in the middle"
        )
        return f"{_name(groups[0])} {is_are} {side} of the picture {scene.backdrop.phrase}"
    near, far = groups[0], groups[1]
    relation = _where(near[0], far[0])
    return f"{_name(near)} {is_are} {relation} {_name(far)} {scene.place.phrase}"


def _where(one: Thing, other: Thing) -> str:
    """Say where one thing is relative to another."""
    if one.box[3] < other.box[1]:
        return "above"
    if one.box[1] > other.box[3]:
        return "below"
    if one.box[2] < other.middle:
        return "to the left of"
    if one.box[0] > other.middle:
        return "to the right of"
    return "in front of" if one.category not in AIRBORNE else "close to"


def _view(scene: Scene, groups: list[list[Thing]], rng: np.random.Generator) -> str:
    mood = MOODS[int(rng.integers(len(MOODS)))]
    named = " and ".join(_name(group) for group in groups)
    return f"a {mood} picture {scene.backdrop.phrase}, showing {named}"


def _brief(scene: Scene, groups: list[list[Thing]], rng: np.random.Generator) -> str:
    group = groups[int(rng.integers(len(groups)))]
    there = "there are" if len(group) > 1 else "there is"
    return f"{there} {_name(group)} {scene.place.phrase}"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
