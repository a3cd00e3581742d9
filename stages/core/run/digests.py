"""Digests of large files, each taken once as long as the file stays as it is."""

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from stages.core.run.errors import ConcordError, InputError
from stages.core.run.files import read_json, sha256, write_json
from stages.core.run.settings import read_settings


def known_sha256(path: Path, first: int | None = None) -> str:
    """Hex digest of a file's content, which is read only if the file is new or has changed.

    Where `first` is given, of so many bytes at its beginning.

    What was found is kept in `CONCORD_SCRATCH/digests/`, one small file per path, with the size,
    the time of the last change in nanoseconds and the inode of the file at that time: all three
    must be the same for the digest to be used again. DVC knows unchanged files by the same signs.
    Where nothing can be kept, or what was kept is damaged, the digest is taken anew.
    """
    which = str(path.resolve()) if first is None else f"{path.resolve()} {first}"
    place = hashlib.sha256(which.encode()).hexdigest()
    kept = read_settings().scratch / "digests" / f"{place}.json"
    signs = _signs(path)
    with suppress(InputError):
        about = read_json(kept, "") if kept.exists() else {}
        if about.get("signs") == signs:
            return str(about["sha256"])
    found = sha256(path, first)
    if _signs(path) == signs:
        with suppress(ConcordError):
            write_json(kept, {"path": str(path), "signs": signs, "sha256": found})
    return found


def _signs(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "inode": status.st_ino}
