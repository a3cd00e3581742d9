import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.encode.image_folds import image_folds


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
