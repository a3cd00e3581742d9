"""What simulated photographs show: places, skies and walls, and the things in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]

COLOURS: dict[str, Colour] = {
    "red": (200, 35, 40),
    "orange": (235, 130, 30),
    "yellow": (240, 215, 60),
    "green": (45, 140, 60),
    "blue": (40, 80, 190),
    "purple": (120, 50, 150),
    "pink": (240, 150, 180),
    "brown": (110, 70, 40),
    "black": (25, 25, 30),
    "white": (240, 240, 240),
    "gray": (130, 130, 135),
}


@dataclass(frozen=True)
class Place:
    """Where a scene is set.

    Attributes
    ----------
    phrase : str
        As a caption says it.
    ground : tuple of int
        Colour of the lower part.
    texture : str
        Of the ground: `grain`, `waves`, `blades`, `planks`, `tiles` or `plain`.
    indoors : bool
        A wall above the ground, or else a sky.
    hosts : tuple of str
        Categories of things that stand there.
    """

    phrase: str
    ground: Colour
    texture: str
    indoors: bool
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Backdrop:
    """What is above the ground: how a caption says it, colours at the top and below, light."""

    phrase: str
    top: Colour
    bottom: Colour
    texture: str
    light: float


_STREET = ("car", "bus", "person", "dog", "clock", "umbrella")
_OPEN = ("person", "dog", "zebra", "umbrella", "sports ball", "potted plant")
_ROOM = ("person", "dog", "sports ball", "potted plant", "umbrella", "clock")
PLACES = (
    Place("in a grassy meadow", (80, 145, 60), "blades", False, _OPEN),
    Place("on a sandy beach", (220, 195, 140), "grain", False, _OPEN),
    Place("on a city street", (95, 95, 100), "plain", False, _STREET),
    Place("on the calm water of a lake", (50, 100, 150), "waves", False, ("boat", "bird")),
    Place("in a snowy field", (235, 240, 248), "grain", False, (*_OPEN, "bus")),
    Place("in the dry desert", (200, 125, 70), "waves", False, (*_OPEN, "car")),
    Place("in a living room", (140, 95, 55), "planks", True, _ROOM),
    Place("in a tiled kitchen", (200, 205, 205), "tiles", True, _ROOM),
)
SKIES = (
    Backdrop("under a clear blue sky", (60, 120, 215), (170, 205, 240), "plain", 1.0),
    Backdrop("under a cloudy sky", (165, 175, 190), (215, 220, 225), "clouds", 0.9),
    Backdrop("at sunset", (95, 60, 120), (250, 150, 70), "clouds", 0.75),
    Backdrop("at night", (8, 10, 35), (30, 35, 75), "stars", 0.45),
)
WALLS = (
    Backdrop("next to a white wall", (225, 225, 220), (205, 205, 200), "plain", 1.0),
    Backdrop("in front of striped wallpaper", (205, 180, 120), (195, 165, 105), "stripes", 0.9),
    Backdrop("in front of a brick wall", (160, 75, 60), (145, 65, 50), "bricks", 0.85),
    Backdrop("in front of blue tiles", (110, 150, 190), (95, 140, 180), "tiles", 0.95),
)
# Only these fly; birds rest on the water too.
AIRBORNE = ("bird", "kite")


@dataclass(frozen=True)
class Kind:
    """A category of COCO: its plural, width relative to height, height in the picture, colours."""

    plural: str
    aspect: float
    height: float
    colours: tuple[str, ...] = tuple(COLOURS)


KINDS = {
    "person": Kind("people", 0.42, 0.5),
    "car": Kind("cars", 1.9, 0.26),
    "bus": Kind("buses", 1.7, 0.42),
    "boat": Kind("boats", 1.1, 0.45),
    "bird": Kind("birds", 1.5, 0.16),
    "dog": Kind("dogs", 1.35, 0.26, ("brown", "black", "white", "gray", "orange")),
    "zebra": Kind("zebras", 1.35, 0.42, ("white",)),
    "umbrella": Kind("umbrellas", 1.05, 0.4),
    "kite": Kind("kites", 0.75, 0.3),
    "sports ball": Kind("balls", 1.0, 0.16),
    "clock": Kind("clocks", 1.0, 0.24, ("white", "yellow", "black", "red", "brown")),
    "potted plant": Kind("potted plants", 0.7, 0.36, ("orange", "brown", "white", "blue")),
}
CATEGORIES = tuple(KINDS)
PATTERNS = ("plain", "plain", "striped", "spotted")


@dataclass(frozen=True)
class Thing:
    """A thing in a scene.

    Attributes
    ----------
    category : str
    colour, pattern : str
        Names; `plain`, `striped` or `spotted`.
    box : tuple of float
        Left, top, right, bottom in parts of the picture, within it.
    mirrored : bool
        Looking left.
    """

    category: str
    colour: str
    pattern: str
    box: Box
    mirrored: bool

    @property
    def middle(self) -> float:
        """Where it is from left to right, in parts of the picture."""
        return (self.box[0] + self.box[2]) / 2


@dataclass(frozen=True)
class Scene:
    """One scene: everything that its picture and its captions are made from.

    Attributes
    ----------
    place : Place
    backdrop : Backdrop
    horizon : float
        Height of the ground's upper edge, from the top, in parts of the picture.
    things : tuple of Thing
        From far to near.
    """

    place: Place
    backdrop: Backdrop
    horizon: float
    things: tuple[Thing, ...]


def imagine(rng: np.random.Generator) -> Scene:
    """Think of a scene: one to four things of one or two categories, where they may be."""
    place = PLACES[rng.integers(len(PLACES))]
    backdrops = WALLS if place.indoors else SKIES
    backdrop = backdrops[rng.integers(len(backdrops))]
    horizon = float(rng.uniform(0.35, 0.7))
    possible = place.hosts if place.indoors else (*place.hosts, *AIRBORNE)
    chosen = rng.choice(sorted(set(possible)), int(rng.integers(1, 3)), replace=False)
    things: list[Thing] = []
    for category in chosen.tolist():
        colour = str(rng.choice(KINDS[category].colours))
        pattern = "striped" if category == "zebra" else str(rng.choice(PATTERNS))
        for _ in range(int(rng.choice((1, 1, 1, 2)))):
            things.append(_put(category, colour, pattern, horizon=horizon, others=things, rng=rng))
    return Scene(place, backdrop, horizon, tuple(sorted(things, key=lambda thing: thing.box[3])))


def _put(
    category: str,
    colour: str,
    pattern: str,
    *,
    horizon: float,
    others: Sequence[Thing],
    rng: np.random.Generator,
) -> Thing:
    """Find room for a thing: of a few places, that farthest from the others."""
    kind = KINDS[category]
    height = kind.height * float(rng.uniform(0.7, 1.5))
    width = min(height * kind.aspect, 0.9)
    height = width / kind.aspect
    places = [_stand(category, width, height, horizon, rng) for _ in range(6)]
    gaps = [
        min((abs(left + width / 2 - other.middle) for other in others), default=1.0)
        for left, _ in places
    ]
    left, top = places[int(np.argmax(gaps))]
    return Thing(
        category, colour, pattern, (left, top, left + width, top + height), bool(rng.integers(2))
    )


def _stand(
    category: str, width: float, height: float, horizon: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Left and top of a thing that stands on the ground, flies, or hangs on high."""
    left = float(rng.uniform(0, 1 - width))
    if category in AIRBORNE or category == "clock":
        return left, float(rng.uniform(0, max(horizon - height, 0.02)))
    foot = float(rng.uniform(max(horizon + 0.05, height), 0.98))
    return left, foot - height
