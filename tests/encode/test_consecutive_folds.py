"""Images in succession are left out together, and nothing is fitted on what is near them."""

import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.encode.consecutive_folds import consecutive_folds

N, PARTS = 120, 4
ROWS = np.arange(N)
NOWHERE = np.zeros(N, dtype=bool)


def splits_of(folds):
    return [split for fold in folds for split in (fold.outer, *fold.inner)]


@pytest.mark.parametrize(("permute", "block"), [("shifts", 5), ("blocks", 4), ("blocks", 7)])
def test_each_image_is_tested_once_in_succession(permute, block):
    folds = consecutive_folds(NOWHERE, PARTS, ROWS, permute, block)
    np.testing.assert_array_equal(np.concatenate([fold.outer.test for fold in folds]), ROWS)
    assert max(len(fold.outer.test) for fold in folds) <= N / PARTS + block
    for fold in folds:
        inner = np.concatenate([split.test for split in fold.inner])
        np.testing.assert_array_equal(inner, fold.outer.train)
        assert len(fold.inner) == PARTS
        for split in fold.inner:
            assert set(split.train) < set(fold.outer.train)


@pytest.mark.parametrize("apart", [NOWHERE, ROWS >= 90, ROWS % 40 < 10])
def test_nothing_is_fitted_within_the_least_shift_of_what_is_tested(apart):
    folds = consecutive_folds(apart, PARTS, ROWS, "shifts", 5)
    least = [abs(np.subtract.outer(one.train, one.test)).min() for one in splits_of(folds)]
    assert min(least) == 6


@pytest.mark.parametrize("apart", [NOWHERE, ROWS >= 90, ROWS % 12 == 5])
def test_no_block_is_cut(apart):
    for split in splits_of(consecutive_folds(apart, PARTS, ROWS, "blocks", 7)):
        assert not set(split.train // 7) & set(split.test // 7)


@pytest.mark.parametrize(("permute", "block"), [("shifts", 1), ("blocks", 4)])
def test_all_images_that_are_kept_apart_are_tested_even_if_they_are_alike(permute, block):
    apart, groups = ROWS % 24 < 8, ROWS.copy()
    groups[[1, 2]] = 0
    (fold,) = consecutive_folds(apart, PARTS, groups, permute, block)
    np.testing.assert_array_equal(fold.outer.test, ROWS[apart])
    near = 1 if permute == "shifts" else 0
    fitted = [row for row in ROWS if not {row - near, row, row + near} & {*ROWS[apart]}]
    np.testing.assert_array_equal(fold.outer.train, fitted)


def test_nothing_is_fitted_on_images_like_those_tested():
    groups = ROWS.copy()
    groups[[3, 60, 100]] = 3
    folds = consecutive_folds(NOWHERE, PARTS, groups, "shifts", 2)
    for split in splits_of(folds):
        assert not set(groups[split.train]) & set(groups[split.test])
    assert not {60, 100} & set(folds[0].outer.train)
    assert {59, 61, 99, 101} < set(folds[0].outer.train)


@pytest.mark.parametrize(
    ("apart", "permute", "block", "got"),
    [
        (NOWHERE, "blocks", 20, "at least 8 blocks or images for 4 parts, got 6"),
        (NOWHERE, "shifts", 55, "at least 8 blocks or images for 4 parts, got 5"),
        (ROWS % 8 < 2, "shifts", 3, "at least 8 blocks or images for 4 parts, got 3"),
        (NOWHERE, "shifts", 39, "3 or more in every split.* got 0"),
        (ROWS < 2, "shifts", 2, "3 or more in every split.* got 2"),
    ],
)
def test_too_few_images_are_refused(apart, permute, block, got):
    with pytest.raises(InputError, match=f"encode_scene.block.*{got}") as error:
        consecutive_folds(apart, PARTS, ROWS, permute, block)
    assert "Lower it, or folds.blocks." in str(error.value)
