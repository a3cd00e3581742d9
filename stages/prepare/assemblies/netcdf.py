"""Reading an assembly: a matrix of stimuli by units of measurement, with coordinates on both.

The container is netCDF-4, which is HDF5: dimensions are HDF5's dimension scales. The order of
dimensions and of rows is never relied on.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.core.run.hdf5_files import dataset, hdf5_reading, open_hdf5
from stages.prepare.apart import apart

STIMULI = "presentation"
OBTAIN = "Get the file anew from where it is published."
CLASSIC = b"CDF"  # how netCDF-3 begins, which xarray writes without netCDF4 or h5netcdf
# What netCDF-4 writes as the name of a dimension that has no variable of its own.
NO_VARIABLE = b"This is a netCDF dimension but not a netCDF variable"


@dataclass(frozen=True)
class Assembly:
    """What was measured of each stimulus by each unit (a voxel, an electrode, a reader).

    Attributes
    ----------
    path : Path
    measured : ndarray, shape (n_stimuli, n_units)
        NaN where nothing was measured.
    stimuli : DataFrame
        Coordinates of the rows.
    units : DataFrame
        Coordinates of the columns.
    """

    path: Path
    measured: NDArray[np.float64]
    stimuli: pd.DataFrame
    units: pd.DataFrame

    def stimuli_where(self, rows: "pd.Series[bool]") -> "Assembly":
        """Select rows."""
        stimuli = self.stimuli[rows].reset_index(drop=True)
        return Assembly(self.path, self.measured[rows.to_numpy()], stimuli, self.units)

    def units_where(self, columns: "pd.Series[bool]") -> "Assembly":
        """Select columns."""
        units = self.units[columns].reset_index(drop=True)
        return Assembly(self.path, self.measured[:, columns.to_numpy()], self.stimuli, units)

    def ordered(self, by: list[str]) -> "Assembly":
        """Sort the rows by some of their coordinates: numbers that are stored as text by value."""
        order = self.stimuli[by].apply(_as_numbers).sort_values(by, kind="stable").index
        stimuli = self.stimuli.loc[order].reset_index(drop=True)
        return Assembly(self.path, self.measured[order], stimuli, self.units)


def _as_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    numbers = pd.to_numeric(column, errors="coerce")
    return column if numbers.isna().any() else numbers


def read_assembly(path: Path) -> Assembly:
    """Read an assembly, in another process: damaged files have been read for ever.

    Raises
    ------
    InputError
        If the file is missing or no netCDF-4 (which is HDF5), or does not hold one matrix of
        numbers of which one dimension is called `presentation`.
    """
    require_file(path, OBTAIN)
    with path.open("rb") as stream:
        classic = stream.read(len(CLASSIC)) == CLASSIC
    if classic:
        do = "Write it anew: in xarray, to_netcdf(…, engine='h5netcdf')."
        raise InputError("netCDF-3", where=path, expected="netCDF-4, which is HDF5", do=do)
    return apart(partial(_read_file, path), path, OBTAIN)


def _read_file(path: Path) -> Assembly:
    with open_hdf5(path, OBTAIN) as file, hdf5_reading(path, OBTAIN):
        return _read(file, path)


def _read(file: h5py.File, path: Path) -> Assembly:
    arrays = {name: dataset(file, name, path, OBTAIN) for name in file if not _is_group(file, name)}
    matrices = [one for one in arrays.values() if one.ndim == 2 and one.dtype.kind in "fiu"]
    if len(matrices) != 1:
        raise InputError("no assembly", where=path, expected="one matrix", got=len(matrices))
    names = _dimensions(matrices[0])
    if STIMULI not in names or len(set(names)) != 2:
        raise InputError(
            "no assembly", where=path, expected=f"{STIMULI} and another dimension", got=names
        )
    values = _unpacked(matrices[0])
    values = values if names[0] == STIMULI else values.T
    other = names[1] if names[0] == STIMULI else names[0]
    return Assembly(
        path,
        values,
        _coordinates(arrays, STIMULI, len(values)),
        _coordinates(arrays, other, values.shape[1]),
    )


def _unpacked(array: h5py.Dataset) -> NDArray[np.float64]:
    """Read numbers as the climate and forecast conventions have them.

    What equals `_FillValue` or `missing_value` is missing; the rest is times `scale_factor`, plus
    `add_offset`.
    """
    values, attributes = np.asarray(array, dtype=np.float64), array.attrs
    for name in ("_FillValue", "missing_value"):
        if name in attributes:
            values[np.isin(values, np.asarray(attributes[name], dtype=np.float64))] = np.nan
    for name, change in (("scale_factor", np.multiply), ("add_offset", np.add)):
        if name in attributes:
            change(values, np.asarray(attributes[name], dtype=np.float64), out=values)
    return values


def _is_group(file: h5py.File, name: str) -> bool:
    link = file.get(name, getclass=True, getlink=True)
    return link is h5py.HardLink and file.get(name, getclass=True) is h5py.Group


def _dimensions(array: h5py.Dataset) -> list[str]:
    """Names of an array's dimensions; of a scale, its own."""
    if array.is_scale and array.ndim == 1:
        return [_plain(array.name)]
    return [_plain(scales[0].name) if len(scales) else "" for scales in array.dims]


def _plain(name: str) -> str:
    """Name of a dimension, without the underscore of one that was stored beside its index."""
    return name.strip("/").removesuffix("_")


def _coordinates(arrays: dict[str, h5py.Dataset], dimension: str, length: int) -> pd.DataFrame:
    """Make the table of all one-dimensional variables on a dimension."""
    found = {
        name: _column(array)
        for name, array in arrays.items()
        if array.ndim == 1
        and _dimensions(array) == [dimension]
        and not array.attrs.get("NAME", b"").startswith(NO_VARIABLE)
    }
    return pd.DataFrame(found, index=range(length))


def _column(array: h5py.Dataset) -> Any:
    """Read numbers, or text in UTF-8 of which `nan` is what was missing.

    There are no true and false in netCDF: what HDF5 calls so was made of something else.
    """
    if array.dtype.kind in "iuf":
        return np.asarray(array, dtype=array.dtype.newbyteorder("="))  # which pandas asks for
    if h5py.check_string_dtype(array.dtype) is None:
        raise InputError("wrong coordinate", where=array.file.filename, got=array.name)
    texts = array.asstr("utf-8")[:]
    return np.where(texts == "nan", "", texts).astype(object)
