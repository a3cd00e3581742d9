"""Responses of NSD to images: betas z-scored by session, then averaged over repeats."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.prepare.nsd.betas import Trials
from stages.prepare.nsd.kept_sessions import keep_sessions, kept_trials
from stages.prepare.nsd.tree import TRIALS

logger = logging.getLogger("concord.prepare")

# The stored whole numbers are percent signal change times this.
SCALE = 300
# Bytes of working memory.
MEMORY = 1 << 30


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
    sessions: Iterable[Trials], rows: NDArray[np.intp], n_images: int, n_voxels: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Average the standardised responses of some voxels over the repeats of every image.

    Parameters
    ----------
    sessions : iterable of ndarray of int16, shape (n_voxels, 750)
        Of the same voxels; taken one at a time.
    rows : ndarray of int, shape (750 × n_sessions,)
        Which image each trial showed, of `n_images`; none is absent.
    n_images, n_voxels : int

    Returns
    -------
    ndarray of float32, shape (n_images, n_voxels)
    ndarray of bool, shape (n_voxels,)
        Which voxels vary in every session; the responses of others are not valid.
    """
    total = np.zeros((n_images, n_voxels), dtype=np.float32)
    valid = np.ones(n_voxels, dtype=bool)
    for stored, shown in zip(sessions, rows.reshape(-1, TRIALS), strict=True):
        values, varies = standardize(percent_change(stored))
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
    folder: Path,
    *,
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
    folder : Path
        Where the trials of these sessions are kept.
    memory : int
        Bytes to stay within, about, beside the trials of one session.
    """
    n_images = int(rows.max()) + 1
    size = block_size(n_images, memory)
    dropped = 0
    files = keep_sessions(paths, targets[["i", "j", "k"]].to_numpy(np.int64), shape, folder)
    for start in range(0, len(targets), size):
        block = targets.iloc[start : start + size]
        sessions = (kept_trials(file, start, start + len(block)) for file in files)
        responses, valid = average_images(sessions, rows, n_images, len(block))
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
