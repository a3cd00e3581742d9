"""Sums over distinct rows, of all of them or estimated from some."""

from math import perm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.align.nulls.number_kinds import like, row_products, to_host

Array = NDArray[np.float64]


def pattern_sums(u: Any, effects: Array, size: float) -> dict[str, float]:
    """Take sums over distinct indices, by the names of their patterns.

    Parameters
    ----------
    u : array, shape (m, m)
        Symmetric, the diagonal 0.
    effects : ndarray, shape (m,)
    size : float
        What U and effects are to be divided by.
    """
    squares, paths, a = u * u, u @ u.T, effects
    marked = like(a[:, None], u)
    moved, squared = to_host((u @ marked)[:, 0]), to_host((squares @ marked)[:, 0])
    rows, cubes, triangles = (to_host(row_products(one, u)) for one in (u, squares, paths))
    fourth, mixed, cycles = (
        float(to_host(row_products(*both)).sum())
        for both in ((squares, squares), (squares, paths), (paths, paths))
    )
    total, spread, power = rows.sum(), rows @ rows, float(a @ a)
    found = {
        "ab ab": total,
        "ab ab ab": cubes.sum(),
        "ab ac bc": triangles.sum(),
        "ab ab ab ab": fourth,
        "ab ab ac ac": spread - fourth,
        "ab ab ac bc": mixed,
        "ab ab cd cd": total**2 - 4 * spread + 2 * fourth,
        "ab ac bd cd": cycles - 2 * spread + fourth,
        "a a": power,
        "ab ab a": rows @ a,
        "ab a b": moved @ a,
        "a a a": (a**3).sum(),
        "ab ab ab a": cubes @ a,
        "ab ab ac c": rows @ moved - cubes @ a,
        "ab ac bc a": triangles @ a,
        "ab ab a a": rows @ a**2,
        "ab ab a b": squared @ a,
        "ab ac b c": moved @ moved - rows @ a**2,
        "ab ab c c": total * power - 2 * (rows @ a**2),
        "ab a a b": moved @ a**2,
        "a a a a": (a**4).sum(),
        "a a b b": power**2 - (a**4).sum(),
    }
    return {name: float(value) / size ** len(name.split()) for name, value in found.items()}


def rescaled(
    sums: dict[str, float], m: int, n: int, square: float, effects: Array
) -> dict[str, float]:
    """Estimate the sums over n rows from those over m, those of squares being known.

    Each is scaled by (n)_v / (m)_v, v being its distinct indices, once U and effects have been
    scaled so that their sums of squares, estimated likewise, are what they are: rows that are all
    far from the others move sums of every order alike.
    """
    drawn = (square * perm(m, 2) / perm(n, 2), float(effects @ effects) * m / n)
    scales = [
        float(np.sqrt(known / found)) if found > 0 else 0.0
        for known, found in zip(drawn, (sums["ab ab"], sums["a a"]), strict=True)
    ]
    estimates = {}
    for name, value in sums.items():
        edges, marks = count_tokens(name)
        v = len(set(name) - {" "})
        factor = scales[0] ** edges * scales[1] ** marks * perm(n, v) / perm(m, v)
        estimates[name] = value * factor
    return estimates


def scaled_up(
    sums: dict[str, float], m: int, n: int, square: float, effects: Array
) -> dict[str, float]:
    """Estimate the sums over n rows from those over m (see `rescaled`), or take what is known."""
    found = rescaled(sums, m, n, square, effects)
    spread = found["ab ab ac ac"] + found["ab ab ab ab"]
    power, fourth = float(effects @ effects), float((effects**4).sum())
    return found | {
        "ab ab": square,
        "ab ab cd cd": square**2 - 4 * spread + 2 * found["ab ab ab ab"],
        "ab ab c c": square * power - 2 * found["ab ab a a"],
        "a a": power,
        "a a a": float((effects**3).sum()),
        "a a a a": fourth,
        "a a b b": power**2 - fourth,
    }


def count_tokens(name: str) -> tuple[int, int]:
    """Edges and marks of a pattern."""
    tokens = name.split()
    marks = sum(len(token) == 1 for token in tokens)
    return len(tokens) - marks, marks
