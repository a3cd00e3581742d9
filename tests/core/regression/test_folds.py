"""Folds never mix neighbours in time, unless they are asked to."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from stages.core.params.schema import Folds
from stages.core.regression.folds import Fold, Split, partition, share_tested
from stages.core.regression.ridge import cross_validate
from stages.core.run.errors import InputError
from stages.core.stats.scores import pearson

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


def test_the_share_tested_counts_rows_of_each_fold():
    rows = np.arange(10)
    folds = [Fold(Split(rows[:4], rows[4:6]), ()), Fold(Split(rows[:5], rows[5:]), ())]
    assert share_tested(folds) == 2 / 4 + 5 / 5


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


def test_segments_are_runs_of_blocks_too():
    by_runs = partition(RUNS, Folds(scheme="auto", blocks=5, gap=4))
    assert len(set(by_runs.segments)) == 3
    by_blocks = partition(np.repeat([1, 2], 30), Folds(scheme="auto", blocks=3, gap=2))
    assert len(by_blocks.folds) == 4
    assert list(np.bincount(by_blocks.segments)) == [30, 30]


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


def test_shuffled_folds_test_every_sample_once_beside_its_neighbours(caplog):
    cut = partition(RUNS, Folds(scheme="shuffled", blocks=5, gap=4))
    assert cut.scheme == "shuffled"
    assert "neighbours in time are in training and test data" in caplog.text
    tested = np.concatenate([fold.outer.test for fold in cut.folds])
    assert sorted(tested) == list(range(len(RUNS)))
    assert len(set(cut.segments)) == 3
    for fold in cut.folds:
        assert not set(fold.outer.train) & set(fold.outer.test)
        assert np.isin(fold.outer.test + 1, fold.outer.train).mean() > 0.5
        inner = np.concatenate([split.test for split in fold.inner])
        assert sorted(inner) == sorted(fold.outer.train)


def test_too_few_samples_to_shuffle_are_refused():
    with pytest.raises(InputError, match="too few samples"):
        partition(np.ones(7), Folds(scheme="shuffled", blocks=5, gap=0))


def test_position_alone_predicts_what_is_smooth_where_folds_are_shuffled_and_only_there():
    """The leak that published scores have (Hadidi et al. 2026): a control without words."""
    rng = np.random.default_rng(0)
    noise = gaussian_filter1d(rng.standard_normal((300, 4)), 3, axis=0)
    position = gaussian_filter1d(np.eye(300), 3, axis=0)
    lambdas = np.geomspace(100, 0.01, 5)
    scores = {}
    for scheme in ("blocks", "shuffled"):
        cut = partition(np.ones(300), Folds(scheme=scheme, blocks=5, gap=8))
        scores[scheme] = pearson(cross_validate(position, noise, cut.folds, lambdas).observed)
    assert scores["shuffled"].min() > 0.7
    assert np.abs(scores["blocks"]).max() < 0.35


def test_many_runs_are_left_out_in_groups_of_whole_runs():
    lengths = np.random.default_rng(0).integers(4, 12, 40)
    runs = np.repeat([f"sentence {k}" for k in range(40)], lengths)
    cut = partition(runs, Folds(scheme="auto", blocks=5, gap=8))
    assert cut.scheme == "groups"
    assert len(cut.folds) == 5
    tested = np.concatenate([fold.outer.test for fold in cut.folds])
    assert list(tested) == list(range(len(runs)))  # successive, each once
    sizes = [len(fold.outer.test) for fold in cut.folds]
    assert max(sizes) - min(sizes) <= 2 * lengths.max()
    for fold in cut.folds:
        assert len(fold.inner) == 4
        assert len(fold.outer.train) + len(fold.outer.test) == len(runs)  # other runs need no gap
        for split in (fold.outer, *fold.inner):
            assert set(runs[split.train]).isdisjoint(runs[split.test])
    assert [set(cut.segments[fold.outer.test]) for fold in cut.folds] == [{0}, {1}, {2}, {3}, {4}]


def test_ten_runs_are_still_left_out_one_at_a_time():
    assert partition(np.repeat(range(10), 30), Folds(scheme="auto", blocks=5, gap=8)).scheme == (
        "runs"
    )


@pytest.mark.parametrize(
    ("runs", "got"), [([1, 2, 3], "3 runs"), ([1, 2, 3, 4, 5] * 3, "15 stretches")]
)
def test_runs_that_make_no_groups(runs, got):
    with pytest.raises(InputError, match=rf"runs that make no groups.*{got}"):
        partition(np.repeat(runs, 20), Folds(scheme="groups", blocks=5, gap=2))


def test_a_run_too_long_for_as_many_groups_is_told():
    runs = np.repeat(np.arange(11), [900, *[10] * 10])
    with pytest.raises(InputError, match=r"no groups.*expected 5 parts.*a run of 900 of 1000"):
        partition(runs, Folds(scheme="auto", blocks=5, gap=2))


def test_groups_know_their_runs_and_others_have_none():
    runs = np.repeat(np.arange(20), 6)
    assert list(partition(runs, Folds(scheme="groups", blocks=4, gap=2)).joined) == list(runs)
    assert partition(RUNS, Folds(scheme="runs", blocks=4, gap=2)).joined is None
