"""Responses of NSD to images: betas z-scored by session, then averaged over repeats."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.prepare.nsd.betas import Trials
from stages.prepare.nsd.kept_arrays import digest_of, has_arrays, read_rows, write_arrays
from stages.prepare.nsd.kept_sessions import NAME, keep_sessions, session_key
from stages.prepare.nsd.tree import TRIALS
from stages.prepare.single_responses import SINGLE, single_places

logger = logging.getLogger("concord.prepare")

# Raised by hand when the same trials begin to give other averages.
AVERAGING = 2
# The stored whole numbers are percent signal change times this.
SCALE = 300
# Bytes of working memory.
MEMORY = 1 << 30
NONE = np.empty(0, dtype=np.intp)


def percent_change(stored: Trials) -> NDArray[np.float32]:
    """Percent signal change of trials as they are stored.

    Parameters
    ----------
    stored : ndarray of int16, shape (n_voxels, n_trials)

    Returns
    -------
    ndarray of float32, shape (n_trials, n_voxels)
    """
    values = np.empty(stored.shape[::-1], dtype=np.float32)
    values[:] = stored.T
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
    valid = (trials != trials[0]).any(axis=0)
    centred = trials - trials.mean(axis=0, dtype=float)
    deviation = np.sqrt(np.square(centred).sum(axis=0) / len(trials))
    centred /= np.where(valid, deviation, np.inf)
    return centred.astype(np.float32), valid


def average_images(
    sessions: Iterable[Trials],
    rows: NDArray[np.intp],
    repeated: NDArray[np.intp],
    n_images: int,
    n_voxels: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Average the standardised responses of some voxels over the repeats of every image.

    Parameters
    ----------
    sessions : iterable of ndarray of int16, shape (n_voxels, 750)
        Of the same voxels; taken one at a time.
    rows : ndarray of int, shape (750 × n_sessions,)
        Which image each trial showed, of `n_images`; none is absent.
    repeated : ndarray of int, shape (n_repeated,)
        Images, shown `SINGLE` times at least, of which single responses are kept.
    n_images, n_voxels : int

    Returns
    -------
    ndarray of float32, shape (n_images, n_voxels)
    ndarray of float32, shape (SINGLE × n_repeated, n_voxels)
        The first response to each of the images repeated, then the second, and so on.
    ndarray of bool, shape (n_voxels,)
        Which voxels vary in every session; the responses of others are not valid.
    """
    total = np.zeros((n_images, n_voxels), dtype=np.float32)
    single = np.zeros((SINGLE * len(repeated), n_voxels), dtype=np.float32)
    valid = np.ones(n_voxels, dtype=bool)
    places = single_places(rows, repeated).reshape(-1, TRIALS)
    for stored, shown, place in zip(sessions, rows.reshape(-1, TRIALS), places, strict=True):
        values, varies = standardize(percent_change(stored))
        valid &= varies
        single[place[place >= 0]] = values[place >= 0]
        again = pd.Series(shown).groupby(shown).cumcount().to_numpy()
        for time in range(again.max() + 1):
            total[shown[again == time]] += values[again == time]
    total /= np.bincount(rows, minlength=n_images).astype(np.float32)[:, None]
    return total, single, valid


def stream_responses(
    paths: Sequence[Path],
    targets: pd.DataFrame,
    rows: NDArray[np.intp],
    shape: tuple[int, int, int],
    folder: Path,
    *,
    repeated: NDArray[np.intp] = NONE,
    memory: int = MEMORY,
) -> Iterator[tuple[NDArray[np.float32], pd.DataFrame]]:
    """Yield the responses of as many targets at a time as fit in memory, and those targets.

    Voxels that do not vary in every session, as where the volume moved out of the scanner's view,
    are left out, and their number is logged. Averages are kept beside the trials, so that a person
    of whom nothing has changed is only copied.

    Parameters
    ----------
    paths : sequence of Path
        One per session.
    targets : DataFrame
    rows : ndarray of int, shape (750 × n_sessions,)
        Which image each trial showed, from 0, none absent.
    shape : tuple of int
        Of the volume.
    folder : Path
        Where the trials of these sessions and their averages are kept.
    repeated : ndarray of int, shape (n_repeated,)
        Images of which single responses are kept there too: see `stream_single`.
    memory : int
        Bytes to stay within, about, beside the trials of one session.
    """
    size = block_size(int(rows.max()) + 1, memory, len(repeated))
    starts = range(0, len(targets), size)
    files = [_block_file(folder, start) for start in starts]
    keys = _block_keys(paths, targets, rows, repeated, size)
    todo = {file for file, key in zip(files, keys, strict=True) if not has_arrays(file, key)}
    voxels = targets[["i", "j", "k"]].to_numpy(np.int64)
    sessions = keep_sessions(paths, voxels, shape, folder) if todo else []
    dropped = 0
    for start, file, key in zip(starts, files, keys, strict=True):
        block = targets.iloc[start : start + size]
        if file in todo:
            write_arrays(file, key, _average_block(sessions, rows, repeated, start, len(block)))
        valid = read_rows(file, "valid")
        dropped += int((~valid).sum())
        yield read_rows(file, "responses"), block[valid]
    for stale in {*folder.glob("averages_*.safetensors")} - {*files}:
        stale.unlink()
    if dropped:
        logger.info(
            "%s: %d of %d voxels dropped, constant within a session",
            *(paths[0].parent, dropped, len(targets)),
        )


def stream_single(
    n_targets: int, n_images: int, n_repeated: int, folder: Path, *, memory: int = MEMORY
) -> Iterator[NDArray[np.float32]]:
    """Yield the single responses to repeated images, of the targets that `stream_responses` gave.

    Parameters
    ----------
    n_targets : int
        Of all targets that it was given.
    n_images, n_repeated : int
    folder : Path
    memory : int
        As there.

    Yields
    ------
    ndarray of float32, shape (SINGLE × n_repeated, any)
    """
    for start in range(0, n_targets, block_size(n_images, memory, n_repeated)):
        yield read_rows(_block_file(folder, start), "single")


def _block_file(folder: Path, start: int) -> Path:
    return folder / f"averages_{start:06d}.safetensors"


def _block_keys(
    paths: Sequence[Path],
    targets: pd.DataFrame,
    rows: NDArray[np.intp],
    repeated: NDArray[np.intp],
    size: int,
) -> list[str]:
    """Name all that determines the averages of each block of targets."""
    voxels = targets[["i", "j", "k"]].to_numpy(np.int64)
    sessions = [session_key(path, voxels) for path in paths]
    shown = hashlib.sha256(np.r_[rows, -1, repeated].astype("<i8").tobytes()).hexdigest()
    return [
        digest_of(sessions, shown, start, size, AVERAGING) for start in range(0, len(targets), size)
    ]


def _average_block(
    sessions: Sequence[Path],
    rows: NDArray[np.intp],
    repeated: NDArray[np.intp],
    start: int,
    n_voxels: int,
) -> dict[str, NDArray[Any]]:
    """Average the responses of some voxels that follow each other, valid ones only."""
    trials = (read_rows(file, NAME, start, start + n_voxels) for file in sessions)
    n_images = int(rows.max()) + 1
    responses, single, valid = average_images(trials, rows, repeated, n_images, n_voxels)
    arrays = {"responses": responses[:, valid], "single": single[:, valid]}
    return {name: np.ascontiguousarray(values) for name, values in arrays.items()} | {
        "valid": valid
    }


def block_size(n_images: int, memory: int, n_repeated: int = 0) -> int:
    """How many voxels fit: sums and averages, of the block before too, and a session as floats."""
    return max(1, memory // (16 * n_images + 8 * SINGLE * n_repeated + 24 * TRIALS))
