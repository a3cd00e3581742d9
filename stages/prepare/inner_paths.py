"""Paths that may not lead out of a folder, whatever names or links say."""

from pathlib import Path

from stages.core.run.errors import InputError

# Said of raw files that are not there.
UNSEEN = "What Git ignores is not seen by `dvc exp run --temp` and `--queue`."


def inside(path: Path, folder: Path) -> Path:
    """Return a path if what it leads to lies in a folder.

    Raises
    ------
    InputError
        If it leads out of the folder, or to itself.
    """
    try:
        place = path.resolve()
    except (RuntimeError, OSError) as error:  # a loop of links, by version of Python
        raise InputError("link that leads nowhere", where=path, got=error) from error
    if not place.is_relative_to(folder.resolve()):
        do = "Put a copy there; only the whole folder may be a link."
        raise InputError("path that leads out of the folder", where=folder, got=path.name, do=do)
    return path
