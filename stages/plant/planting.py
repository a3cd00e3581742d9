"""A family with a planted course: layers that arrive one after another, out of noise.

Each member's layers are those of the trained model, mixed with noise. The share of the trained one
rises with the step, as a logistic curve of log2(step), and reaches a half at a step of its own for
each layer: the first layer first. So the order in which regions come to be predicted is known, from
the layer that each of them follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations.activations import (
    Activations,
    read_about,
    read_layer,
    write_about,
    write_layer,
)
from stages.core.activations.members import member_table, performance_table, write_members
from stages.core.names.layers import layer_kind
from stages.core.params.family_section import PLANTED, PlantFamily
from stages.core.run.files import lies_there, read_json, write_json

Array = NDArray[np.float64]
# Principal components kept of a layer. What drives a simulated region lies in the first 70 of
# what is heard, which are not those of single words.
UNITS = 128
TOKENS = 1000.0  # seen per step, for the axis
# Loss of an untrained and of a trained member, in nats per token.
LOSSES = (7.0, 3.0)


@dataclass(frozen=True)
class Course:
    """When each layer of one seed arrives, in log2(step)."""

    halves: dict[str, float]
    loss: float


def shares(steps: NDArray[np.int64], half: float, width: float) -> Array:
    """Share of what is learnt at each step: 0 at step 0, a half at 2**half.

    Parameters
    ----------
    steps : ndarray of int, shape (n_steps,)
    half : float
        In log2(step).
    width : float
        Octaves from a half to .73, the logistic curve's scale.
    """
    seen = np.log2(np.maximum(steps, 1))
    risen: Array = np.where(steps > 0, 1 / (1 + np.exp((half - seen) / width)), 0.0)
    return risen


def plan(layers: Sequence[str], settings: PlantFamily) -> list[Course]:
    """Draw the course of every seed: layers in order, each seed a little early or late as a whole.

    The loss reaches the middle of its fall `settings.lead` octaves after the middle layer arrives.
    """
    rng = np.random.default_rng(settings.seed)
    last = np.log2(settings.steps[-1])
    planned = np.linspace(0.3 * last, 0.7 * last, len(layers))
    courses = []
    for late in rng.normal(0, settings.spread, settings.seeds):
        halves = dict(zip(layers, (planned + late).tolist(), strict=True))
        courses.append(Course(halves, float(np.mean(planned) + late + settings.lead)))
    return courses


def mix(noise: Array, trained: Array, share: float) -> NDArray[np.float32]:
    """Mix a standardised layer with noise: `share` is its amplitude, in a unit variance.

    What correlates with the layer then does so in proportion to the share.
    """
    mixed = np.sqrt(1 - share**2) * noise + share * _standard(trained)
    single: NDArray[np.float32] = mixed.astype(np.float32)
    return single


def _standard(values: Array) -> Array:
    scale = values.std(axis=0)
    standard: Array = (values - values.mean(axis=0)) / np.where(scale > 0, scale, 1)
    return standard


def components(values: NDArray[np.floating]) -> Array:
    """Keep the first principal components of standardised units, signs fixed.

    Returns
    -------
    ndarray, shape (n_rows, at most UNITS)
        Fewer where the rows, such as vectors of words that come again, span less: what is left is
        rounding, which `mix` would scale to the size of the others.
    """
    standard = _standard(np.asarray(values, dtype=np.float64))
    squares, axes = np.linalg.eigh(standard.T @ standard)
    there = squares > squares[-1] * len(squares) * np.finfo(float).eps
    axes = axes[:, there][:, ::-1][:, :UNITS]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    turned: Array = standard @ (axes * np.sign(largest))
    return turned


def write_family(
    trained: Path, digest: str, settings: PlantFamily, out: Path, regions: Sequence[str]
) -> None:
    """Write the members, their tables, and truth.json: the course of every layer and seed.

    Parameters
    ----------
    trained : Path
        The model's own folder of activations.
    digest : str
        Of the stimuli.
    settings : PlantFamily
        The section `story.plant` of params.yaml.
    out : Path
        Folder of the family.
    regions : sequence of str
        In the order in which they come to be predicted, where it is known.

    Raises
    ------
    InputError
        If the activations are not of these stimuli.
    """
    about, rows = read_about(trained, digest)
    n, layers = len(rows), [name for name in about.layers if layer_kind(name) == "hidden"]
    learnt = {name: components(read_layer(trained, name, about, n)) for name in layers}
    courses = plan(layers, settings)
    steps = np.array(settings.steps)
    members, performance = [], []
    for seed, course in enumerate(courses):
        rng = np.random.default_rng([settings.seed, seed])
        noise = {name: rng.standard_normal(learnt[name].shape) for name in layers}
        risen = {name: shares(steps, course.halves[name], settings.width) for name in layers}
        loss = LOSSES[0] + (LOSSES[1] - LOSSES[0]) * shares(steps, course.loss, settings.width)
        for place, step in enumerate(settings.steps):
            name = f"seed{seed}-step{step:06d}"
            values = {one: mix(noise[one], learnt[one], risen[one][place]) for one in layers}
            _write_member(out / name, name, values, about, rows)
            where = {
                "family": PLANTED, "member": name, "size": "", "seed": seed, "weights": "",
                "step": step, "seen": step * TOKENS,
            }  # fmt: skip
            facts = {"unit": "tokens", "string": f"planted:{name}", "parameters": 0.0}
            blank = {"digest": name, "error": "", "set_aside": ""}
            members.append(where | facts | blank)
            performance.append(where | {"measure": "heldout_loss", "value": loss[place]})
    write_json(out / "truth.json", _truth(courses, settings) | {"regions": list(regions)})
    write_members(out, member_table(members), performance_table(performance))


def _truth(courses: Sequence[Course], settings: PlantFamily) -> dict[str, object]:
    """Say what is planted: log2 of the tokens seen at which each layer is half there."""
    per = float(np.log2(TOKENS))
    return {
        "lead": settings.lead,
        "halves": [
            {name: half + per for name, half in course.halves.items()} for course in courses
        ],
        "loss": [course.loss + per for course in courses],
    }


def _write_member(
    folder: Path,
    name: str,
    values: dict[str, NDArray[np.float32]],
    about: Activations,
    rows: pd.DataFrame,
) -> None:
    for layer, mixed in values.items():
        write_layer(folder / f"{layer}.safetensors", mixed)
    units = {layer: mixed.shape[1] for layer, mixed in values.items()}
    described = replace(
        about,
        model=f"planted:{name}",
        label=name,
        revision="planted",
        parameters=0,
        seed=None,
        key=name,
        layers=units,
        widths=units,
        heads=0,
        attention_statistics=[],
    )
    write_about(folder, described, rows)


def planted_regions(raw: Path) -> list[str]:
    """Read which regions follow a layer, from the first layer to the last; none of real people."""
    path = raw / "truth.json"
    if not lies_there(path):
        return []
    regions = read_json(path, "Simulate again.")["regions"]
    layers = {name: one["layer"] for name, one in regions.items() if one["driver"] == "layer"}
    return sorted(layers, key=layers.__getitem__)
