"""A sample of the weights of a checkpoint: small enough to keep, large enough to measure distances.

The squared distance of two checkpoints is a sum over weights, so that a fixed random sample of the
weights estimates it, with a relative error of about 1 / √n, and says for certain that two differ.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core.nets.weight_files import read_state, weight_files

WEIGHTS = 65_536
SEED = 0


def sample_weights(folder: Path) -> tuple[str, NDArray[np.float32]]:
    """Sample the weights of a folder, the same ones of every checkpoint of one architecture.

    Parameters
    ----------
    folder : Path
        With files of weights, opened as data.

    Returns
    -------
    str
        Digest of the tensors' names and shapes: of the architecture.
    ndarray, shape (n_weights,)
        At most `WEIGHTS` of the floating-point weights, each as likely to be drawn.

    Raises
    ------
    InputError
        If there are no weights that can be opened safely.
    """
    state = read_state(weight_files(folder))
    floats = {name: state[name] for name in sorted(state) if state[name].is_floating_point()}
    listing = "".join(f"{name} {tuple(tensor.shape)}\n" for name, tensor in floats.items())
    ends = np.cumsum([tensor.numel() for tensor in floats.values()])
    chosen = _places(int(ends[-1]))
    parts, start = [], 0
    for tensor, end in zip(floats.values(), ends, strict=True):
        inside = torch.from_numpy(chosen[(chosen >= start) & (chosen < end)] - start)
        parts.append(tensor.flatten()[inside].float().numpy())
        start = int(end)
    return hashlib.sha256(listing.encode()).hexdigest(), np.concatenate(parts)


def _places(n: int) -> NDArray[np.int64]:
    if n <= WEIGHTS:
        return np.arange(n)
    drawn = np.random.default_rng(SEED).integers(n, size=WEIGHTS)
    return np.unique(drawn)


def distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Distance of two samples, relative to the length of the first (its zero counts as one)."""
    length = float(np.linalg.norm(one.astype(float)))
    return float(np.linalg.norm(one.astype(float) - other.astype(float))) / (length or 1.0)
