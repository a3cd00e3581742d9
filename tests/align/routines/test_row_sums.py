"""Sums of rows, block by block above the diagonal, are those of the whole matrix."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.routines.row_sums import no_sums


@pytest.mark.parametrize("cuts", [(0, 9), (0, 1, 4, 9), tuple(range(10))])
def test_sums_of_blocks(rng, cuts):
    n = 9
    half = np.triu(rng.standard_normal((n, n)), 1)
    whole, found = half + half.T, no_sums(n)
    for start, stop in itertools.pairwise(cuts):
        found.add(slice(start, stop), half[start:stop, start:].copy())
    assert_allclose(found.sums, whole.sum(axis=1))
    assert_allclose(found.squares, (whole**2).sum(axis=1))
    assert found.most == np.abs(whole).max()
