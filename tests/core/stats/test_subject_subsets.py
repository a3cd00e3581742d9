"""Values of subsets of people, against a loop over series."""

from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.stats.subject_subsets import drawn_masks, subset_values


def test_few_subsets_are_all_there():
    masks = drawn_masks(6, 3, 20, seed=0)
    assert masks.dtype == bool
    assert len({tuple(one) for one in masks}) == comb(6, 3)
    assert (masks.sum(axis=1) == 3).all()


def test_many_subsets_are_drawn_without_one_twice():
    masks = drawn_masks(12, 5, 40, seed=3)
    assert len({tuple(one) for one in masks}) == 40
    assert (masks.sum(axis=1) == 5).all()
    assert (masks == drawn_masks(12, 5, 40, seed=3)).all()
    assert (masks != drawn_masks(12, 5, 40, seed=4)).any()
    assert masks.mean(axis=0) == pytest.approx(5 / 12, abs=0.25)


def test_values_are_correlations_with_the_mean_of_others(rng):
    series = rng.standard_normal((5, 60)) + rng.standard_normal(60)
    series = (series - series.mean(axis=1, keepdims=True)) / series.std(axis=1, keepdims=True)
    found = subset_values(np.corrcoef(series), 100, seed=0)
    assert len(found.value) == 5 * (4 + 6 + 4 + 1)
    expected = []
    for size in (1, 2, 3, 4):
        for person in range(5):
            rest = [i for i in range(5) if i != person]
            for mask in drawn_masks(4, size, 100, seed=0):
                others = series[[i for i, kept in zip(rest, mask, strict=True) if kept]]
                expected.append(np.corrcoef(series[person], others.mean(axis=0))[0, 1])
    assert_allclose(found.value, expected)
    own = found.of(2)
    assert (own.held_out == 2).all()
    assert list(np.bincount(own.others)) == [0, 4, 6, 4, 1]
