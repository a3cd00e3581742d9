"""HDF5 files whose datasets are of another type, shape or place than they were, and netCDF-4."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tests.chaos.hdf5_faults import choose, names
from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Change, Form, Rng
from tests.chaos.trial import UnfitError

Array = NDArray[Any]
# Attributes that h5py writes itself.
OWN = ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid")
STIMULI = "presentation"


def _replace(file: h5py.File, name: str, values: Any, **how: Any) -> None:
    """Put other values in the place of a dataset, with its dimensions if they fit."""
    old = file[name]
    kept = {key: value for key, value in old.attrs.items() if key not in OWN}
    scales = [[scale.name for scale in one.values()] for one in old.dims]
    if old.is_scale:  # others refer to it
        old[...] = values if np.shape(values) == old.shape else _unfit()
        return
    del file[name]
    made = file.create_dataset(name, data=values, **how)
    made.attrs.update(kept)
    for axis, found in enumerate(scales[: made.ndim]):
        for scale in found:
            made.dims[axis].attach_scale(file[scale])


def _unfit() -> Any:
    raise UnfitError


def _of(kinds: str, edit: Callable[[Array], Any], **how: Any) -> Change:
    """Change the values of a dataset of some kinds."""

    def change(path: Path, rng: Rng) -> None:
        with h5py.File(path, "a") as file:
            found = [n for n in names(file) if file[n].dtype.kind in kinds and file[n].shape]
            found = [n for n in found if not file[n].is_scale]
            if not found:
                raise UnfitError
            name = found[rng.integers(len(found))]
            values = file[name][()]
            try:
                made = edit(values)
            except (ValueError, TypeError, IndexError) as error:
                raise UnfitError from error
            _replace(file, name, made, **how)

    return change


def _axes_turned(values: Array) -> Array:
    if values.ndim < 2 or values.shape == values.shape[::-1]:
        raise ValueError
    return values.T


def _compound(values: Array) -> Array:
    made = np.zeros(values.shape, dtype=[("value", values.dtype), ("sd", values.dtype)])
    made["value"] = values
    return made


def _shorter(values: Array) -> Array:
    kind = np.int8 if values.dtype.kind in "iu" else np.float32
    made = values.astype(kind)
    if not np.array_equal(made, values):
        raise ValueError
    return made


def _signed(values: Array) -> Array:
    return values.astype(np.int64)


def references(path: Path, rng: Rng) -> None:
    """Put references in the place of numbers, as MATLAB does for cells."""
    with h5py.File(path, "a") as file:
        name = choose(file, rng)
        if file[name].is_scale or not file[name].shape:
            raise UnfitError
        moved = file.create_group("#refs#")
        moved["a"] = file[name][()]
        n = len(file[name])
        del file[name]
        file.create_dataset(name, data=[moved["a"].ref] * n, dtype=h5py.ref_dtype)


def deeper(path: Path, rng: Rng) -> None:
    """Put a dataset into a group of its own name."""
    with h5py.File(path, "a") as file:
        name = choose(file, rng)
        if file[name].is_scale:
            raise UnfitError
        file.move(name, "moved")
        file.create_group(name)
        file.move("moved", f"{name}/values")


def all_deeper(path: Path, rng: Rng) -> None:
    """Put everything into a group."""
    with h5py.File(path, "a") as file:
        found = list(file)
        file.create_group("data")
        for name in found:
            file.move(name, f"data/{name}")


def other_name(path: Path, rng: Rng) -> None:
    """Call a dataset otherwise."""
    with h5py.File(path, "a") as file:
        name = choose(file, rng)
        file.move(name, f"{name}_")


def dataset_more(path: Path, rng: Rng) -> None:
    """Add a dataset, a group and attributes that nobody asked for."""
    with h5py.File(path, "a") as file:
        file["odd"] = np.arange(3)
        file.create_group("history")["x"] = "saved again"
        file.attrs["title"] = "by somebody else"


def named_twice(path: Path, rng: Rng) -> None:
    """Give a dataset a second name."""
    with h5py.File(path, "a") as file:
        file["again"] = file[choose(file, rng)]


def behind_a_block(path: Path, rng: Rng) -> None:
    """Leave room before it, as MATLAB does."""
    new = path.with_name("new")
    with h5py.File(path) as old, h5py.File(new, "w", userblock_size=512) as file:
        for name in old:
            if old[name].attrs.get("CLASS") == b"DIMENSION_SCALE":
                raise UnfitError
            old.copy(name, file)
    new.replace(path)


CHANGES: dict[str, tuple[Change, str]] = {
    "axes_turned": (_of("fiu", _axes_turned), REFUSED),
    "axis_first": (_of("fiu", lambda v: v[None]), REFUSED),
    "axis_last": (_of("fiu", lambda v: v[..., None]), REFUSED),
    "flat": (_of("fiu", lambda v: v.ravel() if v.ndim > 1 else _unfit()), REFUSED),
    "scalar": (_of("fiuOS", lambda v: v.ravel()[0]), REFUSED),
    "no_rows": (_of("fiuOS", lambda v: v[:0]), REFUSED),
    "rows_twice": (_of("fiuOS", lambda v: np.concatenate([v, v])), REFUSED),
    "rows_turned": (_of("fiu", lambda v: v[::-1]), DIFFERENT),
    "compound": (_of("fiu", _compound), REFUSED),
    "complex": (_of("fiu", lambda v: v.astype(complex)), REFUSED),
    "flags": (_of("fiu", lambda v: v > v.mean()), REFUSED),
    "texts": (_of("fiu", lambda v: v.ravel()[:500].astype("S")), REFUSED),
    "opaque": (_of("fiu", lambda v: v.view(f"V{v.dtype.itemsize}")), REFUSED),
    "text_as_numbers": (_of("OS", lambda v: np.arange(len(v))), REFUSED),
    "other_ends": (_of("fiu", lambda v: v.astype(v.dtype.newbyteorder(">"))), EQUAL),
    "shorter": (_of("fiu", _shorter), EQUAL),
    "longer": (_of("iu", _signed), EQUAL),
    "single": (_of("f", lambda v: v.astype(np.float32)), DIFFERENT),
    "half": (_of("f", lambda v: v.astype(np.float16)), DIFFERENT),
    "float_for_whole": (_of("iu", lambda v: v.astype(float)), EQUAL),
    "packed": (_of("fiu", lambda v: v, compression="gzip", shuffle=True, fletcher32=True), EQUAL),
    "chunked": (_of("fiu", lambda v: v, chunks=True, compression="lzf"), EQUAL),
    "may_grow": (
        _of("fiu", lambda v: v if v.ndim == 3 else _unfit(), maxshape=(None,) * 3), EQUAL,
    ),
    "text_of_one_length": (_of("O", lambda v: np.array(list(v), dtype="S")), EQUAL),
    "references": (references, REFUSED),
    "deeper": (deeper, REFUSED),
    "all_deeper": (all_deeper, REFUSED),
    "other_name": (other_name, REFUSED),
    "dataset_more": (dataset_more, EQUAL),
    "named_twice": (named_twice, EQUAL),
    "behind_a_block": (behind_a_block, EQUAL),
}  # fmt: skip


def _matrix(file: h5py.File) -> str:
    found = [name for name in file if isinstance(file[name], h5py.Dataset) and file[name].ndim == 2]
    if len(found) != 1:
        raise UnfitError
    return found[0]


def _dimensions(array: h5py.Dataset) -> list[str]:
    return [one[0].name for one in array.dims]


def dimensions_turned(path: Path, rng: Rng) -> None:
    """Write the matrix the other way round, its dimensions with it."""
    with h5py.File(path, "a") as file:
        name = _matrix(file)
        values, scales = file[name][()], _dimensions(file[name])
        kept = {key: value for key, value in file[name].attrs.items() if key not in OWN}
        del file[name]
        made = file.create_dataset(name, data=values.T)
        made.attrs.update(kept)
        for axis, scale in enumerate(reversed(scales)):
            made.dims[axis].attach_scale(file[scale])


def dimension_names_swapped(path: Path, rng: Rng) -> None:
    """Say of each dimension of the matrix that it is the other one."""
    with h5py.File(path, "a") as file:
        matrix = file[_matrix(file)]
        first, second = _dimensions(matrix)
        for axis, (old, new) in enumerate(((first, second), (second, first))):
            matrix.dims[axis].detach_scale(file[old])
            matrix.dims[axis].attach_scale(file[new])


def without_dimensions(path: Path, rng: Rng) -> None:
    """Leave unsaid what the matrix has along its axes."""
    with h5py.File(path, "a") as file:
        matrix = file[_matrix(file)]
        for axis, scale in enumerate(_dimensions(matrix)):
            matrix.dims[axis].detach_scale(file[scale])


def _rows_taken(file: h5py.File, order: NDArray[np.intp]) -> None:
    """Take rows of all that lies along the dimension of stimuli."""
    matrix = file[_matrix(file)]
    axis = [scale.strip("/").removesuffix("_") for scale in _dimensions(matrix)].index(STIMULI)
    scale = _dimensions(matrix)[axis]
    for name in list(file):
        one = file[name]
        if isinstance(one, h5py.Dataset) and not one.is_scale:
            for k in range(one.ndim):
                if [found.name for found in one.dims[k].values()] == [scale]:
                    one[...] = np.take(one[()], order, axis=k)
    if not file[scale].attrs["NAME"].startswith(b"This is a netCDF dimension"):
        file[scale][...] = file[scale][()][order]


def stimuli_turned(path: Path, rng: Rng) -> None:
    """Write stimuli in another order, with all that is said of them."""
    with h5py.File(path, "a") as file:
        matrix = file[_matrix(file)]
        n = max(matrix.shape)
        for n in matrix.shape:
            try:
                _rows_taken(file, rng.permutation(n))
            except (IndexError, TypeError, ValueError):
                continue
            return
        raise UnfitError


def packed_numbers(path: Path, rng: Rng) -> None:
    """Write the matrix in whole numbers, with what they are to be multiplied by."""
    with h5py.File(path, "a") as file:
        name = _matrix(file)
        values = file[name][()]
        if not np.isfinite(values).all():
            raise UnfitError
        step = float(np.abs(values).max()) / 30_000
        _replace(file, name, np.round(values / step).astype(np.int16))
        file[name].attrs["scale_factor"] = step


def units_said(path: Path, rng: Rng) -> None:
    """Say in what units the matrix is."""
    with h5py.File(path, "a") as file:
        file[_matrix(file)].attrs["units"] = str(rng.choice(["ms", "s", "percent", "1"]))


def matrix_more(path: Path, rng: Rng) -> None:
    """Add a second matrix along the same dimensions."""
    with h5py.File(path, "a") as file:
        name = _matrix(file)
        made = file.create_dataset("errors", data=file[name][()])
        for axis, scale in enumerate(_dimensions(file[name])):
            made.dims[axis].attach_scale(file[scale])


NETCDF: dict[str, tuple[Change, str]] = {
    "dimensions_turned": (dimensions_turned, EQUAL),
    "dimension_names_swapped": (dimension_names_swapped, REFUSED),
    "without_dimensions": (without_dimensions, REFUSED),
    "stimuli_turned": (stimuli_turned, EQUAL),
    "packed_numbers": (packed_numbers, DIFFERENT),
    "units_said": (units_said, EQUAL),
    "matrix_more": (matrix_more, REFUSED),
}
FORMS: dict[str, Form] = {f"hdf5_{name}": Form(*about) for name, about in CHANGES.items()}
NETCDF_FORMS: dict[str, Form] = FORMS | {
    f"netcdf_{name}": Form(*about) for name, about in NETCDF.items()
}
