"""Factors of a split, by hand and against those of rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression

from stages.core.regression.factors import InSplit, RowFactors, SummedFactors
from stages.core.regression.folds import Split
from stages.core.regression.known import fit_known
from stages.core.regression.spectrum import Spectrum

SPLIT = Split(train=np.array([0, 1, 2, 5, 6, 7]), test=np.array([3, 4]))
TARGETS = np.array([[1.0, 7], [2, 9], [4, 1], [8, 0], [3, 5], [5, 2], [0, 3], [6, 6]])


def test_targets_in_a_split_by_hand():
    inside = InSplit(SPLIT, None)
    assert_array_equal(inside.left(TARGETS), [[8, 0], [3, 5]])
    assert_allclose(inside.base(TARGETS), [3, 28 / 6])


def test_targets_beyond_what_is_known(rng):
    nuisance = rng.standard_normal((8, 2))
    fit = LinearRegression().fit(nuisance[SPLIT.train], TARGETS[SPLIT.train])
    inside = InSplit(SPLIT, fit_known(nuisance, SPLIT))
    expected = TARGETS[SPLIT.test] - fit.predict(nuisance[SPLIT.test])
    assert_allclose(inside.left(TARGETS), expected)
    assert_array_equal(inside.base(TARGETS), [0, 0])


def test_products_of_rows_by_hand():
    train, test = np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([[1.0, -1], [2, 0]])
    factors = RowFactors(SPLIT, None, np.ones(2), train, test)
    assert_array_equal(factors.weigh(np.array([[1.0], [0], [2]])), [[11], [14]])
    assert_array_equal(factors.predict(np.array([[3.0, 1], [1, 2]])), [[2, -1], [6, 2]])


@pytest.mark.parametrize("known", [False, True])
def test_rows_that_are_made_when_asked_for(rng, known):
    """A naive loop over rows and units; the second unit counts as constant."""
    design, nuisance = rng.standard_normal((8, 3)), rng.standard_normal((8, 2))
    mean, scale = np.array([1.0, 2, 3]), np.array([0.5, np.inf, 4])
    axes, middle, slopes = (
        rng.standard_normal((3, 2)),
        np.array([0.1, -2]),
        rng.standard_normal((2, 3)),
    )
    factors = SummedFactors(
        SPLIT,
        None,
        np.ones(2),
        Spectrum(mean, scale, axes, np.ones(2)),
        middle,
        slopes,
        design,
        nuisance if known else None,
    )
    rows = np.zeros((8, 3))
    for row in range(8):
        for unit in (0, 2):
            left = design[row, unit] - mean[unit]
            if known:
                left -= sum((nuisance[row, k] - middle[k]) * slopes[k, unit] for k in range(2))
            rows[row, unit] = left / scale[unit]
    before = design.copy()
    assert_allclose(factors.standardise(np.array([6, 3])), rows[[6, 3]])
    assert_allclose(factors.train, rows[SPLIT.train] @ axes)
    assert_allclose(factors.test, rows[SPLIT.test] @ axes)
    own = TARGETS[SPLIT.train]
    assert_allclose(factors.weigh(own), (rows[SPLIT.train] @ axes).T @ own)
    weights = rng.standard_normal((2, 4))
    assert_allclose(factors.predict(weights), rows[SPLIT.test] @ axes @ weights)
    assert_array_equal(design, before)
