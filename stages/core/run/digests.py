"""Digests of large files, each taken once as long as the file stays as it is."""

import hashlib
from pathlib import Path
from typing import Any

from stages.core.run.files import read_json, sha256, write_json
from stages.core.run.settings import read_settings


def known_sha256(path: Path) -> str:
    """Hex digest of a file's content, which is read only if the file is new or has changed.

    What was found is kept in `CONCORD_SCRATCH/digests/`, one small file per path, with the size,
    the time of the last change in nanoseconds and the inode of the file at that time: all three
    must be the same for the digest to be used again. DVC knows unchanged files by the same signs.

    Raises
    ------
    InputError
        If what was kept is unreadable.
    """
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()
    kept = read_settings().scratch / "digests" / f"{place}.json"
    signs = _signs(path)
    if kept.exists():
        about = read_json(kept, "Remove it.")
        if about.get("signs") == signs:
            return str(about["sha256"])
    found = sha256(path)
    if _signs(path) == signs:
        write_json(kept, {"path": str(path), "signs": signs, "sha256": found})
    return found


def _signs(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "inode": status.st_ino}
