"""A design standardised from its sums, against rows that are standardised by scikit-learn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from stages.core.regression.block_sums import Sums
from stages.core.regression.folds import Split
from stages.core.regression.known import Known, fit_known
from stages.core.regression.summed import Scaling, standardised, summed

EPS = np.finfo(float).eps


def sums_of(rows):
    centred = rows - rows.mean(axis=0)
    return Sums(len(rows), rows.mean(axis=0), centred.T @ centred)


def known_by(weights):
    """What is known, told by its weights alone."""
    none = np.empty((0, 0))
    return Known(
        Split(np.arange(4), np.arange(4)), none, none, none, np.asarray(weights, dtype=float)
    )


@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
@pytest.mark.parametrize("scale", [1, 1e-4])
def test_products_and_scaling_are_those_of_the_rows(rng, known, scale):
    nuisance = rng.standard_normal((30, 2)) * [3, 0.5] + [1, 9]
    units = (rng.standard_normal((30, 4)) * [1, 7, 0.2, 2] + nuisance[:, :1] + 5) * scale
    split = Split(np.arange(30), np.arange(0))
    sums = sums_of(np.hstack([units, nuisance]))
    found, scaling = standardised(sums, fit_known(nuisance, split) if known else None, np.zeros(4))
    fit = LinearRegression().fit(nuisance, units)
    left = units - fit.predict(nuisance) if known else units
    rows = StandardScaler().fit(left)
    assert_allclose(found, rows.transform(left).T @ rows.transform(left), rtol=1e-9, atol=1e-9)
    assert_allclose(scaling.scale, rows.scale_)
    assert_allclose(scaling.mean, units.mean(axis=0))
    assert_allclose(scaling.middle, nuisance.mean(axis=0))
    assert_allclose(scaling.slopes, fit.coef_.T if known else np.zeros((2, 4)), atol=1e-12)


@pytest.mark.parametrize(("variance", "scale"), [(0.25, np.inf), (0.26, 0.26**0.5), (0, np.inf)])
def test_a_unit_up_to_the_least_deviation_counts_as_constant(variance, scale):
    sums = Sums(4, np.zeros(2), np.diag([4.0, 4 * variance]))
    gram, scaling = standardised(sums, None, np.full(2, 0.5))
    assert_array_equal(scaling.scale, [1, scale])
    assert_allclose(gram, np.diag([4, 4.0 if np.isfinite(scale) else 0]))


@pytest.mark.parametrize("across", [[31, 6, 1, 1], [31, 6, 2, 1]])
def test_a_unit_of_which_too_little_is_left_is_refused(across):
    """Of a variance of 1000, 31² + 6² + 1 + 1 = 999 leave just enough."""
    scatter = np.eye(6) * [1000, 8, 1, 1, 1, 1]
    scatter[2:, 0] = scatter[0, 2:] = across
    found = standardised(Sums(4, np.zeros(6), scatter), known_by(np.eye(4)), np.full(2, 0.5))
    assert (found is None) == (sum(np.square(across)) > 999)


def test_a_constant_unit_may_be_explained_whole():
    """Its variance, 4 · 0.5², is just that up to which it counts as constant."""
    scatter = np.array([[1.0, 1.0], [1.0, 1.0]])
    gram, scaling = standardised(Sums(4, np.zeros(2), scatter), known_by([[1]]), np.array([0.5]))
    assert scaling.scale == np.inf
    assert gram == 0
    varies = standardised(Sums(4, np.zeros(2), scatter), known_by([[1]]), np.array([0.4]))
    assert varies is None


@pytest.mark.parametrize(("size", "n", "most"), [(2, 1000, 1000), (5, 2, 5)])
@pytest.mark.parametrize("share", [0.7, 1.4])
def test_components_of_rounding_are_left_out(size, n, most, share):
    gram = np.diag([*np.ones(size - 1), share * most * EPS])
    zeros = np.zeros(size)
    scaling = Scaling(zeros + 3, zeros + 2, np.array([8.0]), np.ones((1, size)))
    found = summed(gram, scaling, n)
    assert len(found.spectrum.power) == size - (share < 1)
    assert_array_equal(found.spectrum.mean, zeros + 3)
    assert_array_equal(found.spectrum.scale, zeros + 2)
    assert found.middle == 8
    assert_array_equal(found.slopes, np.ones((1, size)))


def test_components_rebuild_the_products(rng):
    rows = rng.standard_normal((20, 4))
    gram = rows.T @ rows
    zeros = np.zeros(4)
    spectrum = summed(gram, Scaling(zeros, zeros, zeros, zeros), 20).spectrum
    assert_allclose(spectrum.axes * spectrum.power @ spectrum.axes.T, gram)
    assert_allclose(spectrum.axes.T @ spectrum.axes, np.eye(4), atol=1e-12)
