"""Halves of the folds are scored apart."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from stages.core.stats.judged import judge_halves
from stages.core.stats.scores import Moments, halves


def test_folds_are_dealt_out_in_turn():
    moments = Moments(*(np.arange(5.0)[:, None] + 10 * k for k in range(7)))
    parts = halves(moments)
    assert_array_equal(parts["odd"].n[:, 0], [0, 2, 4])
    assert_array_equal(parts["even"].yd[:, 0], [51, 53])


def test_each_half_has_the_correlation_of_its_own_folds(rng):
    """Odd folds are predicted perfectly, even ones upside down."""
    y = rng.standard_normal((4, 30))
    d = y * np.array([1, -1, 1, -1])[:, None]
    sums = [(30, a.sum(), a @ a, b.sum(), b @ b, a @ b, 0) for a, b in zip(y, d, strict=True)]
    observed = Moments(*np.array(sums, dtype=float).T[:, :, None])
    null = Moments(
        *(np.repeat(values[..., None], 3, axis=-1) for values in vars(observed).values())
    )
    scores = judge_halves(observed, null)
    assert list(scores) == ["r_odd", "r_even"]
    assert_allclose([scores[name]["score"] for name in scores], [[1], [-1]])
    assert_array_equal([scores[name]["n"] for name in scores], [[60], [60]])
