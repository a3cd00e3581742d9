"""The responses of NSD: betas read by voxels, z-scored by session, averaged over repeats.

A session is one HDF5 dataset `betas`, int16, trials × z × y × x, in chunks of all trials of one
voxel. Reading one trial would touch every chunk of a gigabyte, reading one voxel touches one: so
everything goes by voxels, a bounded number at a time.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.prepare.nsd.tree import OBTAIN, TRIALS

logger = logging.getLogger("concord.prepare")

# The stored whole numbers are percent signal change times this.
SCALE = 300
# Bytes of working memory.
MEMORY = 1 << 30
# Voxels looked at to tell the order of the axes.
SAMPLED = 1000

Voxels = NDArray[np.int64]


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
    require_file(path, OBTAIN)
    try:
        file = h5py.File(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        if not isinstance(file.get("betas"), h5py.Dataset):
            raise InputError("dataset missing", where=path, expected="betas", got=list(file))
        betas = file["betas"]
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


def _unreadable(path: object, error: OSError) -> InputError:
    return InputError("truncated or unreadable hdf5", where=path, got=error, do=OBTAIN)


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


def read_voxels(betas: Any, voxels: Voxels) -> NDArray[np.float32]:
    """Read all trials of some voxels, chunk by chunk and nothing else.

    Parameters
    ----------
    betas : h5py.Dataset
        As `open_betas` yields it.
    voxels : ndarray of int, shape (n_voxels, 3)

    Returns
    -------
    ndarray of float32, shape (750, n_voxels)
        Percent signal change; 0 throughout where a voxel was not measured.

    Raises
    ------
    InputError
        If a part of the file cannot be read.
    """
    values = np.empty((TRIALS, len(voxels)), dtype=np.float32)
    for z, y, x, run in voxel_runs(voxels):
        try:
            values[:, run] = betas[:, z, y, x : x + len(run)]
        except OSError as error:
            raise _unreadable(f"{betas.file.filename}, voxel {x}, {y}, {z}", error) from error
    values /= SCALE
    return values


def standardize(
    trials: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Standardise every voxel over the trials of a session.

    Parameters
    ----------
    trials : ndarray, shape (n_trials, n_voxels)

    Returns
    -------
    ndarray of float32, shape (n_trials, n_voxels)
        Mean 0 and standard deviation 1; 0 where a voxel does not vary.
    ndarray of bool, shape (n_voxels,)
        Which voxels vary.
    """
    valid = np.ptp(trials, axis=0) > 0
    mean = trials.mean(axis=0, dtype=float)
    deviation = np.where(valid, trials.std(axis=0, dtype=float), np.inf)
    return ((trials - mean) / deviation).astype(np.float32), valid


def average_images(
    sessions: Sequence[Any], rows: NDArray[np.intp], voxels: Voxels, n_images: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Average the standardised responses of some voxels over the repeats of every image.

    Parameters
    ----------
    sessions : sequence of h5py.Dataset
    rows : ndarray of int, shape (750 × n_sessions,)
        Which image each trial showed, of `n_images`; none is absent.
    voxels : ndarray of int, shape (n_voxels, 3)
    n_images : int

    Returns
    -------
    ndarray of float32, shape (n_images, n_voxels)
    ndarray of bool, shape (n_voxels,)
        Which voxels vary in every session; the responses of others are not valid.
    """
    total = np.zeros((n_images, len(voxels)), dtype=np.float32)
    valid = np.ones(len(voxels), dtype=bool)
    for betas, shown in zip(sessions, rows.reshape(-1, TRIALS), strict=True):
        values, varies = standardize(read_voxels(betas, voxels))
        valid &= varies
        again = pd.Series(shown).groupby(shown).cumcount().to_numpy()
        for time in range(again.max() + 1):
            total[shown[again == time]] += values[again == time]
    total /= np.bincount(rows, minlength=n_images).astype(np.float32)[:, None]
    return total, valid


def stream_responses(
    paths: Sequence[Path],
    targets: pd.DataFrame,
    rows: NDArray[np.intp],
    shape: tuple[int, int, int],
    memory: int = MEMORY,
) -> Iterator[tuple[NDArray[np.float32], pd.DataFrame]]:
    """Yield the responses of as many targets at a time as fit in memory, and those targets.

    Voxels that do not vary in every session, as where the volume moved out of the scanner's view,
    are left out, and their number is logged.

    Parameters
    ----------
    paths : sequence of Path
        One per session.
    targets : DataFrame
    rows : ndarray of int, shape (750 × n_sessions,)
        Which image each trial showed, from 0, none absent.
    shape : tuple of int
        Of the volume.
    memory : int
        Bytes to stay within, about.
    """
    n_images = int(rows.max()) + 1
    size = block_size(n_images, memory)
    dropped = 0
    with ExitStack() as stack:
        sessions = [stack.enter_context(open_betas(path, shape)) for path in paths]
        for start in range(0, len(targets), size):
            block = targets.iloc[start : start + size]
            voxels = block[["i", "j", "k"]].to_numpy(np.int64)
            responses, valid = average_images(sessions, rows, voxels, n_images)
            dropped += int((~valid).sum())
            yield responses[:, valid], block[valid]
    if dropped:
        logger.info(
            "%s: %d of %d voxels dropped, constant within a session",
            *(paths[0].parent, dropped, len(targets)),
        )


def block_size(n_images: int, memory: int) -> int:
    """How many voxels fit: sums and averages, of the block before too, and a session as floats."""
    return max(1, memory // (16 * n_images + 24 * TRIALS))


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
            int(np.ptp(read_voxels(betas, order), axis=0).astype(bool).sum())
            for order in (some, some[:, ::-1])
        )
    if swapped > inside:
        raise InputError(
            "regions with their axes in the wrong order",
            where=path,
            expected=f"most of {len(some)} labelled voxels in the brain",
            got=f"{inside}, and {swapped} with x and z swapped",
        )
