"""The files of NSD's responses, read by voxels.

A session is one HDF5 dataset `betas`, int16, trials × z × y × x, in chunks of all trials of one
voxel. Reading one trial would touch every chunk of a gigabyte, reading one voxel touches one: so
everything goes by voxels.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.core.run.hdf5_files import dataset, hdf5_reading, open_hdf5
from stages.prepare.nsd.tree import OBTAIN, TRIALS

# Voxels looked at to tell the order of the axes.
SAMPLED = 1000
# Voxels by which sessions are told apart.
COMPARED = 20

Voxels = NDArray[np.int64]
Trials = NDArray[np.int16]


@contextmanager
def open_betas(path: Path, shape: tuple[int, int, int]) -> Iterator[Any]:
    """Open the betas of a session.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        Of the volume, x, y, z.

    Yields
    ------
    h5py.Dataset of int16, shape (750, z, y, x)

    Raises
    ------
    InputError
        If the file is truncated or no HDF5 file, or its content is not of this kind.
    """
    with open_hdf5(path, OBTAIN) as file:
        betas = dataset(file, "betas", path, OBTAIN)
        expected = (TRIALS, *shape[::-1])
        if betas.shape != expected or betas.dtype != np.int16:
            raise InputError(
                "betas do not fit the volume of the regions",
                where=path,
                expected=f"int16 {expected}, trials and the volume's axes reversed",
                got=f"{betas.dtype} {betas.shape}",
            )
        if betas.chunks is None or betas.chunks[0] < TRIALS:
            raise InputError(
                "betas stored by trial",
                where=path,
                expected=f"chunks of {TRIALS} trials",
                got=betas.chunks or "no chunks",
                do="Repack them: h5repack -l betas:CHUNK=750x1x1x1 <file> <new file>",
            )
        yield betas


def voxel_runs(voxels: Voxels) -> list[tuple[int, int, int, NDArray[np.intp]]]:
    """Split voxels into runs that neighbour each other along x.

    Parameters
    ----------
    voxels : ndarray of int, shape (n_voxels, 3)
        Indices x, y, z from 0.

    Returns
    -------
    list of (z, y, first x, indices of the run's voxels), in the order of the file
    """
    order = np.lexsort(voxels.T)
    x, y, z = voxels[order].T
    breaks = (np.diff(z) != 0) | (np.diff(y) != 0) | (np.diff(x) != 1)
    runs = np.split(order, np.flatnonzero(breaks) + 1)
    first = [voxels[run[0]] for run in runs]
    return [(int(z), int(y), int(x), run) for (x, y, z), run in zip(first, runs, strict=True)]


def read_stored(betas: Any, voxels: Voxels) -> Trials:
    """Read all trials of some voxels, chunk by chunk and nothing else.

    Parameters
    ----------
    betas : h5py.Dataset
        As `open_betas` yields it.
    voxels : ndarray of int, shape (n_voxels, 3)

    Returns
    -------
    ndarray of int16, shape (n_voxels, 750)
        As stored; 0 throughout where a voxel was not measured.

    Raises
    ------
    InputError
        If a part of the file cannot be read.
    """
    trials = np.empty((len(voxels), TRIALS), dtype=np.int16)
    for z, y, x, run in voxel_runs(voxels):
        with hdf5_reading(f"{betas.file.filename}, voxel {x}, {y}, {z}", OBTAIN):
            trials[run] = betas[:, z, y, x : x + len(run)].T
    return trials


def varying(trials: Trials) -> NDArray[np.bool_]:
    """Which voxels differ from trial to trial, of trials as `read_stored` gives them."""
    return np.asarray((trials != trials[:, :1]).any(axis=1))


def check_copies(paths: Sequence[Path], shape: tuple[int, int, int], voxels: Voxels) -> None:
    """Raise `InputError` if one session has the responses of another.

    A few voxels tell: noise never repeats through all trials.

    Parameters
    ----------
    paths : sequence of Path
        Betas of sessions.
    shape : tuple of int
    voxels : ndarray of int, shape (n_voxels, 3)
    """
    some = voxels[:: max(1, len(voxels) // COMPARED)]
    before: dict[bytes, Path] = {}
    for path in paths:
        with open_betas(path, shape) as betas:
            trials = read_stored(betas, some)
        measured = trials[varying(trials)].tobytes()
        if measured and measured in before:
            raise InputError(
                "session with the responses of another",
                where=path,
                got=f"those of {before[measured].name}",
                do=OBTAIN,
            )
        before[measured] = path


def check_axes(path: Path, shape: tuple[int, int, int], voxels: Voxels) -> None:
    """Raise `InputError` if voxels lie in the brain only once x and z are swapped.

    Where the two axes differ in length `open_betas` notices; where they do not, voxels outside
    the brain, which are 0 throughout, give the wrong order away.

    Parameters
    ----------
    path : Path
        Betas of a session.
    shape : tuple of int
    voxels : ndarray of int, shape (n_voxels, 3)
    """
    if shape[0] != shape[2]:
        return
    some = voxels[:: max(1, len(voxels) // SAMPLED)]
    with open_betas(path, shape) as betas:
        inside, swapped = (
            int(varying(read_stored(betas, order)).sum()) for order in (some, some[:, ::-1])
        )
    if swapped > inside:
        raise InputError(
            "regions with their axes in the wrong order",
            where=path,
            expected=f"most of {len(some)} labelled voxels in the brain",
            got=f"{inside}, and {swapped} with x and z swapped",
        )
