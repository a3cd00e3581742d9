"""CKNNA of any graphs, against masked matrices written out."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.routines.arrows import Arrows, Neighbours
from stages.align.routines.local_kernels import _returned, cknna
from stages.align.routines.needs import local_need
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from tests.align.naive import hsic_unbiased

N, K = 14, 5


def view(rng, found):
    """Neighbours of each row by likeness, which is not the same in both directions to the last."""
    features = rng.standard_normal((N, 4)) + 0.5
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -9)
    rows = np.argsort(-likeness, axis=1)[:, :found].astype(np.int32)
    return Neighbours(rows, np.take_along_axis(likeness, rows, axis=1)), likeness


def mask(neighbours):
    made = np.zeros((N, N))
    np.put_along_axis(made, neighbours.rows[:, :K], 1, axis=1)
    return made


def naive(one, other, order):
    """Of the left, rows and columns in another order."""
    (here, k), (there, m) = one, other
    first = mask(here)[np.ix_(order, order)], k[np.ix_(order, order)]
    second = mask(there), m

    def local(a, b):
        both = a[0] * b[0]
        return hsic_unbiased(both * a[1], both * b[1])

    return local(first, second) / np.sqrt(local(first, first) * local(second, second))


@pytest.mark.parametrize("found", [K, 8])
@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_every_pair_in_every_order(rng, found, at_once):
    left, right = [view(rng, found) for _ in range(2)], [view(rng, found) for _ in range(3)]
    orders = np.stack([np.arange(N), rng.permutation(N), rng.permutation(N)])
    need = local_need(N, K, 2, 3, make_backend(None, "float64", 1))
    backend = make_backend(None, "float64", need.fixed + at_once * need.each)
    sides = ([neighbours for neighbours, _ in side] for side in (left, right))
    scores = cknna(*sides, K, orders=orders, backend=backend)
    assert scores.shape == (2, 3, 3)
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            for place, order in enumerate(orders):
                assert_allclose(scores[i, j, place], naive(one, other, order), rtol=1e-9)


def test_likeness_comes_from_the_arrow_back():
    ends = [(0, 1, 0.5), (1, 0, 0.4), (2, 1, 0.3), (3, 2, -0.2), (2, 3, -0.1)]
    source, target, likeness = (np.array(column) for column in zip(*ends, strict=True))
    assert_allclose(_returned(Arrows(source, target, likeness), 4), [0.4, 0.5, 0, -0.1, -0.2])


@pytest.mark.parametrize(("side", "where"), [(0, "left"), (1, "right")])
def test_graphs_without_structure_are_refused(rng, side, where):
    """Rows at right angles to each other, so that all are as unlike."""
    rows = np.array([np.delete(np.arange(N), row) for row in range(N)], dtype=np.int32)
    flat = Neighbours(rows, np.zeros(rows.shape))
    plain = view(rng, N - 1)[0]
    sides = [[plain, plain], [plain, plain]]
    sides[side] = [plain, flat]
    backend = make_backend(None, "float64", 2**24)
    with pytest.raises(
        InputError, match=rf"no local structure for cknna_13 in {where}\[1\].*Raise k"
    ):
        cknna(*sides, N - 1, orders=np.arange(N)[None], backend=backend)


def test_likeness_may_be_small(rng):
    """Of rows that are nearly at right angles, in proportion."""
    sides = [[view(rng, K)[0]] for _ in range(2)]
    backend, orders = make_backend(None, "float64", 2**24), np.arange(N)[None]
    small = [[Neighbours(one.rows, one.likeness / 50)] for (one,) in sides]
    expected = cknna(*sides, K, orders=orders, backend=backend)
    assert_allclose(cknna(*small, K, orders=orders, backend=backend), expected)
