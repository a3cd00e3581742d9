"""Runs change places as they are said to, and what is found in noise is no more than chance."""

import numpy as np
import pytest
from scipy.signal import lfilter

from stages.core.params.schema import Folds
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.chance import draw_shifts, significance
from stages.core.stats.run_orders import folded_runs, folded_samples, in_time, permuted_runs
from stages.core.stats.scores import pearson

EQUAL = np.repeat(np.arange(12), 5)
UNEQUAL = np.repeat(np.arange(12), np.resize([4, 3, 6, 5], 12))
LAMBDAS = np.geomspace(1e4, 1, 8)


def _once_and_moved(orders):
    assert len(np.unique(orders, axis=0)) == len(orders)
    assert (orders != np.arange(orders.shape[1])).any(axis=1).all()


@pytest.mark.parametrize("runs", [EQUAL, UNEQUAL])
def test_runs_begin_where_others_began_and_neighbours_stay_near(rng, runs):
    orders = folded_runs(runs, 200, rng)
    assert orders.shape == (200, len(runs))
    _once_and_moved(orders)
    starts = np.flatnonzero(np.diff(runs, prepend=-1))
    assert np.isin(orders[:, starts], starts).all()
    steps = np.abs(np.diff(runs[orders[:, starts]], axis=1))
    # As far as two runs that have both changed places; a circle would jump by 11.
    assert steps.max() <= 3
    assert steps.mean() < 2
    for order in orders[:20]:
        for run in range(12):
            rows = order[runs == run]
            own = np.flatnonzero(runs == runs[rows[0]])
            there_and_back = np.r_[own, own[::-1]]
            assert (rows == np.resize(there_and_back, len(rows))).all()


@pytest.mark.parametrize("runs", [EQUAL, UNEQUAL])
def test_permuted_runs_come_once_and_whole(rng, runs):
    orders = permuted_runs(runs, 200, rng)
    _once_and_moved(orders)
    for order in orders:
        assert sorted(order) == list(range(len(runs)))
        stretches = np.split(order, np.flatnonzero(np.diff(order) != 1) + 1)
        ends = np.flatnonzero(np.diff(runs, append=-1))
        assert all(stretch[-1] in ends for stretch in stretches)


@pytest.mark.parametrize("of", [folded_runs, permuted_runs])
def test_walks_begin_anywhere_and_go_either_way(rng, of):
    """But for exchanges, runs follow each other forwards or backwards, from each of twelve."""
    orders = EQUAL[of(EQUAL, 400, rng)][:, ::5]
    assert set(orders[:, 0]) == set(range(12))
    steps = np.median((np.diff(orders, axis=1) + 6) % 12 - 6, axis=1)
    assert 100 < (steps > 0).sum() < 300
    assert min(len(set(orders[own, 0])) for own in (steps > 0, steps < 0)) >= 6


def test_a_recording_is_walked_to_its_end_and_back(rng):
    orders = folded_samples(50, 1000, 8, rng)
    assert len(orders) == 2 * 50 - 2 * 8 + 1
    _once_and_moved(orders)
    assert set(np.abs(np.diff(orders, axis=1)).ravel()) == {0, 1}
    assert (np.sort(orders, axis=1) == np.arange(50)).all(axis=1).sum() == 1  # all backwards
    assert (np.abs(orders - np.arange(50)).max(axis=1) >= 8).all()
    assert folded_samples(50, 20, 8, rng).shape == (20, 50)


def test_runs_are_numbered_as_they_come():
    assert in_time(np.array([2, 2, 0, 1, 1])).tolist() == [0, 0, 1, 2, 2]


def test_few_runs_have_few_orders_each_once(rng):
    """Five runs are walked from ten places, and exchanged in seven ways at most."""
    runs = np.repeat(np.arange(5), 4)
    many = folded_runs(runs, 1000, rng)
    _once_and_moved(many)
    assert 50 < len(many) < 70
    assert len(folded_runs(runs, 20, rng)) == 20


def test_series_that_come_twice_are_predicted_as_if_fitted_anew(rng):
    """The null's tables know of no permutation: each draw against a fit of its own."""
    cut = partition(UNEQUAL, Folds(scheme="groups", blocks=3, gap=2))
    design, targets = rng.standard_normal((len(UNEQUAL), 5)), 3 + rng.standard_normal((54, 2))
    orders = draw_shifts(cut.segments, 8, 2, 0, cut.joined)
    assert any(len(set(order)) < len(order) for order in orders)
    one = np.array([10.0])
    fit = cross_validate(design, targets, cut.folds, one)
    null = ShiftNull(cut.folds, orders)
    (drawn,) = [pearson(sums) for _, (sums,) in shifted([fit], targets, null)]
    for at, order in enumerate(orders):
        anew = pearson(cross_validate(design, targets[order], cut.folds, one).observed)
        np.testing.assert_allclose(drawn[:, at], anew, atol=1e-5)


def _found(runs, folds, make, orders_of, seeds=20):
    """Share of p up to .05 between designs and responses that share nothing."""
    cut, hits = partition(runs, folds), []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        design, targets = make(rng, runs), make(rng, runs)
        fit = cross_validate(design, targets, cut.folds, LAMBDAS)
        null = ShiftNull(cut.folds, orders_of(cut, seed))
        drawn = [pearson(sums) for _, (sums,) in shifted([fit], targets, null)]
        p = significance(pearson(fit.observed), np.concatenate(drawn)).p
        hits.append((p <= 0.05).mean())
    return np.mean(hits)


def _ours(cut, seed):
    return draw_shifts(cut.segments, 99, 8, seed, cut.joined)


def _within_groups(cut, seed):
    """Whole runs shifted circularly in each group."""
    rng, orders = np.random.default_rng(seed), []
    for _ in range(99):
        parts = []
        for group in np.unique(cut.segments):
            rows = np.flatnonzero(cut.segments == group)
            starts = np.flatnonzero(np.diff(cut.joined[rows], prepend=-1))
            parts.append(np.roll(rows, -rng.choice(starts[1:])))
        orders.append(np.concatenate(parts))
    return np.array(orders)


def _drifting(rng, runs):
    """Series of memory .98, also from run to run."""
    noise = rng.standard_normal((len(runs) + 200, 16))
    return lfilter([1], [1, -0.98], noise, axis=0)[200:]


def _locked(rng, runs):
    """Noise beside what is locked to the beginnings of runs, in designs and responses alike."""
    along = np.concatenate([np.arange(n) for n in np.bincount(runs)])
    locked = np.exp(-along / 2.0)[:, None] * rng.uniform(1, 3, 16)
    return locked + rng.standard_normal((len(runs), 16))


GROUPS = Folds(scheme="auto", blocks=5, gap=8)


def test_what_drifts_from_run_to_run_is_found_no_more_than_by_chance():
    """Shifted within groups, runs keep the level of their group: half of the noise is found."""
    runs = np.repeat(np.arange(30), 6)
    assert _found(runs, GROUPS, _drifting, _ours) < 0.085
    assert _found(runs, GROUPS, _drifting, _within_groups) > 0.25


def test_what_is_locked_to_the_beginning_of_runs_is_not_found():
    runs = np.repeat(np.arange(27), np.resize([8, 9, 10, 9], 27))
    assert _found(runs, GROUPS, _locked, _ours) < 0.06
    assert _found(runs, GROUPS, _locked, _within_groups) > 0.5


def _of_runs_apart(rng, runs):
    """Slow series that have levels of their own in each run."""
    parts = [
        lfilter([1], [1, -0.9], rng.standard_normal((n + 50, 16)), axis=0)[50:]
        for n in np.bincount(runs)
    ]
    return np.concatenate(parts)


def test_what_three_short_runs_drift_by_is_not_found():
    """Shifted where they stand, runs keep their means."""

    def in_place(cut, seed):
        by = np.random.default_rng(seed).integers(8, 23, size=(99, 3))
        rows = np.arange(30)
        return np.concatenate([30 * r + (rows + by[:, [r]]) % 30 for r in range(3)], axis=1)

    runs, folds = np.repeat(np.arange(3), 30), Folds(scheme="runs", blocks=5, gap=8)
    for make, least in ((_drifting, 0.18), (_of_runs_apart, 0.06)):
        assert _found(runs, folds, make, _ours) < 0.1
        assert _found(runs, folds, make, in_place) > least
