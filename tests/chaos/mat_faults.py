"""What can be wrong with a MATLAB file: any array in it, at any depth."""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat, savemat

from tests.chaos.number_faults import CHANGES
from tests.chaos.number_faults import UNKNOWABLE as CONTENT
from tests.chaos.trial import UnfitError

Rng = np.random.Generator
Place = tuple[Any, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Paths to every array below one: names of fields, and positions in cells."""
    yield at
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], (*at, name))
    elif isinstance(value, np.ndarray) and value.dtype.names:
        for name in value.dtype.names:
            for k in range(min(value.size, 3)):
                yield from places(value[name].flat[k], (*at, (name, k)))
    elif isinstance(value, np.ndarray) and value.dtype == object:
        for k in range(min(value.size, 3)):
            yield from places(value.flat[k], (*at, k))


def get(value: Any, at: Place) -> Any:
    """Find what stands at a place."""
    for step in at:
        if isinstance(step, tuple):
            value = value[step[0]].flat[step[1]]
        else:
            value = value[step] if isinstance(value, dict) else value.flat[step]
    return value


def put(value: Any, at: Place, new: Any) -> None:
    """Put something at a place."""
    inner, last = get(value, at[:-1]), at[-1]
    if isinstance(last, tuple):
        inner[last[0]].flat[last[1]] = new
    elif isinstance(inner, dict):
        inner[last] = new
    else:
        inner.flat[last] = new


def load(path: Path) -> dict[str, Any]:
    """Read the variables of a file."""
    return {k: v for k, v in loadmat(path).items() if not k.startswith("__")}


def _choose(content: dict[str, Any], rng: Rng) -> Place:
    """Draw a variable, then something in it, so that long lists are not drawn alone."""
    found = [at for at in places(content) if at]
    names = sorted({str(at[0]) for at in found})
    chosen = names[rng.integers(len(names))]
    of_name = [at for at in found if at[0] == chosen]
    return of_name[rng.integers(len(of_name))]


def _save(path: Path, content: dict[str, Any], rng: Rng) -> None:
    path.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        savemat(path, content, do_compression=bool(rng.integers(2)))


def change(name: str, path: Path, rng: Rng) -> None:
    """Change one array."""
    content = load(path)
    at = _choose(content, rng)
    value = get(content, at)
    if not isinstance(value, np.ndarray):
        value = np.asarray(value)
    put(content, at, CHANGES[name](value, rng))
    _save(path, content, rng)


def drop(path: Path, rng: Rng) -> None:
    """Leave out a variable, or a field of a struct."""
    content = load(path)
    name = sorted(content)[rng.integers(len(content))]
    value = content[name]
    if value.dtype.names and rng.random() < 0.8:
        kept = [one for one in value.dtype.names if one != rng.choice(value.dtype.names)]
        content[name] = value[kept] if kept else np.zeros((0, 0))
    else:
        del content[name]
    _save(path, content, rng)


def compressed(path: Path, rng: Rng) -> None:
    """Write the same, compressed, and flip bits in it."""
    content = load(path)
    path.unlink()
    savemat(path, content, do_compression=True)
    data = bytearray(path.read_bytes())
    for _ in range(rng.integers(0, 4)):
        data[rng.integers(128, len(data))] ^= 1 << int(rng.integers(8))
    path.write_bytes(data)


def tags(path: Path, rng: Rng) -> None:
    """Flip bits in the tags that say types and lengths."""
    data = bytearray(path.read_bytes())
    words = [k for k in range(128, len(data) - 8, 8) if 0 < data[k] <= 18 and not data[k + 1]]
    for _ in range(rng.integers(1, 5)):
        at = words[rng.integers(len(words))] + int(rng.integers(8))
        data[at] = int(rng.choice([0, 1, 2, 7, 9, 14, 15, 16, 17, 255, data[at] ^ 1]))
    path.write_bytes(data)


def sparse(path: Path, rng: Rng) -> None:
    """Write a matrix as a sparse one."""
    from scipy.sparse import csc_matrix

    content = load(path)
    names = [n for n in content if content[n].ndim == 2 and content[n].dtype.kind in "iuf"]
    if not names:
        raise UnfitError
    name = names[rng.integers(len(names))]
    content[name] = csc_matrix(content[name].astype(float))
    _save(path, content, rng)


FAULTS: dict[str, Callable[[Path, Rng], None]] = {
    **{f"mat_{name}": partial(change, name) for name in CHANGES},
    "mat_drop": drop,
    "mat_compressed": compressed,
    "mat_tags": tags,
    "mat_sparse": sparse,
}
# A voxel that has them is left out, by name.
BROKEN = {"mat_nan", "mat_infinite"}
UNKNOWABLE = {f"mat_{name}" for name in CONTENT} | BROKEN | {"mat_tags", "mat_compressed"}
