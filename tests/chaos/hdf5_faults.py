"""What can be wrong with an HDF5 file: a dataset, a link, an attribute, its storage."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from tests.chaos.number_faults import CHANGES
from tests.chaos.number_faults import UNKNOWABLE as CONTENT
from tests.chaos.trial import UnfitError

Rng = np.random.Generator


def names(file: h5py.File) -> list[str]:
    """Name every dataset."""
    found: list[str] = []
    file.visititems(lambda name, one: found.append(name) if isinstance(one, h5py.Dataset) else None)
    return found


def choose(file: h5py.File, rng: Rng) -> str:
    """Draw a dataset."""
    found = names(file)
    if not found:
        raise UnfitError
    return found[rng.integers(len(found))]


def change(name: str, path: Path, rng: Rng) -> None:
    """Change the content of a dataset, and keep its attributes."""
    with h5py.File(path, "a") as file:
        chosen = choose(file, rng)
        old = file[chosen]
        values, kept, chunks = old[()], dict(old.attrs), old.chunks
        if np.size(values) > 2_000_000 or not isinstance(values, np.ndarray):
            raise UnfitError
        new = CHANGES[name](values, rng)
        del file[chosen]
        if new.dtype.kind == "U":
            new = new.astype("S")
        fits = chunks and len(chunks) == new.ndim and 0 not in new.shape
        stored = tuple(min(a, b) for a, b in zip(chunks, new.shape, strict=True)) if fits else None
        made = file.create_dataset(chosen, data=new, chunks=stored)
        for key, value in kept.items():
            if key not in ("DIMENSION_LIST", "REFERENCE_LIST"):
                made.attrs[key] = value


def drop(path: Path, rng: Rng) -> None:
    """Leave out a dataset."""
    with h5py.File(path, "a") as file:
        del file[choose(file, rng)]


def drop_attributes(path: Path, rng: Rng) -> None:
    """Leave out the attributes of a dataset."""
    with h5py.File(path, "a") as file:
        one = file[choose(file, rng)]
        if not one.attrs:
            raise UnfitError
        for key in list(one.attrs):
            del one.attrs[key]


def link_itself(path: Path, rng: Rng) -> None:
    """Put a link to itself in the place of a dataset."""
    with h5py.File(path, "a") as file:
        name = choose(file, rng)
        del file[name]
        file[name] = h5py.SoftLink(f"/{name}")


def link_to_root(path: Path, rng: Rng) -> None:
    """Put the whole file in the place of a dataset, and add a group that holds it."""
    with h5py.File(path, "a") as file:
        if rng.random() < 0.5:
            name = choose(file, rng)
            del file[name]
            file[name] = file["/"]
        else:
            file["again"] = file["/"]


def link_outside(path: Path, rng: Rng) -> None:
    """Put a link to another file in the place of a dataset."""
    with h5py.File(path, "a") as file:
        name = choose(file, rng)
        del file[name]
        file[name] = h5py.ExternalLink(str(rng.choice(["/etc/passwd", "none.hdf5"])), f"/{name}")


def group_instead(path: Path, rng: Rng) -> None:
    """Put a group in the place of a dataset."""
    with h5py.File(path, "a") as file:
        name = choose(file, rng)
        del file[name]
        file.create_group(name).create_dataset("x", data=np.arange(3))


def bomb(path: Path, rng: Rng) -> None:
    """Claim a size that no memory holds, of which nothing is stored."""
    with h5py.File(path, "a") as file:
        name = choose(file, rng)
        old = file[name]
        shape = tuple(max(1, n) * 1000 for n in old.shape) or (10**12,)
        dtype = old.dtype
        del file[name]
        chunks = tuple(min(n, 64) for n in shape)
        file.create_dataset(name, shape, dtype, chunks=chunks)


def references(path: Path, rng: Rng) -> None:
    """Put a null, or strings of variable length, in the place of a dataset."""
    with h5py.File(path, "a") as file:
        name = choose(file, rng)
        del file[name]
        if rng.random() < 0.5:
            file[name] = h5py.Empty("f4")
        else:
            file.create_dataset(name, data=["a", "b\x00c", "é"], dtype=h5py.string_dtype())


FAULTS: dict[str, Callable[[Path, Rng], None]] = {
    **{f"hdf5_{name}": partial(change, name) for name in CHANGES},
    "hdf5_drop": drop,
    "hdf5_drop_attributes": drop_attributes,
    "hdf5_link_itself": link_itself,
    "hdf5_link_to_root": link_to_root,
    "hdf5_link_outside": link_outside,
    "hdf5_group": group_instead,
    "hdf5_bomb": bomb,
    "hdf5_references": references,
}
UNKNOWABLE = {f"hdf5_{name}" for name in CONTENT}
