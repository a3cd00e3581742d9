"""Shares are shares: the scale of a matrix does not change them, nor whether rows are sampled."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.nulls.invariants import invariants
from tests.align.nulls.matrices import Whole


@pytest.mark.parametrize("most_rows", [24, 60])
def test_the_scale_of_a_matrix_changes_no_share(rng, most_rows):
    rows = rng.standard_normal((60, 5))
    rows[3] *= 4
    kernel = rows @ rows.T
    one, other = (
        invariants(Whole(kernel * scale), "off-diagonal", most_rows) for scale in (1, 1e-3)
    )
    for name in ("pair", "row", "busy"):
        assert 0 <= getattr(one, name) < 1
        assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-6)
    assert (one.busy > 0.1) == (most_rows < 60)
    assert_allclose(other.size, 1e-3 * one.size)
    for name, value in one.sums.items():
        assert_allclose(other.sums[name], value, rtol=1e-6, atol=1e-9)


def test_of_one_pair_alone_it_takes_nearly_all():
    kernel = np.zeros((30, 30))
    kernel[4, 9] = kernel[9, 4] = -2.0
    assert 0.8 < invariants(Whole(kernel), "off-diagonal", 30).pair <= 1
