"""Graphs whose arrows are equally alike have no structure, in whatever precision."""

import numpy as np
import pytest

from stages.align.routines.arrows import Neighbours
from stages.align.routines.local_kernels import cknna
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend


def complete(likeness):
    """Every other row as a neighbour, the likest first."""
    n = len(likeness)
    hidden = likeness.copy()
    np.fill_diagonal(hidden, -9)
    rows = np.argsort(-hidden, axis=1, kind="stable")[:, : n - 1].astype(np.int32)
    return Neighbours(rows, np.take_along_axis(likeness, rows, axis=1))


def score(one, other):
    n, backend = len(one), make_backend(None, "float64", 2**30)
    sides = [complete(one)], [complete(other)]
    return cknna(*sides, n - 1, orders=np.arange(n)[None], backend=backend).item()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [14, 30, 200])
@pytest.mark.parametrize("level", [0.05, 0.2, 1 / 3, 1.0, -0.2])
def test_rows_that_are_equally_alike_are_refused(rng, dtype, n, level):
    flat = np.full((n, n), level, dtype)
    other = rng.standard_normal((n, n)).astype(dtype)
    with pytest.raises(InputError, match=rf"no local structure for cknna_{n - 1} in left\[0\]"):
        score(flat, other + other.T)


@pytest.mark.parametrize(("dtype", "varies"), [("float32", 1e-4), ("float64", 1e-6)])
def test_what_varies_by_more_than_rounding_is_structure(rng, dtype, varies):
    noise = rng.standard_normal((14, 14))
    likeness = (0.2 + varies * (noise + noise.T)).astype(dtype)
    assert score(likeness, likeness) == pytest.approx(1, abs=1e-3)
