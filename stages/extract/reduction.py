"""From the output of blocks to arrays of at most so many units, batch by batch."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stages.core.run.errors import ConcordError
from stages.extract.projection import project, projection_matrix
from stages.extract.towers import Layers


def as_operator(matrix: csr_array, device: torch.device) -> torch.Tensor:
    """Put a sparse matrix on a device."""
    with warnings.catch_warnings():
        # That sparse tensors are in beta; their product is tested against SciPy's.
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(
            torch.from_numpy(matrix.indptr),
            torch.from_numpy(matrix.indices),
            torch.from_numpy(matrix.data),
            size=matrix.shape,
            check_invariants=False,
            device=device,
        )


def multiplies_sparse(device: torch.device) -> bool:
    """Whether PyTorch multiplies sparse matrices there; SciPy does everywhere, on one core."""
    mkl = bool(torch.backends.mkl.is_available())  # type: ignore[no-untyped-call]
    return device.type == "cuda" or (device.type == "cpu" and mkl)


def positions_pooled(states: torch.Tensor, axis: int) -> torch.Tensor:
    """Average over positions, the class token's included.

    Parameters
    ----------
    states : Tensor
        Shape (n_images, n_channels), which has no positions; or with any number of axes of
        positions besides.
    axis : int
        That of the channels; see `stages.extract.images.channel_axis`.

    Returns
    -------
    Tensor, shape (n_images, n_channels)
    """
    positions = [k for k in range(1, states.ndim) if k != axis % states.ndim]
    return states.mean(positions) if positions else states


class Reduction:
    """Takes what the blocks of an image network give, and keeps it in few units.

    Parameters
    ----------
    units : int
        At most so many are kept.
    seed : int
        Of the projection.
    axes : mapping of str to int, optional
        Where the channels of every layer are, if images are averaged over positions instead of
        flattened.
    """

    def __init__(self, units: int, seed: int, axes: Mapping[str, int] | None = None) -> None:
        self._units, self._seed, self._axes = units, seed, axes
        self._operators: dict[tuple[int, str], Any] = {}
        self._parts: dict[str, list[NDArray[np.float32]]] = {}
        self._widths: dict[str, int] = {}

    def take(self, name: str, states: torch.Tensor) -> None:
        """Keep a layer of one batch.

        Raises
        ------
        ConcordError
            If a value is not finite.
        """
        states = states.detach().float()
        if self._axes is None:
            flat = states.flatten(1)
        else:
            flat = positions_pooled(states, self._axes[name])
        self._widths[name] = flat.shape[1]
        reduced = self._reduce(flat)
        if not np.isfinite(reduced).all():
            raise ConcordError("values that are not finite", where=f"{name} of the model")
        self._parts.setdefault(name, []).append(reduced)

    def _reduce(self, flat: torch.Tensor) -> NDArray[np.float32]:
        width = flat.shape[1]
        if width <= self._units:
            return np.array(flat.cpu().numpy())
        sparse = multiplies_sparse(flat.device)
        place = (width, str(flat.device))
        if place not in self._operators:
            matrix = projection_matrix(width, self._units, self._seed)
            self._operators[place] = as_operator(matrix, flat.device) if sparse else matrix
        operator = self._operators[place]
        projected = project(flat if sparse else flat.cpu().numpy(), operator)
        return np.ascontiguousarray(projected.cpu().numpy() if sparse else projected, np.float32)

    def give(self) -> Layers:
        """Hand out what was kept, in the order in which it came, and begin anew."""
        values = {name: np.concatenate(parts) for name, parts in self._parts.items()}
        self._parts = {}
        return Layers(values, dict(self._widths))
