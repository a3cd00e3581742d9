"""Arrays in CONCORD_SCRATCH, each file with a key that names all that determines its content."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from stages.core.run.files import atomic


def digest_of(*content: Any) -> str:
    """SHA-256 of texts, numbers and lists of them."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def has_arrays(file: Path, key: str) -> bool:
    """Whether the arrays that the key names lie there, whole."""
    try:
        with safe_open(file, "numpy") as content:
            return (content.metadata() or {}).get("key") == key
    except (FileNotFoundError, SafetensorError):
        return False


def write_arrays(file: Path, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays in the place of those that lie there, atomically."""
    with atomic(file) as partial:
        save_file(dict(arrays), partial, {"key": key})


def read_rows(file: Path, name: str, first: int = 0, last: int | None = None) -> NDArray[Any]:
    """Read rows of an array; all by default."""
    with safe_open(file, "numpy") as content:
        rows: NDArray[Any] = content.get_slice(name)[first:last]
    return rows
