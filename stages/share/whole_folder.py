"""Folders written whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages.core.run.errors import InputError
from stages.core.run.files import partial_path, sweep


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Yield a new folder that becomes `folder` only if the block succeeds.

    What processes left that were killed while they wrote it is removed.

    Raises
    ------
    InputError
        If something is in the folder already: nothing is ever removed there.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("folder that is not empty", where=folder, do="Move it away, or remove it.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    partial = partial_path(folder)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
