"""What can be wrong with a safetensors file: its header, or its numbers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.chaos.trial import UnfitError

Rng = np.random.Generator


def _parts(path: Path) -> tuple[dict[str, Any], bytes]:
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def _write(path: Path, header: dict[str, Any], data: bytes) -> None:
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def _entry(header: dict[str, Any], rng: Rng) -> tuple[str, dict[str, Any]]:
    names = [name for name in header if name != "__metadata__"]
    if not names:
        raise UnfitError
    name = names[rng.integers(len(names))]
    return name, header[name]


def shape(path: Path, rng: Rng) -> None:
    """Claim another shape."""
    header, data = _parts(path)
    _, entry = _entry(header, rng)
    old = entry["shape"]
    choices = ([*old[::-1]], [*old, 1], [n * 2 for n in old], [-1, *old[1:]], [], [10**12], [0])
    entry["shape"] = choices[rng.integers(len(choices))]
    if entry["shape"] == old:
        raise UnfitError
    _write(path, header, data)


def dtype(path: Path, rng: Rng) -> None:
    """Claim another type."""
    header, data = _parts(path)
    _, entry = _entry(header, rng)
    entry["dtype"] = str(rng.choice(["F64", "F16", "I32", "I8", "BOOL", "BF16", "X9", "F8_E4M3"]))
    _write(path, header, data)


def offsets(path: Path, rng: Rng) -> None:
    """Claim another place."""
    header, data = _parts(path)
    _, entry = _entry(header, rng)
    first, last = entry["data_offsets"]
    choices = ([first + 4, last + 4], [last, first], [0, 0], [first, 10**15], [-4, last], [first])
    entry["data_offsets"] = choices[rng.integers(len(choices))]
    _write(path, header, data)


def renamed(path: Path, rng: Rng) -> None:
    """Give a tensor another name."""
    header, data = _parts(path)
    name, entry = _entry(header, rng)
    del header[name]
    header[str(rng.choice([f"{name}.x", "", "é", f"x.{name}"]))] = entry
    _write(path, header, data)


def dropped(path: Path, rng: Rng) -> None:
    """Leave a tensor out of the header."""
    header, data = _parts(path)
    name, _ = _entry(header, rng)
    del header[name]
    _write(path, header, data)


def not_finite(path: Path, rng: Rng) -> None:
    """Put NaN or infinity in the place of a number."""
    header, data = _parts(path)
    _, entry = _entry(header, rng)
    if entry["dtype"] != "F32":
        raise UnfitError
    first, last = entry["data_offsets"]
    values = np.frombuffer(data[first:last], np.float32).copy()
    if not values.size:
        raise UnfitError
    values[rng.integers(values.size)] = rng.choice([np.nan, np.inf])
    _write(path, header, data[:first] + values.tobytes() + data[last:])


def huge_header(path: Path, rng: Rng) -> None:
    """Claim a header that is longer than the file."""
    content = path.read_bytes()
    sizes = [2**63, 10**8, 0, len(content)]
    path.write_bytes(int(sizes[rng.integers(4)]).to_bytes(8, "little") + content[8:])


FAULTS: dict[str, Callable[[Path, Rng], None]] = {
    "tensor_shape": shape,
    "tensor_dtype": dtype,
    "tensor_offsets": offsets,
    "tensor_renamed": renamed,
    "tensor_dropped": dropped,
    "tensor_not_finite": not_finite,
    "tensor_huge_header": huge_header,
}
UNKNOWABLE: set[str] = set()
