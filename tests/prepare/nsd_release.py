"""A small release in the layout of the Natural Scenes Dataset, with planted responses."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.simulate.scene import release
from stages.simulate.scene.release import (
    IMAGES,
    Brain,
    Design,
    Shown,
    coco_id,
    make_design,
    write_brain,
    write_design,
    write_names,
    write_trials,
    write_volume,
)

__all__ = [
    "LOST",
    "SESSIONS",
    "SHAPES",
    "UNKNOWN",
    "Planted",
    "coco_id",
    "plant",
    "write_session",
    "write_volume",
]

Array = NDArray[Any]


@dataclass(frozen=True)
class Planted:
    """A small release and what was planted in it.

    Attributes
    ----------
    root : Path
    design : Design
    brains : dict of int to Brain
        By subject.
    patterns : dict of int to ndarray, shape (73000, x, y, z)
        Response of every voxel to the images shown; 0 for the others.
    betas : dict of (subject, session) to ndarray, shape (750, x, y, z)
        Percent signal change: level and gain of the session, pattern and noise.
    """

    root: Path
    design: Design
    brains: dict[int, Brain]
    patterns: dict[int, Array]
    betas: dict[tuple[int, int], Array]


SESSIONS = (1, 2, 3)
SHAPES = {1: (7, 6, 5), 2: (6, 6, 4)}
# Voxels that subject 1 lost in session 2, and that has no signal-to-noise ratio.
LOST, UNKNOWN = (1, 1, 1), (4, 2, 2)
CATEGORIES = ("person", "dog", "stop sign")
NOISE = 0.5


def plant(root: Path, rng: np.random.Generator) -> Planted:
    """Write a release of two subjects, three sessions and 800 images each."""
    design = make_design(len(SESSIONS), 300, 500, rng)
    write_design(root, design, (0, 0, 0.25, 0.25))
    write_names(root)
    brains, patterns, betas = {}, {}, {}
    for number, shape in SHAPES.items():
        brains[number] = make_brain(shape, rng)
        if number == 1:
            brains[number].ncsnr[UNKNOWN] = np.nan
        write_brain(root, number, brains[number])
        write_trials(root, number, design, len(SESSIONS))
        shown = np.unique(design.shown(number, SESSIONS))
        patterns[number] = np.zeros((IMAGES, *shape))
        patterns[number][shown] = rng.standard_normal((len(shown), *shape))
        for session in SESSIONS:
            seen = patterns[number][design.shown(number, [session])]
            level, gain = rng.uniform(-2, 2, shape), rng.uniform(1, 3, shape)
            values = level + gain * (seen + NOISE * rng.standard_normal(seen.shape))
            values[:, 0] = values[:, :, :, 0] = 0
            if (number, session) == (1, 2):
                values[:, *LOST] = 0
            betas[number, session] = values
            write_session(root, number, session, values)
    shown = np.unique([design.shown(number, SESSIONS) for number in SHAPES])
    write_pictures(root, shown.tolist(), rng)
    return Planted(root, design, brains, patterns, betas)


def make_brain(shape: tuple[int, int, int], rng: np.random.Generator) -> Brain:
    """Label the left half V1, V2, 4 and 7PL from back to front, and the right half likewise."""
    left, right = np.full(shape, -1.0), np.full(shape, -1.0)
    middle = shape[0] // 2
    for y, number in enumerate((0, 1, 4, 8, 46, 46)):
        left[1:middle, y, 1:] = number
        right[middle + 1 :, y, 1:] = number
    affine = np.diag([1.8, 1.8, 1.8, 1.0])
    affine[:3, 3] = -0.9 * np.array(shape)
    return Brain(left, right, rng.uniform(0.5, 1.5, shape), affine)


def write_pictures(root: Path, shown: Sequence[int], rng: np.random.Generator) -> None:
    """Write noise as pictures, five captions each, a person in the crop and a dog outside it."""
    pictures = {
        image: Shown(
            rng.integers(0, 256, (8, 8, 3), dtype=np.uint8),
            [f"caption {n} of\n image {image} " for n in range(5)],
            [("person", (0, 0, 20, 30)), ("dog", (500, 0, 100, 100))]
            + [("stop sign", (400, 300, 200, 100))] * (image % 3),
        )
        for image in shown
    }
    release.write_stimuli(root, pictures, CATEGORIES)


def write_session(root: Path, number: int, session: int, betas: Array) -> None:
    """Write the betas of all voxels, shape (750, x, y, z)."""
    shape = betas.shape[1:]
    voxels = np.argwhere(np.ones(shape))
    path = release.session_path(root, number, session)
    release.write_session(path, shape, voxels, betas.reshape(len(betas), -1))
