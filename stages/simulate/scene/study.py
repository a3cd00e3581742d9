"""The simulated scene study from its seed: scenes, what drives whom, the people, and the truth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.params.schema import SimulateScene
from stages.core.run.files import write_json
from stages.simulate.planted_model import MODEL, Layer, mean_token_states
from stages.simulate.scene import planted_blocks, release
from stages.simulate.scene.cortical_areas import CORTEX, TINY, UNKNOWN, Area, Block, Slab, make_slab
from stages.simulate.scene.descriptions import describe
from stages.simulate.scene.drawing import draw
from stages.simulate.scene.release import (
    COCO_SIZE,
    REPEATS,
    TRIALS,
    Brain,
    Crop,
    Design,
    Shown,
    make_design,
)
from stages.simulate.scene.scenery import CATEGORIES, Scene, imagine
from stages.simulate.scene.sheet import surface_labels
from stages.simulate.scene.viewing import area_signals, session_betas, signal_to_noise

Array = NDArray[np.float64]
Drivers = Mapping[str, Array | None]

# The middle square of COCO's images is shown.
CROP: Crop = (0.0, 0.0, 0.125, 0.125)
# The subject, from 1, with an area too small to analyse.
ODD_SUBJECT = 2
# Voxels of the first subject that were not measured in the last session.
LOST_VOXELS = 2


@dataclass(frozen=True)
class Viewer:
    """A simulated person who looks at images.

    Attributes
    ----------
    number : int
        From 1.
    slab : Slab
    brain : Brain
    sessions : iterator of ndarray, shape (750, n_voxels)
        Percent signal change, one session at a time.
    """

    number: int
    slab: Slab
    brain: Brain
    sessions: Iterator[Array]


def write_study(out: Path, settings: SimulateScene) -> None:
    """Write a release in the layout of NSD, and what is true of it in truth.json."""
    design, images = plan(settings)
    shown = make_images(len(images), settings.seed)
    release.write_design(out, design, CROP)
    release.write_stimuli(out, dict(zip(images.tolist(), shown, strict=True)), CATEGORIES)
    release.write_names(out)
    for hemisphere, labels in surface_labels().items():
        release.write_surface(out, hemisphere, labels)
    rng = np.random.default_rng([settings.seed, 3])
    outputs = planted_blocks.block_outputs([one.pixels for one in shown], rng)
    drivers = drive(outputs, mean_token_states([one.captions[0] for one in shown]))
    for viewer in make_viewers(design, images, drivers, settings):
        _write_viewer(out, viewer, design)
    write_json(out / "truth.json", make_truth(settings))


def _write_viewer(out: Path, viewer: Viewer, design: Design) -> None:
    release.write_brain(out, viewer.number, viewer.brain)
    slab = viewer.slab
    for session, betas in enumerate(viewer.sessions, start=1):
        path = release.session_path(out, viewer.number, session)
        release.write_session(path, slab.shape, slab.voxels, betas)
    release.write_trials(out, viewer.number, design, session)


def n_sessions(settings: SimulateScene) -> int:
    """Sessions in which everybody sees every image three times."""
    return (settings.shared + settings.own) * REPEATS // TRIALS


def plan(settings: SimulateScene) -> tuple[Design, NDArray[np.intp]]:
    """Plan the trials; return the design, and the images that anybody sees, in order."""
    rng = np.random.default_rng([settings.seed, 0])
    design = make_design(n_sessions(settings), settings.shared, settings.own, rng)
    sessions = range(1, n_sessions(settings) + 1)
    people = range(1, settings.subjects + 1)
    return design, np.unique([design.shown(number, sessions) for number in people])


def make_images(n_images: int, seed: int) -> list[Shown]:
    """Think of scenes, draw them and write of them."""
    return [_show(imagine(rng), rng) for rng in np.random.default_rng([seed, 1]).spawn(n_images)]


def _show(scene: Scene, rng: np.random.Generator) -> Shown:
    width, height = COCO_SIZE
    top, bottom, left, right = CROP
    wide, high = width * (1 - left - right), height * (1 - top - bottom)
    objects = [
        (
            thing.category,
            [
                round(value, 2)
                for value in (
                    left * width + thing.box[0] * wide,
                    top * height + thing.box[1] * high,
                    (thing.box[2] - thing.box[0]) * wide,
                    (thing.box[3] - thing.box[1]) * high,
                )
            ],
        )
        for thing in scene.things
    ]
    return Shown(draw(scene, rng), describe(scene, rng), objects)


def drive(outputs: Mapping[str, Array], states: Array) -> dict[str, Array | None]:
    """Find what drives each area, by name.

    Parameters
    ----------
    outputs : mapping of str to ndarray, shape (n_images, n_units)
        Of the blocks of the vision model.
    states : ndarray, shape (n_layers, n_images, n_units)
        Of the layers of the language model, for the first caption of each image.
    """
    drivers: dict[str, Array | None] = {}
    for area in CORTEX:
        match area.driver:
            case Block():
                drivers[area.name] = outputs[area.driver.name]
            case Layer(number):
                drivers[area.name] = states[number]
            case None:
                drivers[area.name] = None
    return drivers


def make_viewers(
    design: Design, images: NDArray[np.intp], drivers: Drivers, settings: SimulateScene
) -> Iterator[Viewer]:
    """Yield the people one at a time.

    Parameters
    ----------
    design : Design
    images : ndarray of int, shape (n_images,)
        Those of the drivers' rows, ascending.
    drivers : mapping
        From `drive`.
    params : SimulateScene
    """
    for number, rng in enumerate(
        np.random.default_rng([settings.seed, 2]).spawn(settings.subjects), start=1
    ):
        areas: Sequence[Area] = (TINY, *CORTEX) if number == ODD_SUBJECT else CORTEX
        slab = make_slab(areas, rng)
        shown = design.shown(number, range(1, n_sessions(settings) + 1))
        own, trials = np.unique(shown, return_inverse=True)
        rows = np.searchsorted(images, own)
        signals = area_signals(
            slab, {name: None if d is None else d[rows] for name, d in drivers.items()}, rng
        )
        ratio = signal_to_noise(signals, settings.signal, rng)
        brain = Brain(
            slab.hemisphere(right=False), slab.hemisphere(right=True), slab.volume(ratio, 0),
            slab.affine,
        )  # fmt: skip
        yield Viewer(number, slab, brain, _measure(number, slab, signals[trials], settings, rng))


def _measure(
    number: int, slab: Slab, shown: Array, settings: SimulateScene, rng: np.random.Generator
) -> Iterator[Array]:
    sessions = np.split(shown, n_sessions(settings))
    for session, of_session in enumerate(sessions, start=1):
        betas = session_betas(of_session, slab.numbers, settings.signal, rng)
        if number == 1 and session == len(sessions):
            betas[:, np.flatnonzero(slab.numbers != UNKNOWN)[:LOST_VOXELS]] = 0
        yield betas


def make_truth(settings: SimulateScene) -> dict[str, Any]:
    """Say what was planted where; the areas are in order from posterior to anterior."""
    return {
        "seed": settings.seed,
        "sessions": n_sessions(settings),
        "regions": {area.name: _driver(area) for area in CORTEX},
        "order": [area.name for area in CORTEX],
    }


def _driver(area: Area) -> dict[str, str]:
    match area.driver:
        case Block():
            return {"driver": "vision", "model": planted_blocks.MODEL, "layer": area.driver.name}
        case Layer():
            return {"driver": "language", "model": MODEL, "layer": area.driver.name}
        case None:
            return {"driver": "nothing"}
