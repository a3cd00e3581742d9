"""Solutions without eigenvectors: against numpy, far apart and of lower rank."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.regression.tridiagonal import Tridiagonal
from stages.core.run.errors import ConcordError

STRENGTHS = np.array([1e6, 30.0, 1.0])


@pytest.mark.parametrize(("n", "rows"), [(2, 9), (3, 9), (17, 40), (60, 40)])
def test_solutions_are_those_of_numpy(rng, n, rows):
    values = rng.standard_normal((rows, n)) * np.geomspace(1e2, 1e-2, n)
    values[:, 0] = 0  # a unit that is constant
    gram, sides = values.T @ values, rng.standard_normal((n, 4))
    found = Tridiagonal(gram).solve(sides, STRENGTHS)
    assert found.shape == (n, 3, 4)
    for place, strength in enumerate(STRENGTHS):
        expected = np.linalg.solve(gram + strength * np.eye(n), sides)
        assert_allclose(found[:, place], expected, rtol=1e-8, atol=1e-10 * np.abs(expected).max())
    untouched = values.T @ values
    assert_allclose(gram, untouched, rtol=0)


def test_what_is_singular_is_refused():
    with pytest.raises(ConcordError, match="singular matrix in a ridge: got λ = 0"):
        Tridiagonal(np.zeros((3, 3))).solve(np.ones((3, 1)), np.array([0.0]))
