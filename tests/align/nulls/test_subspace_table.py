"""Random subspaces are as near each other as drawn ones, and as permuted rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import subspace_angles

from stages.align.nulls.subspace_table import random_subspaces
from stages.align.routines.subspaces import DIRECTIONS, leading
from tests.align.nulls.matrices import drawn_orders


def spread(values):
    return values.mean(), values.std()


@pytest.mark.parametrize(("n", "one", "other"), [(60, 10, 10), (60, 4, 10), (15, 10, 10)])
def test_it_is_that_of_subspaces_drawn_whole(rng, n, one, other):
    drawn = np.array(
        [
            np.cos(
                subspace_angles(*(rng.standard_normal((n - 1, size)) for size in (one, other)))
            ).mean()
            for _ in range(1500)
        ]
    )
    mean, sd = spread(random_subspaces(n, one, other, 0))
    assert_allclose(mean, drawn.mean(), rtol=0.01)
    assert_allclose(sd, drawn.std(), rtol=0.08)


def test_of_one_direction_it_is_a_correlation():
    """Whose square is a beta variable, with 1/2 and (n - 2)/2."""
    found = random_subspaces(12, 1, 1, 3)
    assert_allclose((found**2).mean(), 1 / 11, rtol=0.05)


def test_permuted_rows_are_as_far_apart(rng):
    """Of rows with a spectrum that falls, some of them far from the others."""
    rows = [
        rng.standard_t(4, (80, 40)) * np.arange(1, 41) ** -0.5 @ rng.standard_normal((40, 40))
        for _ in range(2)
    ]
    one, other = (leading(each, "x") for each in rows)
    orders = drawn_orders(rng, 80, 2000)
    products = np.einsum("dni,nj->dij", one[orders], other)
    drawn = np.linalg.svd(products, compute_uv=False).mean(axis=1)
    mean, sd = spread(random_subspaces(80, DIRECTIONS, DIRECTIONS, 0))
    assert_allclose(mean, drawn.mean(), rtol=0.01)
    assert_allclose(sd, drawn.std(), rtol=0.08)


def test_equal_seeds_draw_equal_tables_whatever_the_order_of_sides():
    found = random_subspaces(30, 3, 10, 1)
    assert (np.diff(found) >= 0).all()
    assert found is random_subspaces(30, 3, 10, 1)
    assert_allclose(found, random_subspaces(30, 10, 3, 1))
    assert not np.allclose(found, random_subspaces(30, 3, 10, 2))
