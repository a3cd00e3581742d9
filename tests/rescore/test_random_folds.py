"""Random folds: scikit-learn's of the published seed, with shares of runs where these are long."""

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from stages.rescore.random_folds import random_folds


def left_out(folds):
    return [fold.outer.test.tolist() for fold in folds]


def test_long_runs_are_shared_out_and_short_ones_are_not():
    long, short = np.repeat(np.arange(6), 8), np.repeat(np.arange(12), 4)
    rows = np.arange(48)
    stratified = StratifiedKFold(5, shuffle=True, random_state=1).split(rows, long)
    plain = KFold(5, shuffle=True, random_state=1).split(rows)
    assert left_out(random_folds(long)) == [test.tolist() for _, test in stratified]
    assert left_out(random_folds(short)) == [test.tolist() for _, test in plain]


def test_inner_folds_part_the_training_samples():
    for fold in random_folds(np.repeat(np.arange(6), 8)):
        inner = np.concatenate([split.test for split in fold.inner])
        assert sorted(inner) == sorted(fold.outer.train)
        assert not set(fold.outer.train) & set(fold.outer.test)
        for split in fold.inner:
            assert not set(split.train) & set(split.test)
            assert set(split.train) <= set(fold.outer.train)
