"""Reading and writing files so that nothing half-written is ever taken for whole."""

import errno
import hashlib
import json
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stages.core.run.errors import ConcordError, InputError

BLOCK = 2**20  # bytes that are read at once
# By how much deflate packs at most, and bytes that no file needs to hold.
PACKED, SMALL = 1100, 2**26
LFS_POINTER = b"version https://git-lfs"
# What a disk says that is full, or may not be written to.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR}
# How libraries word it that drop the number.
WORDS = tuple(os.strerror(number) for number in sorted(FULL | {errno.EROFS}))


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` only if the block succeeds.

    Raises
    ------
    ConcordError
        If the disk is full, or nothing may be written there.
    """
    partial = partial_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        yield partial
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    except ConcordError:
        raise
    except Exception as error:
        why, named = unwritable(error), getattr(error, "filename", None)
        if why and (named is None or path.parent in (Path(named), *Path(named).parents)):
            do = "Make room or a folder that can be written to, and run again."
            raise ConcordError("cannot write", where=path, got=why, do=do) from error
        raise
    finally:
        if partial.parent.is_dir():
            partial.unlink(missing_ok=True)


def partial_path(path: Path) -> Path:
    """Name what is written before it is whole: after this process and thread, beside the file."""
    return path.with_name(f"{_beginning(path)}{os.getpid()}-{threading.get_ident()}.partial")


def _beginning(path: Path) -> str:
    """Begin the name of a file's temporary one, as every process of this machine does."""
    return f".{path.name}.{socket.gethostname()}-"


def sweep(path: Path) -> None:
    """Remove what processes of this machine left that were killed while they wrote there.

    What is of a process that lives, of another machine or of another name stays, and so does what
    may not be removed.
    """
    left = re.compile(re.escape(_beginning(path)) + r"([0-9]+)-[0-9]+\.partial")
    for one in path.parent.iterdir():
        found = left.fullmatch(one.name)
        if found and not _lives(int(found[1])):
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one, ignore_errors=True)
            else:
                with suppress(OSError):
                    one.unlink()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def take_room(path: Path, size: int) -> None:
    """Let a file have its room on the disk before it is written.

    Raises
    ------
    OSError
        If there is not as much.
    """
    with path.open("ab") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(1, size))


def unwritable(error: Exception) -> str:
    """Say why a disk was not written to, if that is what went wrong, or led to it; else nothing."""
    if isinstance(error, OSError) and error.errno in CLOSED:
        return os.strerror(error.errno)
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno in FULL:
            return os.strerror(found.errno)
        for words in WORDS:
            if words in str(found):
                return words
        found = found.__cause__ or found.__context__
    return ""


def _umask() -> int:
    """Permissions that new files do not get; some writers ignore it, and a cache is shared."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sha256(path: Path, size: int | None = None) -> str:
    """Hex digest of a file's content, or of its first bytes.

    Raises
    ------
    InputError
        If it is no file: a pipe would be waited for.
    """
    if path.exists() and not path.is_file():
        raise InputError("not a file", where=path)
    with path.open("rb") as stream:
        if size is None:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        found = hashlib.sha256()
        while size > 0 and (part := stream.read(min(size, BLOCK))):
            found.update(part)
            size -= len(part)
        return found.hexdigest()


def lies_there(path: Path) -> bool:
    """Whether a file or folder is there.

    Raises
    ------
    InputError
        If a link is there that leads nowhere: that is no absence.
    """
    if os.path.lexists(path) and not path.exists():
        do = "Run `dvc checkout`, or remove it."
        raise InputError("link that leads nowhere", where=path, do=do)
    return path.exists()


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


def check_claim(n_bytes: int, path: Path, where: object, do: str) -> None:
    """Raise `InputError` if more bytes are claimed than a file can hold, packed by deflate."""
    size = path.stat().st_size
    most = PACKED * size + SMALL
    if n_bytes > most:
        got = f"{n_bytes} bytes in a file of {size}"
        what = "more claimed than is stored"
        raise InputError(what, where=where, expected=f"at most {most}", got=got, do=do)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write strict JSON (no NaN), atomically, with a stable layout."""
    with atomic(path) as partial:
        partial.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n")


def read_utf8(path: Path, do: str) -> str:
    """Read a text file, or raise `InputError` if it is missing, empty or of another encoding."""
    require_file(path, do)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError("not text of UTF-8", where=path, got=error, do=do) from error


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON, of whose keys none has two values: readers would take either.

    Raises
    ------
    ValueError
        Naming the first that has.
    """
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise ValueError(f"two values of {key!r}")
        found[key] = value
    return found


def read_json(path: Path, do: str) -> dict[str, Any]:
    """Read a strict JSON object, or raise `InputError` if it is missing or unreadable."""
    text = read_utf8(path, do)
    try:
        content = json.loads(text, parse_constant=_no_number, object_pairs_hook=unique_keys)
        if "\\ud" in text.lower():  # half of a character, that nothing can write again
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InputError("unreadable JSON", where=path, got=error, do=do) from error
    if not isinstance(content, dict):
        raise InputError("wrong JSON", where=path, expected="an object", got=type(content).__name__)
    return content
