"""Writing an assembly as xarray does: netCDF-4, which is HDF5 with dimension scales."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from stages.core.run.files import atomic

# What netCDF-4 calls a dimension that has no variable of its own, before its length.
NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable"
Coordinates = Mapping[str, Sequence[Any] | NDArray[Any]]


def write_assembly(
    path: Path,
    values: NDArray[np.floating],
    stimuli: Coordinates,
    units: Coordinates,
    unit: str = "neuroid",
) -> None:
    """Write a matrix of stimuli by units with its coordinates, atomically.

    Parameters
    ----------
    path : Path
    values : ndarray, shape (n_stimuli, n_units)
    stimuli, units : mapping of str to sequence
        Numbers or texts, one per row or column.
    unit : str
        Name of the second dimension.
    """
    with atomic(path) as partial, h5py.File(partial, "w") as file:
        scales = [
            _dimension(file, name, length)
            for name, length in zip(("presentation", unit), values.shape, strict=True)
        ]
        matrix = file.create_dataset("data", data=values, compression="gzip", compression_opts=4)
        for place, scale in enumerate(scales):
            matrix.dims[place].attach_scale(scale)
        for scale, coordinates in zip(scales, (stimuli, units), strict=True):
            for name, column in coordinates.items():
                _variable(file, name, column).dims[0].attach_scale(scale)


def _dimension(file: h5py.File, name: str, length: int) -> h5py.Dataset:
    scale = file.create_dataset(name, shape=(length,), dtype=">f4")
    scale.make_scale(f"{NO_VARIABLE}{length:10d}")
    return scale


def _variable(file: h5py.File, name: str, column: Sequence[Any] | NDArray[Any]) -> h5py.Dataset:
    values = np.asarray(column)
    if values.dtype.kind in "OU":
        return file.create_dataset(name, data=values.astype(object), dtype=h5py.string_dtype())
    return file.create_dataset(name, data=values)
