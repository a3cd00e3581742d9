"""Coefficients of the moments are those published and those of nulls derived by hand."""

from math import perm

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.nulls.patterns import coefficients, leafless


def test_a_leaf_leaves_few_patterns():
    assert leafless(2, 0) == ("ab ab",)
    assert leafless(1, 1) == leafless(0, 1) == leafless(1, 0) == ()
    assert leafless(3, 0) == ("ab ab ab", "ab ac bc")
    assert set(leafless(4, 0)) == {
        "ab ab ab ab",
        "ab ab ac ac",
        "ab ab ac bc",
        "ab ab cd cd",
        "ab ac bd cd",
    }
    assert leafless(2, 2) == ("ab ab a a", "ab ab a b", "ab ab c c", "ab ac b c")


@pytest.mark.parametrize("n", [6, 9, 40, 1000])
def test_variance_and_third_moment_are_those_of_kazi_aoual(n):
    assert_allclose(coefficients(2, 0, n), 2 / (n * (n - 3)))
    across = -8 * (3 * n**2 - 15 * n + 16)
    expected = [
        [4 * (n**4 - 8 * n**3 + 19 * n**2 - 4 * n - 16), across],
        [across, 8 * (n**3 - 9 * n**2 + 26 * n - 22)],
    ]
    assert_allclose(coefficients(3, 0, n), np.array(expected, float) / perm(n, 6))


@pytest.mark.parametrize("n", [8, 30, 1000])
def test_the_fourth_moment_is_that_derived_apart(n):
    found = coefficients(4, 0, n) * perm(n, 8)
    fourth = n**6 - 19 * n**5 + 127 * n**4 - 319 * n**3 + 34 * n**2 + 764 * n - 192
    assert_allclose(found[0, 0], 8 * fourth)
    assert_allclose(found[2, 2], 96 * (n**4 - 10 * n**3 + 31 * n**2 + 18 * n - 104) * (n - 4))
    assert_allclose(found[3, 3], 12 * (n**4 - 18 * n**3 + 115 * n**2 - 306 * n + 292))
    assert_allclose(found[4, 4], 48 * (n**3 - 14 * n**2 + 63 * n - 82) * (n - 4))
    assert_allclose(found[0, 3], 144 * (n - 4) * (n - 5))
    assert_allclose(found, found.T)


@pytest.mark.parametrize("n", [5, 60])
def test_effects_of_rows_have_the_moments_of_a_permuted_product(n):
    assert_allclose(coefficients(0, 2, n), 1 / (n - 1))
    assert_allclose(coefficients(0, 3, n), n / ((n - 1) * (n - 2)))
    assert_allclose(coefficients(1, 2, n), 2 / (n * (n - 3)))
    assert_allclose(
        coefficients(1, 3, n), 6 / ((n - 1) * (n - 2) * (n - 3) * (n - 4)) * (n - 1) * (n - 2)
    )
