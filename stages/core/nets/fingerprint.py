"""A small sample of a checkpoint's weights, and how far one is from another.

Checkpoints are fetched and released one by one; their samples are small enough to be kept.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from stages.core.run.errors import InputError
from stages.core.run.files import atomic, require_file

# Entries of a matrix that are kept; a distance is then off by about 1/sqrt(2 AT_MOST) = 1.1 %.
AT_MOST = 4096


@dataclass(frozen=True)
class Fingerprint:
    """Entries of a checkpoint's matrices, at places that depend on their size alone.

    Attributes
    ----------
    shapes : dict of str to tuple of int
        Of all tensors of real numbers with two axes or more.
    entries : dict of str to ndarray of float32, shape (n_kept,)
    """

    shapes: dict[str, tuple[int, ...]]
    entries: dict[str, NDArray[np.float32]]


def take_fingerprint(state: Mapping[str, torch.Tensor], at_most: int = AT_MOST) -> Fingerprint:
    """Sample the matrices of a state: all entries of small ones, `at_most` of others.

    Vectors are left out: gains and biases start as constants, and running statistics are no
    weights.
    """
    shapes, values = {}, {}
    for name in sorted(state):
        tensor = state[name].detach()
        if tensor.ndim < 2 or not tensor.is_floating_point() or not tensor.numel():
            continue
        flat = tensor.reshape(-1)
        if flat.numel() > at_most:
            # With repetition, so that nothing of the matrix's own size has to be made.
            places = np.random.default_rng(flat.numel()).integers(flat.numel(), size=at_most)
            flat = flat[torch.as_tensor(np.sort(places), device=flat.device)]
        shapes[name] = tuple(tensor.shape)
        values[name] = flat.float().cpu().numpy().copy()
    return Fingerprint(shapes, values)


def write_fingerprint(path: Path, sample: Fingerprint) -> None:
    """Write a sample as safetensors, the shapes in its metadata."""
    shapes = {name: ",".join(map(str, shape)) for name, shape in sample.shapes.items()}
    with atomic(path) as partial:
        save_file(sample.entries, partial, shapes)


def read_fingerprint(path: Path) -> Fingerprint:
    """Read what `write_fingerprint` wrote, or raise `InputError`."""
    do = "Remove it, and run the stage again."
    try:
        with safe_open(require_file(path, do), "np") as file:
            values = {name: file.get_tensor(name) for name in sorted(file.keys())}
            given = file.metadata() or {}
        shapes = {name: tuple(map(int, given[name].split(","))) for name in values}
    except (SafetensorError, KeyError, ValueError) as error:
        raise InputError("unreadable fingerprint", where=path, got=error, do=do) from error
    return Fingerprint(shapes, values)


def shape_difference(one: Fingerprint, like: Fingerprint) -> str:
    """Say how the architecture of a checkpoint differs from that of another; or nothing."""
    for name in sorted(one.shapes.keys() | like.shapes.keys()):
        expected, got = like.shapes.get(name), one.shapes.get(name)
        if expected != got:
            return f"{name}: expected {expected or 'nothing'}, got {got or 'nothing'}"
    return ""


def distance(one: Fingerprint, other: Fingerprint) -> float:
    """Euclidean distance of the matrices of two checkpoints of the same architecture.

    Estimated from the entries kept: each stands for as many as the matrix has per entry kept.
    """
    total = 0.0
    for name, entries in one.entries.items():
        apart = np.sum((entries - other.entries[name]) ** 2, dtype=np.float64)
        total += float(apart) * math.prod(one.shapes[name]) / len(entries)
    return math.sqrt(total)


def length(one: Fingerprint) -> float:
    """Euclidean length of a checkpoint's matrices, estimated as `distance`."""
    nothing = {name: np.zeros_like(entries) for name, entries in one.entries.items()}
    return distance(one, Fingerprint(one.shapes, nothing))


def kinship(start: Fingerprint, other: Fingerprint) -> float:
    """How surely a checkpoint descends from a start: a standard normal deviate if it does not.

    The entries of a matrix that was drawn at random are independent of any other checkpoint's, so
    that the cosine of the two has mean 0 and variance 1 / n. The cosines of all matrices are pooled
    with weights n. Matrices that are constant at the start or equal in both tell nothing; infinite
    if no other is left.
    """
    total, counted = 0.0, 0
    for name, values in start.entries.items():
        one, two = values.astype(np.float64), other.entries[name].astype(np.float64)
        lengths = np.linalg.norm(one) * np.linalg.norm(two)
        if np.ptp(one) > 0 and lengths > 0 and not np.array_equal(one, two):
            total += len(one) * float(one @ two / lengths)
            counted += len(one)
    return total / math.sqrt(counted) if counted else math.inf
