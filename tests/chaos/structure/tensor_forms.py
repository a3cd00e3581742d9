"""Tensors of another type, shape or name than they were, and how a file may order them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Change, Form, Rng
from tests.chaos.trial import UnfitError

Tensors = dict[str, NDArray[Any]]
Edit = Callable[[Tensors, str], Tensors]


def _edited(edit: Edit, *, metadata: dict[str, str] | None = None) -> Change:
    """Change tensors, one of them drawn."""

    def change(path: Path, rng: Rng) -> None:
        with safe_open(path, "numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            about = file.metadata()
        names = sorted(tensors)
        made = edit(tensors, names[rng.integers(len(names))])
        path.unlink()
        save_file(
            {name: np.ascontiguousarray(one) for name, one in made.items()},
            path,
            about if metadata is None else metadata or None,
        )

    return change


def _one(of: Callable[[NDArray[Any]], NDArray[Any]]) -> Edit:
    return lambda tensors, name: tensors | {name: of(tensors[name])}


def _all(of: Callable[[NDArray[Any]], NDArray[Any]]) -> Edit:
    return lambda tensors, _: {name: of(one) for name, one in tensors.items()}


def _turned(tensor: NDArray[Any]) -> NDArray[Any]:
    if tensor.ndim < 2 or tensor.shape == tensor.shape[::-1]:
        raise UnfitError
    return tensor.T


def _square_turned(tensor: NDArray[Any]) -> NDArray[Any]:
    if tensor.ndim < 2 or tensor.shape != tensor.shape[::-1]:
        raise UnfitError
    return tensor.T


def _renamed(tensors: Tensors, name: str) -> Tensors:
    return {f"{one}_" if one == name else one: tensor for one, tensor in tensors.items()}


def _dropped(tensors: Tensors, name: str) -> Tensors:
    return {one: tensor for one, tensor in tensors.items() if one != name}


def _swapped(tensors: Tensors, name: str) -> Tensors:
    """Let two tensors of unlike shape trade names."""
    others = [one for one in tensors if tensors[one].shape != tensors[name].shape]
    if not others:
        raise UnfitError
    return tensors | {name: tensors[others[0]], others[0]: tensors[name]}


def _flat(tensor: NDArray[Any]) -> NDArray[Any]:
    return tensor.ravel() if tensor.ndim > 1 else tensor[None]


CHANGES: dict[str, tuple[Change, str]] = {
    "doubles": (_edited(_all(lambda one: one.astype(np.float64))), EQUAL),
    "halves": (_edited(_all(lambda one: one.astype(np.float16))), DIFFERENT),
    "one_half": (_edited(_one(lambda one: one.astype(np.float16))), DIFFERENT),
    "whole": (_edited(_one(lambda one: (100 * one).astype(np.int32))), REFUSED),
    "bytes": (_edited(_all(lambda one: (100 * one).astype(np.int8))), REFUSED),
    "flags": (_edited(_one(lambda one: one > 0)), REFUSED),
    "turned": (_edited(_one(_turned)), REFUSED),
    "square_turned": (_edited(_one(_square_turned)), DIFFERENT),
    "flat": (_edited(_one(_flat)), REFUSED),
    "axis_more": (_edited(_one(lambda one: one[..., None])), REFUSED),
    "no_rows": (_edited(_one(lambda one: one[:0])), REFUSED),
    "row_less": (_edited(_one(lambda one: one[:-1])), REFUSED),
    "rows_twice": (_edited(_one(lambda one: np.concatenate([one, one]))), REFUSED),
    "scalar": (_edited(_one(lambda one: one.ravel()[:1].reshape(()))), REFUSED),
    "extra": (_edited(lambda tensors, _: tensors | {"odd": np.ones(3, np.float32)}), REFUSED),
    "dropped": (_edited(_dropped), REFUSED),
    "renamed": (_edited(_renamed), REFUSED),
    "swapped": (_edited(_swapped), REFUSED),
    "none": (_edited(lambda tensors, _: {}), REFUSED),
    "metadata": (_edited(lambda tensors, _: tensors, metadata={"format": "pt", "odd": "x"}), EQUAL),
    "no_metadata": (_edited(lambda tensors, _: tensors, metadata={}), EQUAL),
}
FORMS: dict[str, Form] = {f"tensor_{name}": Form(*about) for name, about in CHANGES.items()}
