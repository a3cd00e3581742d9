"""Principal components of training rows, against NumPy's singular values."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.regression.spectrum import components, spectrum


def test_components_are_as_many_as_the_rank(rng):
    thin = rng.standard_normal((40, 3))
    rows = thin @ rng.standard_normal((3, 12))
    power, axes = components(rows.T @ rows, 40)
    assert_allclose(power[::-1], np.linalg.svd(rows, compute_uv=False)[:3] ** 2)
    assert_allclose(rows @ axes @ axes.T, rows, atol=1e-9)


@pytest.mark.parametrize("shape", [(30, 8), (8, 30)])
def test_either_gram_matrix_gives_the_same(rng, shape):
    rows = rng.standard_normal(shape) * 3 + 7
    found = spectrum(rows, np.zeros(shape[1]))
    standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    rank = min(shape[0] - 1, shape[1])
    assert_allclose(found.power[::-1], np.linalg.svd(standard, compute_uv=False)[:rank] ** 2)
    assert_allclose(found.project(rows) @ found.axes.T, standard, atol=1e-9)
    assert_allclose(found.axes.T @ found.axes, np.eye(rank), atol=1e-9)


def test_a_constant_unit_has_no_part_in_any_component(rng):
    rows = rng.standard_normal((20, 4))
    rows[:, 2] = 5
    found = spectrum(rows, np.full(4, 1e-9))
    assert_allclose(found.axes[2], 0, atol=1e-12)
    assert len(found.power) == 3
