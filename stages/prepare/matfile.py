"""MATLAB files as untrusted data: read, unwrapped, and refused with a reason."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import require_file
from stages.prepare.apart import apart

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
HDF5_OFFSET = 512
OBTAIN = "Obtain the file again: data/raw/wehbe/README.md says where."


def read_mat(path: Path, variables: Sequence[str], do: str = OBTAIN) -> dict[str, NDArray[Any]]:
    """Read the named variables of a MATLAB file of version 5 to 7; `do` helps if that fails.

    It is read in another process: damaged files have ended the process that read them.

    Raises
    ------
    InputError
        If the file is missing, truncated or of version 7.3, or ends its reader; or a variable is
        missing.
    """
    require_file(path, do)
    with path.open("rb") as stream:
        if HDF5_SIGNATURE in stream.read(HDF5_OFFSET + len(HDF5_SIGNATURE)):
            raise InputError(
                "MATLAB v7.3 file",
                where=path,
                expected="version 5 to 7",
                do="Load it in MATLAB and save it again with `save(..., '-v7')`.",
            )
    read = partial(loadmat, path, variable_names=list(variables))
    try:
        content = apart(read, path, do)
    except RuntimeError as error:  # what scipy raises depends on where the damage is
        what = "truncated or unreadable .mat file"
        raise InputError(what, where=path, got=error, do=do) from error
    absent = [name for name in variables if name not in content]
    if absent:
        raise InputError(
            "variable missing",
            where=path,
            expected=", ".join(variables),
            got=", ".join(name for name in content if not name.startswith("__")) or "none of them",
            do="The file may be truncated or another one under this name. " + do,
        )
    return {name: content[name] for name in variables}


def fields(struct: NDArray[Any], names: Sequence[str], where: str) -> list[list[Any]]:
    """Values of the named fields of a struct array, one list over its elements per field.

    Raises
    ------
    InputError
        If it is no struct array, or a field is missing.
    """
    known = struct.dtype.names
    if known is None:
        raise InputError("wrong variable", where=where, expected="a struct", got=struct.dtype)
    for name in names:
        if name not in known:
            raise InputError(
                "field missing", where=where, expected=name, do=did_you_mean(name, known)
            )
    return [list(struct[name].ravel()) for name in names]


def text(value: Any, where: str) -> str:
    """Unwrap the text in a char array, however many 1 × 1 cells are around it."""
    while isinstance(value, np.ndarray) and value.size == 1:
        value = value.flat[0]
    if isinstance(value, np.ndarray) and value.size == 0:
        return ""
    if not isinstance(value, str):
        raise InputError("wrong type", where=where, expected="text", got=type(value).__name__)
    return value


def texts(value: Any, where: str) -> list[str]:
    """Unwrap the texts in a cell array, or the rows of a char array, which blanks fill up."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        return [text(cell, where) for cell in value.ravel()]
    if isinstance(value, np.ndarray) and value.dtype.kind == "U" and value.size > 1:
        return [str(row).rstrip() for row in value.ravel()]
    return [text(value, where)]


def numbers(
    value: Any, where: str, shape: Sequence[int | None] | None = None
) -> NDArray[np.floating]:
    """Convert an array of numbers to floats (the release stores many as uint8, which wrap).

    Parameters
    ----------
    value : array
    where : str
        What it is, for the error.
    shape : sequence of int or None, optional
        Expected shape; None stands for any length.

    Raises
    ------
    InputError
        If it does not hold numbers, or has another shape.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise InputError("wrong type", where=where, expected="numbers", got=array.dtype)
    if shape is not None and not _fits(array.shape, shape):
        lengths = " × ".join("any" if length is None else str(length) for length in shape)
        raise InputError("wrong shape", where=where, expected=lengths, got=array.shape)
    return array if array.dtype.kind == "f" else array.astype(float)


def number(value: Any, where: str) -> float:
    """Unwrap one finite number.

    Raises
    ------
    InputError
        If there is another number of numbers, or it is not finite.
    """
    array = numbers(value, where)
    if array.size != 1 or not np.isfinite(array).all():
        got = array.item() if array.size == 1 else f"{array.size} numbers"
        raise InputError("no number", where=where, expected="one, finite", got=got)
    return float(array.item())


def _fits(found: tuple[int, ...], expected: Sequence[int | None]) -> bool:
    return len(found) == len(expected) and all(
        want in (None, have) for have, want in zip(found, expected, strict=True)
    )
