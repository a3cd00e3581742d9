"""What can be wrong with JSON: any value in it, or its text."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.chaos.trial import UnfitError

Rng = np.random.Generator
ODD: tuple[Any, ...] = (
    None, True, "", "text", [], {}, -1, 0, 1.5, 10**30, 1e308, [[1]], {"a": None}, "\x00", "<b>",
    "../..",
)  # fmt: skip
Place = tuple[Any, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield where every value stands: keys and positions, of lists the first three."""
    if at:
        yield at
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*at, key))
    elif isinstance(value, list):
        for k in range(min(len(value), 3)):
            yield from places(value[k], (*at, k))


def _inner(content: Any, rng: Rng) -> tuple[Any, Any]:
    """Draw something: what holds it, and where. All depths are drawn alike."""
    found = list(places(content))
    if not found:
        raise UnfitError
    depths = sorted({len(at) for at in found})
    depth = depths[rng.integers(len(depths))]
    same = [at for at in found if len(at) == depth]
    at = same[rng.integers(len(same))]
    for step in at[:-1]:
        content = content[step]
    return content, at[-1]


def _edit(path: Path, rng: Rng, edit: Callable[[Any, Any], None]) -> None:
    content = json.loads(path.read_text())
    edit(*_inner(content, rng))
    path.write_text(json.dumps(content))


def drop(path: Path, rng: Rng) -> None:
    """Leave out a value."""
    _edit(path, rng, lambda holder, at: holder.pop(at))


def odd(path: Path, rng: Rng) -> None:
    """Put something odd in the place of a value."""
    _edit(path, rng, lambda holder, at: holder.__setitem__(at, ODD[rng.integers(len(ODD))]))


def nan(path: Path, rng: Rng) -> None:
    """Put NaN or infinity in the place of a value."""
    _edit(path, rng, lambda holder, at: holder.__setitem__(at, rng.choice([np.nan, np.inf])))


def renamed(path: Path, rng: Rng) -> None:
    """Give a key another name."""

    def rename(holder: Any, at: Any) -> None:
        if not isinstance(holder, dict):
            raise UnfitError
        holder[f"{at}x"] = holder.pop(at)

    _edit(path, rng, rename)


def doubled(path: Path, rng: Rng) -> None:
    """Repeat an element of a list."""

    def repeat(holder: Any, at: Any) -> None:
        if isinstance(holder[at], list) and holder[at]:
            holder[at].append(holder[at][0])
        elif isinstance(holder, list):
            holder.append(holder[at])
        else:
            raise UnfitError

    _edit(path, rng, repeat)


def scaled(path: Path, rng: Rng) -> None:
    """Make a number another."""

    def scale(holder: Any, at: Any) -> None:
        if isinstance(holder[at], bool) or not isinstance(holder[at], int | float):
            raise UnfitError
        holder[at] = holder[at] * -3 + 1

    _edit(path, rng, scale)


def wrapped(path: Path, rng: Rng) -> None:
    """Put the whole in a list, or a number in its place."""
    content = json.loads(path.read_text())
    choices = ([content], 3, "text", None, [], {})
    path.write_text(json.dumps(choices[rng.integers(len(choices))]))


def deep(path: Path, rng: Rng) -> None:
    """Nest without end."""
    path.write_text('{"a":' * 100_000 + "1" + "}" * 100_000)


def latin(path: Path, rng: Rng) -> None:
    """Write it in another encoding, with a name that shows it."""
    content = json.loads(path.read_text())
    if isinstance(content, dict):
        content["é"] = "ü"
    text = json.dumps(content, ensure_ascii=False)
    path.write_bytes(text.encode(str(rng.choice(["latin-1", "utf-16", "utf-8-sig"]))))


def long_number(path: Path, rng: Rng) -> None:
    """Put a number of many digits, or a lone surrogate, in the place of a value."""
    content = json.loads(path.read_text())
    holder, at = _inner(content, rng)
    holder[at] = "@@"
    text = json.dumps(content)
    path.write_text(text.replace('"@@"', str(rng.choice(["9" * 6000, '"\\ud800"', "1e999"]))))


FAULTS: dict[str, Callable[[Path, Rng], None]] = {
    "json_drop": drop,
    "json_odd": odd,
    "json_nan": nan,
    "json_renamed": renamed,
    "json_doubled": doubled,
    "json_scaled": scaled,
    "json_wrapped": wrapped,
    "json_deep": deep,
    "json_latin": latin,
    "json_long": long_number,
}
UNKNOWABLE = {
    "json_drop", "json_odd", "json_renamed", "json_doubled", "json_scaled", "json_latin",
    "json_wrapped", "json_long",
}  # fmt: skip
