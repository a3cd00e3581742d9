"""Pictures of scenes: a backdrop, a textured ground, and things made of simple shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, zoom

from stages.simulate.scene.scenery import COLOURS, Colour, Scene, Thing

Array = NDArray[np.float32]

# Pixels along a side.
SIDE = 128
# Each thing is drawn so many times larger, then shrunk, so that its edges are smooth.
FINER = 2
DARK, PALE, GREEN, SKIN = (35, 35, 40), (225, 232, 240), (50, 120, 55), (205, 150, 115)


@dataclass(frozen=True)
class Sketch:
    """Shapes in parts of a thing's box.

    Attributes
    ----------
    body : sequence of tuple
        In the thing's colour and pattern: four numbers are an ellipse (left, top, right, bottom),
        more are the corners of a polygon.
    details : sequence of (colour, shape)
        On top.
    """

    body: Sequence[tuple[float, ...]]
    details: Sequence[tuple[Colour, tuple[float, ...]]]


def _bar(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    return (left, top, right, top, right, bottom, left, bottom)


def _wheels(*middles: float, width: float = 0.16) -> list[tuple[Colour, tuple[float, ...]]]:
    return [(DARK, (middle - width / 2, 0.7, middle + width / 2, 1)) for middle in middles]


_QUADRUPED = (
    (0.05, 0.25, 0.75, 0.7),
    (0.68, 0, 1, 0.4),
    (0.6, 0.35, 0.72, 0.1, 0.85, 0.35, 0.7, 0.55),
    *(_bar(left, 0.5, left + 0.09, 1) for left in (0.12, 0.25, 0.52, 0.64)),
    (0, 0.25, 0.1, 0.35, 0.06, 0.6, 0.02, 0.6),
)
_LEAVES = [
    (GREEN, (0.5, 0.72, x - 0.14, y + 0.12, x, y, x + 0.14, y + 0.12))
    for x, y in ((0.15, 0.2), (0.35, 0.02), (0.65, 0), (0.85, 0.22), (0.5, 0.1))
]
SKETCHES = {
    "person": Sketch(
        [_bar(0.2, 0.22, 0.8, 0.6), _bar(0, 0.24, 0.18, 0.55), _bar(0.82, 0.24, 1, 0.55)],
        [
            (SKIN, (0.28, 0, 0.72, 0.2)),
            (DARK, _bar(0.22, 0.6, 0.46, 1)),
            (DARK, _bar(0.54, 0.6, 0.78, 1)),
        ],
    ),
    "car": Sketch(
        [_bar(0, 0.42, 1, 0.85), (0.15, 0.45, 0.3, 0, 0.72, 0, 0.88, 0.45)],
        [(PALE, (0.24, 0.4, 0.34, 0.1, 0.68, 0.1, 0.78, 0.4)), *_wheels(0.22, 0.78)],
    ),
    "bus": Sketch(
        [_bar(0, 0, 1, 0.88)],
        [
            *((PALE, _bar(left, 0.15, left + 0.16, 0.45)) for left in (0.06, 0.28, 0.5, 0.72)),
            *_wheels(0.2, 0.8),
        ],
    ),
    "boat": Sketch(
        [(0, 0.7, 1, 0.7, 0.82, 1, 0.18, 1)],
        [(DARK, _bar(0.46, 0, 0.5, 0.7)), (PALE, (0.52, 0.02, 0.95, 0.62, 0.52, 0.62))],
    ),
    "bird": Sketch(
        [
            (0.2, 0.42, 0.75, 1),
            (0.65, 0.2, 0.9, 0.55),
            (0.3, 0.5, 0.4, 0, 0.6, 0.5),
            (0.25, 0.6, 0, 0.45, 0.05, 0.85),
        ],
        [(COLOURS["orange"], (0.88, 0.32, 1, 0.4, 0.88, 0.46)), (DARK, (0.76, 0.3, 0.8, 0.37))],
    ),
    "dog": Sketch(_QUADRUPED, [(DARK, (0.93, 0.14, 1, 0.24)), (DARK, (0.66, 0, 0.76, 0.26))]),
    "zebra": Sketch(_QUADRUPED, [(DARK, (0.9, 0.15, 1, 0.4)), (DARK, (0.6, 0, 0.68, 0.3))]),
    "umbrella": Sketch(
        [(0, 0.5, 0.08, 0.25, 0.28, 0.06, 0.5, 0, 0.72, 0.06, 0.92, 0.25, 1, 0.5)],
        [(DARK, _bar(0.48, 0.5, 0.52, 1)), (DARK, (0.4, 0.92, 0.52, 1))],
    ),
    "kite": Sketch(
        [(0.5, 0, 1, 0.28, 0.5, 0.68, 0, 0.28)],
        [
            (DARK, (0.49, 0.66, 0.62, 0.8, 0.42, 0.9, 0.52, 1, 0.45, 0.9, 0.56, 0.8)),
            (PALE, (0.5, 0.02, 0.53, 0.3, 0.5, 0.66, 0.47, 0.3)),
        ],
    ),
    "sports ball": Sketch(
        [(0, 0, 1, 1)],
        [(PALE, (0.36, 0.36, 0.64, 0.64)), (DARK, _bar(0.02, 0.48, 0.98, 0.52))],
    ),
    "clock": Sketch(
        [(0, 0, 1, 1)],
        [
            (PALE, (0.12, 0.12, 0.88, 0.88)),
            (DARK, _bar(0.47, 0.2, 0.53, 0.53)),
            (DARK, _bar(0.47, 0.47, 0.75, 0.53)),
        ],
    ),
    "potted plant": Sketch([(0.22, 0.65, 0.78, 0.65, 0.68, 1, 0.32, 1)], _LEAVES),
}


def draw(scene: Scene, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a scene as a photograph would show it.

    Light, focus and grain differ from picture to picture, as do the sizes of textures.

    Returns
    -------
    ndarray of uint8, shape (SIDE, SIDE, 3)
    """
    rows = int(scene.horizon * SIDE)
    pixels = np.empty((SIDE, SIDE, 3), np.float32)
    above, place = scene.backdrop, scene.place
    height = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    pixels[:rows] = np.array(above.top) * (1 - height) + np.array(above.bottom) * height
    pixels[rows:] = np.array(place.ground)
    pixels[:rows] *= texture(above.texture, (rows, SIDE), rng)[..., None]
    pixels[rows:] *= texture(place.texture, (SIDE - rows, SIDE), rng)[..., None]
    pixels *= above.light * rng.uniform(0.85, 1.15)
    canvas = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    for thing in scene.things:
        _paint(canvas, thing, above.light**0.5, rng)
    return _expose(np.asarray(canvas, np.float32), rng)


def texture(name: str, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Relative brightness of a surface, about 1.

    Parameters
    ----------
    name : str
        `plain`, `grain`, `waves`, `blades`, `planks`, `tiles`, `bricks`, `stripes`, `clouds` or
        `stars`.
    shape : tuple of int
    rng : Generator
        Draws size, place and strength.
    """
    y, x = np.indices(shape, np.float32)
    size, shift = rng.uniform(6, 18), rng.uniform(0, 18)
    strength = rng.uniform(0.08, 0.3)
    match name:
        case "grain":
            pattern = _smooth(shape, rng.uniform(0.5, 2), rng)
        case "clouds":
            pattern = 1.5 * _smooth(shape, rng.uniform(5, 12), rng)
        case "blades":
            pattern = _smooth(shape, (rng.uniform(2, 5), 0.6), rng)
        case "waves":
            pattern = np.sin(2 * np.pi * (y + 3 * np.sin(x / size + shift)) / (size * 0.7))
        case "stripes":
            pattern = np.sign(np.sin(2 * np.pi * (x + shift) / size))
        case "planks":
            pattern = 1.0 - 2 * ((y + shift) % size < 1.5) + 0.4 * _smooth(shape, (0.5, 8), rng)
        case "tiles":
            pattern = 1.0 - 2 * np.minimum(((x + shift) % size < 1.5) + (y % size < 1.5), 1)
        case "bricks":
            offset = (y // (size / 2)) % 2 * size / 2
            pattern = 1.0 - 2 * np.minimum(((x + offset) % size < 1.5) + (y % (size / 2) < 1.5), 1)
        case "stars":
            pattern = 40.0 * (rng.random(shape) > 0.997)
        case _:
            pattern = 0.3 * _smooth(shape, 8, rng)
    return np.asarray(1 + strength * pattern, np.float32)


def _smooth(
    shape: tuple[int, int], width: float | tuple[float, float], rng: np.random.Generator
) -> Any:
    """Smoothed noise of unit variance."""
    noise = gaussian_filter(rng.standard_normal(shape, np.float32), width)
    return noise / max(float(noise.std()), 1e-6)


def _paint(canvas: Image.Image, thing: Thing, light: float, rng: np.random.Generator) -> None:
    """Draw a thing on its own canvas and paste it."""
    left, top, right, bottom = (round(side * SIDE) for side in thing.box)
    size = (max(right - left, 4) * FINER, max(bottom - top, 4) * FINER)
    sketch = SKETCHES[thing.category]
    mask, coat = Image.new("L", size), _coat(thing, size, rng)
    details = ImageDraw.Draw(coat)
    outline = ImageDraw.Draw(mask)
    for shape in sketch.body:
        _shape(outline, shape, size, 255)
    for colour, shape in sketch.details:
        _shape(outline, shape, size, 255)
        _shape(details, shape, size, colour)
    if thing.mirrored:
        mask, coat = (image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in (mask, coat))
    coat = coat.point(lambda value: int(value * light)).reduce(FINER)
    canvas.paste(coat, (left, top), mask.reduce(FINER))


def _coat(thing: Thing, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Colour and pattern of a thing."""
    coat = Image.new("RGB", size, COLOURS[thing.colour])
    if thing.pattern == "plain":
        return coat
    pen = ImageDraw.Draw(coat)
    other = DARK if sum(COLOURS[thing.colour]) > 330 else PALE
    step = max(6, size[0] // int(rng.integers(6, 12)))
    for x in range(0, size[0], step):
        if thing.pattern == "striped":
            pen.rectangle((x, 0, x + step // 2, size[1]), fill=other)
            continue
        for y in range(0, size[1], step):
            pen.ellipse((x, y, x + step // 2, y + step // 2), fill=other)
    return coat


def _shape(
    pen: ImageDraw.ImageDraw, shape: tuple[float, ...], size: tuple[int, int], fill: Any
) -> None:
    points = [part * side for part, side in zip(shape, size * (len(shape) // 2), strict=True)]
    if len(points) == 4:
        pen.ellipse(points, fill=fill)
    else:
        pen.polygon(points, fill=fill)


def _expose(pixels: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Add what a camera adds: uneven light, a focus, grain."""
    light = zoom(rng.uniform(0.8, 1.2, (2, 2)), SIDE / 2, order=1)[..., None]
    blur = float(rng.choice((0, 0, 0.6, 1.2)))
    focused = gaussian_filter(pixels * light, (blur, blur, 0)) if blur else pixels * light
    grain = rng.uniform(0, 8) * rng.standard_normal((SIDE, SIDE, 1), np.float32)
    taken: NDArray[np.uint8] = np.clip(focused + grain, 0, 255).astype(np.uint8)
    return taken
