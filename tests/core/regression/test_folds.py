"""Folds never mix neighbours in time."""

import numpy as np
import pytest

from stages.core.params.schema import Folds
from stages.core.regression.folds import partition
from stages.core.run.errors import InputError

RUNS = np.repeat([3, 1, 2], [30, 40, 35])


def test_runs_are_left_out_one_at_a_time():
    cut = partition(RUNS, Folds(scheme="runs", blocks=5, gap=4))
    assert cut.scheme == "runs"
    assert [set(RUNS[fold.outer.test]) for fold in cut.folds] == [{1}, {2}, {3}]
    for fold in cut.folds:
        assert len(fold.outer.train) + len(fold.outer.test) == len(RUNS)
        assert len(fold.inner) == 2
        for split in fold.inner:
            assert not set(split.test) & set(fold.outer.test)
            assert set(RUNS[split.train]).isdisjoint(RUNS[split.test])


def test_every_sample_is_tested_once():
    for scheme in ("runs", "blocks"):
        cut = partition(RUNS, Folds(scheme=scheme, blocks=4, gap=4))
        tested = np.concatenate([fold.outer.test for fold in cut.folds])
        assert sorted(tested) == list(range(len(RUNS)))


def test_blocks_keep_a_gap_within_a_run_but_not_across_runs():
    cut = partition(np.repeat([1, 2], 30), Folds(scheme="auto", blocks=4, gap=5))
    assert cut.scheme == "blocks"
    first, second = cut.folds[0].outer, cut.folds[1].outer
    assert first.train.min() == first.test.max() + 6
    assert second.test.max() == 29
    assert second.train[second.train > 29].min() == 30


@pytest.mark.parametrize("gap", [0, 3, 6])
def test_inner_splits_keep_the_gap_too(gap):
    runs = np.ones(200)
    cut = partition(runs, Folds(scheme="blocks", blocks=5, gap=gap))
    for fold in cut.folds:
        for split in (fold.outer, *fold.inner):
            nearest = np.abs(split.train[:, None] - split.test).min()
            assert nearest > gap
        assert np.abs(fold.outer.train[:, None] - fold.outer.test).min() == gap + 1
        for split in fold.inner:
            assert set(split.train) | set(split.test) <= set(fold.outer.train)


def test_segments_are_runs_or_blocks_within_runs():
    by_runs = partition(RUNS, Folds(scheme="auto", blocks=5, gap=4))
    assert len(set(by_runs.segments)) == 3
    by_blocks = partition(np.repeat([1, 2], 30), Folds(scheme="auto", blocks=3, gap=2))
    assert list(np.bincount(by_blocks.segments)) == [15, 15, 15, 15]


def test_too_few_runs():
    with pytest.raises(
        InputError, match=r"too few runs .*expected at least 3 runs.*got 2.*`blocks`"
    ):
        partition(np.repeat([1, 2], 30), Folds(scheme="runs", blocks=3, gap=2))


def test_a_run_with_too_few_samples():
    with pytest.raises(
        InputError, match=r"too few samples in segment 2 of 3: expected at least 18"
    ):
        partition(np.repeat([1, 2, 3], [40, 17, 40]), Folds(scheme="runs", blocks=3, gap=8))


def test_a_gap_that_eats_the_training_data():
    with pytest.raises(InputError, match="no training samples left"):
        partition(np.ones(40), Folds(scheme="blocks", blocks=2, gap=9))
