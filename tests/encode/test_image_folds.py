import numpy as np
import pytest

from stages.core.regression.folds import random_parts
from stages.core.run.errors import InputError
from stages.encode.image_folds import grouped_parts, image_folds


def test_images_kept_apart_are_tested_and_never_fitted():
    apart = np.arange(40) % 4 == 0
    (fold,) = image_folds(apart, 3, 0)
    np.testing.assert_array_equal(fold.outer.test, np.flatnonzero(apart))
    np.testing.assert_array_equal(fold.outer.train, np.flatnonzero(~apart))
    assert len(fold.inner) == 3
    inner = np.concatenate([split.test for split in fold.inner])
    np.testing.assert_array_equal(np.sort(inner), fold.outer.train)
    assert all(not apart[split.train].any() for split in fold.inner)


def test_without_any_each_image_is_tested_once():
    folds = image_folds(np.zeros(32, dtype=bool), 4, 0)
    tested = np.concatenate([fold.outer.test for fold in folds])
    np.testing.assert_array_equal(np.sort(tested), np.arange(32))
    assert (np.diff(tested) != 1).any()
    for fold in folds:
        assert not set(fold.outer.test) & set(fold.outer.train)
        for split in fold.inner:
            assert {*split.train, *split.test} == set(fold.outer.train)


def test_the_seed_tells_the_parts():
    one, same, other = (
        image_folds(np.zeros(32, dtype=bool), 4, seed)[0].outer.test for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert set(one) != set(other)


@pytest.mark.parametrize(("n", "apart"), [(30, 2), (8, 0)])
def test_too_few_images_are_refused(n, apart):
    kept = np.arange(n) < apart
    with pytest.raises(InputError, match="too few images to test on: expected 3 or more, got 2"):
        image_folds(kept, 4, 0)


def test_images_that_are_alike_are_left_out_together(rng):
    groups = rng.integers(0, 25, 80)
    folds = image_folds(np.zeros(80, dtype=bool), 4, 0, groups)
    splits = [fold.outer for fold in folds] + [split for fold in folds for split in fold.inner]
    for split in splits:
        assert not set(groups[split.train]) & set(groups[split.test])
        assert not set(split.train) & set(split.test)
    tested = np.concatenate([fold.outer.test for fold in folds])
    np.testing.assert_array_equal(np.sort(tested), np.arange(80))
    largest = np.bincount(groups).max()
    sizes = [len(fold.outer.test) for fold in folds]
    assert max(sizes) - min(sizes) <= largest
    for fold in folds:
        for split in fold.inner:
            assert {*split.train, *split.test} == set(fold.outer.train)


def test_one_large_group_is_a_part_and_the_others_are_as_large():
    groups = np.where(np.arange(80) < 20, 0, np.arange(80))
    folds = image_folds(np.zeros(80, dtype=bool), 4, 0, groups)
    assert [len(fold.outer.test) for fold in folds] == [20] * 4


def test_nothing_is_fitted_on_images_like_those_kept_apart():
    apart, groups = np.arange(40) % 4 == 0, np.arange(40)
    groups[[1, 2]] = groups[0]
    groups[[5, 6]] = 99
    (fold,) = image_folds(apart, 3, 0, groups)
    np.testing.assert_array_equal(fold.outer.test, np.flatnonzero(apart))
    expected = [row for row in range(40) if not apart[row] and row not in (1, 2)]
    np.testing.assert_array_equal(fold.outer.train, expected)
    for split in fold.inner:
        assert {5, 6} <= set(split.train) or {5, 6} <= set(split.test)


def test_of_images_kept_apart_that_are_alike_the_first_is_tested():
    """Of copies in threes that share nothing, 16 % had p < .05."""
    apart, groups = np.arange(40) % 4 == 0, np.arange(40)
    groups[[8, 20, 32]] = 50
    (fold,) = image_folds(apart, 3, 0, groups)
    expected = [row for row in range(0, 40, 4) if row not in (20, 32)]
    np.testing.assert_array_equal(fold.outer.test, expected)
    assert not {20, 32} & set(fold.outer.train)


def test_images_of_which_none_are_alike_are_cut_as_without_groups():
    parts = grouped_parts(np.arange(30), np.arange(30) + 7, 4, np.random.default_rng(1))
    expected = random_parts(np.arange(30), 4, np.random.default_rng(1))
    for one, other in zip(parts, expected, strict=True):
        np.testing.assert_array_equal(one.test, other.test)


def test_the_seed_tells_the_parts_of_groups():
    groups = np.arange(40) // 2
    same, other = (image_folds(np.zeros(40, dtype=bool), 4, seed, groups) for seed in (0, 1))
    again = image_folds(np.zeros(40, dtype=bool), 4, 0, groups)
    np.testing.assert_array_equal(same[0].outer.test, again[0].outer.test)
    assert set(same[0].outer.test) != set(other[0].outer.test)


def test_too_few_groups_are_refused():
    groups = np.arange(40) // 6
    with pytest.raises(InputError, match="alike: expected at least 8 groups for 4 parts, got 7"):
        image_folds(np.zeros(40, dtype=bool), 4, 0, groups)
