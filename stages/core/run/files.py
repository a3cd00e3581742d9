"""Reading and writing files so that nothing half-written is ever taken for whole."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stages.core.run.errors import InputError

LFS_POINTER = b"version https://git-lfs"


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` only if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _umask() -> int:
    """Permissions that new files do not get; some writers ignore it, and a cache is shared."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def require_file(path: Path, do: str) -> Path:
    """Return `path` if it is a real file.

    Raises
    ------
    InputError
        If it is missing, empty, or a Git-LFS pointer standing in for the content.
    """
    if not path.is_file():
        raise InputError("file not found", where=path, do=do)
    with path.open("rb") as stream:
        head = stream.read(len(LFS_POINTER))
    if not head:
        raise InputError("empty file", where=path, do=do)
    if head == LFS_POINTER:
        raise InputError(
            "Git-LFS pointer in place of the file",
            where=path,
            do="Fetch the content with `git lfs pull` or from the original source.",
        )
    return path


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write strict JSON (no NaN), atomically, with a stable layout."""
    with atomic(path) as partial:
        partial.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n")


def read_json(path: Path, do: str) -> dict[str, Any]:
    """Read a JSON object, or raise `InputError` if it is missing or unreadable."""
    require_file(path, do)
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise InputError("unreadable JSON", where=path, got=error, do=do) from error
    if not isinstance(content, dict):
        raise InputError("wrong JSON", where=path, expected="an object", got=type(content).__name__)
    return content
