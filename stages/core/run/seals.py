"""Files that are known again: their digests, and descriptions that hold a digest of themselves.

A description of other files is as good as the hand that last wrote it. So it is sealed: it holds
the digest of all else in it, and what was edited afterwards is refused by whoever reads it. The
order of its keys is sealed too: that of layers is their depth.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from stages.core.run.digests import known_sha256
from stages.core.run.errors import InputError
from stages.core.run.files import read_json, sha256

SEAL = "digest"
# Bytes from which a digest is kept, so that it is not taken each time that the file is read.
LARGE = 2**26


def sealed(content: dict[str, Any]) -> dict[str, Any]:
    """Add its own digest to the description of a file or folder."""
    return content | {SEAL: _digest(content)}


def is_sealed(content: dict[str, Any]) -> bool:
    """Whether a description is as it was written."""
    return content.get(SEAL) == _digest(content)


def _digest(content: dict[str, Any]) -> str:
    rest = {name: value for name, value in content.items() if name != SEAL}
    return hashlib.sha256(json.dumps(rest).encode()).hexdigest()


def read_sealed(path: Path, do: str) -> dict[str, Any]:
    """Read a sealed description, without its seal.

    Raises
    ------
    InputError
        If it is missing or unreadable, or was edited since.
    """
    content = read_json(path, do)
    if not is_sealed(content):
        raise InputError(
            "file that was edited",
            where=path,
            expected=f"digest {_digest(content)[:12]}",
            got=str(content.get(SEAL, "none"))[:12],
            do=do,
        )
    return {name: value for name, value in content.items() if name != SEAL}


def seal_of(path: Path, do: str) -> str:
    """Read the digest that a sealed description holds of itself; raises like `read_sealed`."""
    return _digest(read_sealed(path, do))


def file_digest(path: Path) -> str:
    """SHA-256 of a file; of a large one it is kept as long as the file stays as it is."""
    return known_sha256(path) if path.stat().st_size >= LARGE else sha256(path)


def check_unchanged(path: Path, expected: str, do: str) -> None:
    """Raise `InputError` unless a file is the one that was described."""
    found = file_digest(path)
    if found != expected:
        raise InputError(
            "another file than was described",
            where=path,
            expected=f"SHA-256 {expected[:12]}",
            got=found[:12],
            do=do,
        )
