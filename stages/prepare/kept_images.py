"""The images of a recording while it is not whole, so that a killed one does not write them again.

They are written in a folder of CONCORD_SCRATCH, `images.hdf5` and, in `done.json`, how many there
are so far and of what. The recording gets the same file under another name, so that it takes no
room twice; when the recording is whole, the folder is removed.
"""

import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import h5py

from stages.core.pictures.images import TOGETHER, Image, fill_images
from stages.core.run.files import atomic, read_json, write_json
from stages.core.run.progress import progress

log = logging.getLogger("concord.prepare")


class Pictures(Protocol):
    """Images in the order of the stimuli, taken one at a time, from the first or a later one."""

    def __iter__(self) -> Iterator[Image]:
        """Yield all."""

    def __getitem__(self, rows: slice, /) -> Iterable[Image]:
        """Choose some."""


def keep_images(folder: Path, ids: Sequence[str], images: Pictures, key: str) -> Path:
    """Write images, going on with what an interrupted run has finished.

    Parameters
    ----------
    folder : Path
        Where they are kept; of other images it is emptied.
    ids : sequence of str
    images : Pictures
    key : str
        Digest of all that determines them.

    Returns
    -------
    Path
        The file with all images.

    Raises
    ------
    InputError
        As of `write_images`.
    """
    path, about = folder / "images.hdf5", folder / "done.json"
    done = _done(path, about, key)
    if done:
        log.info("kept %d of %d images", done, len(ids))
    else:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    if done < len(ids):
        written = fill_images(path, ids, images[done:], done)
        steps = len(ids) // TOGETHER - done // TOGETHER + 1
        for count in progress(written, f"images, {TOGETHER} at a time", steps):
            write_json(about, {"key": key, "images": count})
    return path


def _done(path: Path, about: Path, key: str) -> int:
    """How many of these images are there: none if the file is damaged or holds others."""
    if not about.exists():
        return 0
    content = read_json(about, f"Remove {about.parent}.")
    try:
        with h5py.File(path) as file:
            whole = "images" in file
    except OSError:
        whole = False
    return int(content["images"]) if whole and content["key"] == key else 0


def place(source: Path, path: Path) -> None:
    """Give a file a second name, or make a copy where the file system cannot."""
    with atomic(path) as partial:
        try:
            partial.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, partial)
