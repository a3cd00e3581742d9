"""The trials of each session, kept on disk as they were read, so that none is read again.

Of the gigabyte of a session a recording takes the voxels that lie in a region: 50 MB, which take
seconds to collect. They are kept in `CONCORD_SCRATCH/prepare/<dataset>/<subject>/`, one file per
session, after the recording is whole too: whoever adds a person or a session reads no other. What
is kept is what comes before any average and any z-score, so that it serves every choice of
sessions. There is never more than one file per session, which a session that has changed, or
other voxels, replace; the last averages lie beside them (`stages.prepare.nsd.repeats`). All of it,
3 GB for a person of 40 sessions, may be deleted at any time.

A session is known by its size and the time of its last change in nanoseconds. A digest would take
as long as reading the whole file, twenty times as much as is taken from it.
"""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

from stages.core.run.progress import progress
from stages.prepare.nsd.betas import Voxels, open_betas, read_stored
from stages.prepare.nsd.kept_arrays import digest_of, has_arrays, write_arrays

# Raised by hand when other values begin to be read from the same session and voxels.
READING = 1
NAME = "trials"

log = logging.getLogger("concord.prepare")


def keep_sessions(
    paths: Sequence[Path], voxels: Voxels, shape: tuple[int, int, int], folder: Path
) -> list[Path]:
    """Read the sessions whose trials are not kept yet.

    Parameters
    ----------
    paths : sequence of Path
        Betas of a subject, one file per session.
    voxels : ndarray of int, shape (n_voxels, 3)
    shape : tuple of int
        Of the volume.
    folder : Path
        Where the subject's trials are kept.

    Returns
    -------
    list of Path
        One file per session, with an array `trials`, int16, shape (n_voxels, 750).

    Raises
    ------
    InputError
        If a session is missing, damaged or of another kind.
    """
    files = [folder / f"{path.stem}.safetensors" for path in paths]
    keys = [session_key(path, voxels) for path in paths]
    todo = [k for k, file in enumerate(files) if not has_arrays(file, keys[k])]
    if len(todo) < len(files):
        log.info("%s: kept %d of %d sessions", folder.name, len(files) - len(todo), len(files))
    for stale in folder.glob(".*.partial"):
        stale.unlink()
    for k in progress(todo, folder.name):
        with open_betas(paths[k], shape) as betas:
            trials = read_stored(betas, voxels)
        write_arrays(files[k], keys[k], {NAME: trials})
    return files


def session_key(path: Path, voxels: Voxels) -> str:
    """SHA-256 of all that determines what is kept of a session, `READING` included."""
    status = path.stat()
    places = hashlib.sha256(voxels.astype("<i8").tobytes()).hexdigest()
    return digest_of(path.name, status.st_size, status.st_mtime_ns, places, READING)
