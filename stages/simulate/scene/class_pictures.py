"""Labelled pictures: other scenes, each with things of one category, to train image networks on."""

from pathlib import Path

import numpy as np
from PIL import Image

from stages.core.run.files import atomic
from stages.core.run.progress import progress
from stages.simulate.scene.drawing import draw
from stages.simulate.scene.scenery import CATEGORIES, Scene, imagine


def write_pictures(out: Path, per_class: int, side: int, seed: int) -> None:
    """Write a folder of PNGs for every category.

    Parameters
    ----------
    out : Path
    per_class : int
        Pictures of each category.
    side : int
        Of the square pictures, in pixels.
    seed : int
        The scenes that people see are of another stream of random numbers.
    """
    rngs = np.random.default_rng([seed, 7]).spawn(len(CATEGORIES))
    for category, rng in progress(list(zip(CATEGORIES, rngs, strict=True)), "pictures"):
        for number in range(per_class):
            image = Image.fromarray(draw(_scene_of(category, rng), rng))
            path = out / category.replace(" ", "_") / f"{number:04d}.png"
            with atomic(path) as partial:
                image.resize((side, side), Image.Resampling.BOX).save(partial, "png")


def _scene_of(category: str, rng: np.random.Generator) -> Scene:
    """Think of scenes until all things in one are of the category."""
    while True:
        scene = imagine(rng)
        if {thing.category for thing in scene.things} == {category}:
            return scene
