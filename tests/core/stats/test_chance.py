"""The null keeps autocorrelation, breaks alignment, and counts as it should."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.signal import lfilter

from stages.core.params.schema import Folds
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.chance import draw_shifts, significance, warn_of_short_runs
from stages.core.stats.scores import pearson

LENGTHS = [140, 130, 150]
SEGMENTS = np.repeat([0, 1, 2], LENGTHS)


def test_each_draw_rotates_each_segment_by_at_least_the_gap():
    for order in draw_shifts(SEGMENTS, 300, 8, seed=0):
        for segment in range(3):
            rows = np.flatnonzero(segment == SEGMENTS)
            offset = (order[rows[0]] - rows[0]) % len(rows)
            assert 8 <= offset <= len(rows) - 8
            assert_allclose(order[rows], rows[(np.arange(len(rows)) + offset) % len(rows)])


def test_segments_are_shifted_independently_and_reproducibly():
    orders = draw_shifts(SEGMENTS, 500, 8, seed=0)
    offsets = (orders[:, [0, 140]] - [0, 140]) % LENGTHS[:2]
    assert abs(np.corrcoef(offsets.T)[0, 1]) < 0.15
    assert (orders == draw_shifts(SEGMENTS, 500, 8, seed=0)).all()
    assert not (orders == draw_shifts(SEGMENTS, 500, 8, seed=1)).all()


@pytest.mark.parametrize(("shifts", "drawn"), [(20, 20), (500, 50)])
def test_a_single_run_has_every_shift_once_forwards_and_backwards(shifts, drawn):
    orders = draw_shifts(np.zeros(40, np.intp), shifts, 8, seed=0)
    assert len(orders) == len(np.unique(orders, axis=0)) == drawn
    steps = np.diff(orders, axis=1) % 40
    assert set(steps.ravel()) == {1, 39}
    assert (steps == steps[:, :1]).all()
    backwards = steps[:, 0] == 39
    first = np.where(backwards, orders[:, -1], orders[:, 0])
    assert (first >= 8).all()
    assert (first <= 32).all()
    if drawn == 50:
        assert backwards.sum() == 25


def test_slow_series_of_one_run_predict_each_other_no_more_often_than_they_should():
    """Shifted within blocks, their means in blocks stay where they are: twice too often."""
    rng, lambdas, n = np.random.default_rng(0), np.geomspace(1e4, 1, 8), 150
    hits, place = {"blocks": [], "run": []}, np.arange(n)
    cut = partition(np.zeros(n, int), Folds(scheme="blocks", blocks=5, gap=4))
    for seed in range(40):
        noise = rng.standard_normal((2, n + 50, 24))
        design, targets = lfilter([1], [1, -0.9], noise, axis=1)[:, 50:]
        fit = cross_validate(design, targets, cut.folds, lambdas)
        offsets = np.random.default_rng(seed).integers(4, 27, size=(199, 5))
        within = place // 30 * 30 + (place + np.repeat(offsets, 30, axis=1)) % 30
        for name, orders in (("blocks", within), ("run", draw_shifts(cut.segments, 199, 4, seed))):
            null = ShiftNull(cut.folds, orders)
            drawn = [pearson(sums) for _, (sums,) in shifted([fit], targets, null)]
            p = significance(pearson(fit.observed), np.concatenate(drawn)).p
            hits[name].append((p <= 0.05).mean())
    assert np.mean(hits["run"]) < 0.055
    assert np.mean(hits["blocks"]) > 0.07


def test_never_the_identity_even_without_a_gap():
    assert (draw_shifts(SEGMENTS, 500, 0, seed=0) != np.arange(420)).all()


@pytest.mark.parametrize(("score", "p"), [(10.0, 1 / 100), (-10.0, 1.0), (49.0, 51 / 100)])
def test_p_counts_the_draws_that_reach_the_score(score, p):
    null = np.arange(99.0)[None] if score == 49.0 else np.zeros((1, 99))
    assert_allclose(significance(np.array([score]), null).p, p)


def test_z_is_in_units_of_the_null():
    null = np.array([[1.0, 3.0], [2.0, 2.0]])
    found = significance(np.array([4.0, 5.0]), null)
    assert_allclose(found.null_mean, [2, 2])
    assert_allclose(found.z, [2, 0])


def test_runs_in_groups_and_short_runs_change_places():
    joined = np.repeat(np.arange(12), 6)
    orders = draw_shifts(joined // 6, 60, 8, 0, joined)
    assert (np.diff(joined[orders].reshape(60, 12, 6)) == 0).all()
    assert (joined[orders] // 6 != joined // 6).any(axis=1).mean() > 0.8
    short = draw_shifts(np.repeat([0, 1, 2], 30), 60, 8, 0)
    assert (np.abs(np.diff(short, axis=1)) <= 1).all()


@pytest.mark.parametrize(
    ("lengths", "joined", "told"),
    [
        ([30, 30, 31], None, True),
        ([115, 114], None, True),
        ([115, 115], None, False),
        ([30], None, False),
        ([36, 36], np.repeat(np.arange(12), 6), False),
    ],
    ids=["short", "one short", "long", "one run", "groups"],
)
@pytest.mark.parametrize("once", [False, True])
def test_few_short_runs_are_warned_of_once(lengths, joined, told, once, caplog):
    segments = np.repeat(np.arange(len(lengths)), lengths)
    draw_shifts(segments, 19, 8, 0, joined, once=once)
    assert "short runs" not in caplog.text, "drawn many times, told where a stage begins"
    warn_of_short_runs(segments, 8, joined, "Hold it against the control `onset`")
    said = [record.getMessage() for record in caplog.records if "short runs" in record.getMessage()]
    assert len(said) == told
    if told:
        got = f"got {len(lengths)} runs, the shortest of {min(lengths)}."
        assert f"expected 115 samples or more in each, {got}" in said[0]
        assert said[0].endswith("Hold it against the control `onset`")


def test_what_fades_after_run_onset_is_no_finding_beyond_what_fades_so():
    """What the warning says to do: of a transient on both sides, other ones leave nothing."""
    rng = np.random.default_rng(0)
    cut = partition(np.repeat([0, 1, 2], 30), Folds(scheme="auto", blocks=3, gap=8))
    since = np.tile(np.arange(30), 3)
    known = np.exp(-since[:, None] / [1, 4])
    found = {"r": [], "r_partial": []}
    for seed in range(12):
        weights = rng.uniform(1, 3, (2, 1, 24)) * rng.choice([-1, 1], (2, 1, 24))
        noise = lfilter([1], [1, -0.5], rng.standard_normal((2, 90, 24)), axis=1)
        design, targets = noise + np.exp(-since / 2)[:, None] * weights
        orders = draw_shifts(cut.segments, 99, 8, seed)
        for name, nuisance in (("r", None), ("r_partial", known)):
            fit = cross_validate(design, targets, cut.folds, np.geomspace(1e4, 1, 8), nuisance)
            null = ShiftNull(cut.folds, orders)
            drawn = [pearson(sums) for _, (sums,) in shifted([fit], targets, null)]
            p = significance(pearson(fit.observed), np.concatenate(drawn)).p
            found[name].append((p <= 0.05).mean())
    assert np.mean(found["r"]) > 0.15
    assert np.mean(found["r_partial"]) < 0.07


def test_runs_are_taken_in_the_order_in_which_they_come():
    """Names such as 10 and 2 are sorted otherwise."""
    named = np.repeat([1, 10, 2, *range(3, 10), 0, 11], [3, 4, 5] * 4)
    plain = np.repeat(np.arange(12), [3, 4, 5] * 4)
    for once in (True, False):
        same = draw_shifts(named // 6, 20, 8, 0, named, once=once)
        assert (same == draw_shifts(plain // 6, 20, 8, 0, plain, once=once)).all()


def test_levels_of_runs_of_equal_length_are_no_finding_by_whole_runs():
    """Noise of which sentences share most: shifts by any offset find something twice too often."""
    rng = np.random.default_rng(0)
    joined = np.repeat(np.arange(60), 6)
    segments = joined // 12
    n, draws = len(joined), 99
    found = {}
    for name, runs in (("samples", None), ("runs", joined)):
        orders = draw_shifts(segments, draws, 8, 1, runs)
        hits = 0
        for _ in range(400):
            one, two = (
                rng.standard_normal(60)[joined] + 0.5 * rng.standard_normal(n) for _ in range(2)
            )
            null = np.array([np.corrcoef(one, two[order])[0, 1] for order in orders])
            score = abs(np.corrcoef(one, two)[0, 1])
            hits += (1 + (np.abs(null) >= score).sum()) / (draws + 1) <= 0.05
        found[name] = hits / 400
    assert found["runs"] < 0.085
    assert found["samples"] > 0.1


def test_where_there_are_few_orders_each_is_taken_once_and_noise_is_no_finding(caplog):
    """Three runs in groups: p is never below one in all orders, however many are asked for."""
    rng, runs = np.random.default_rng(0), np.repeat(np.arange(3), 20)
    cut = partition(runs, Folds(scheme="groups", blocks=3, gap=4))
    orders = draw_shifts(cut.segments, 1000, 4, 0, cut.joined)
    assert len(orders) == len(np.unique(orders, axis=0)) < 19
    assert f"in {len(orders)} other ways only, so that no p is below 0.06" in caplog.text
    one, two = rng.standard_normal((2, 400, len(runs)))
    null = np.stack([np.vecdot(one, two[:, order]) for order in orders], axis=1)
    assert (significance(np.vecdot(one, two), null).p <= 0.05).mean() < 0.07
    assert draw_shifts(cut.segments, 10, 4, 0, cut.joined).shape == (10, 60)


def test_matrices_get_every_sample_once():
    joined = np.repeat(np.arange(12), [5, 7, 4, 9, 6, 5, 8, 3, 7, 6, 4, 8])
    whole = np.arange(len(joined))
    for segments, runs in ((joined // 6, joined), (joined // 4, None)):
        orders = draw_shifts(segments, 60, 2, 0, runs, once=True)
        assert (np.sort(orders, axis=1) == whole).all()
        assert (np.sort(draw_shifts(segments, 60, 2, 0, runs), axis=1) != whole).any()


def test_a_long_run_alone_is_shifted_backwards_too():
    orders = draw_shifts(np.zeros(150, np.intp), 60, 8, 0)
    steps = np.diff(orders, axis=1) % 150
    assert set(steps.ravel()) == {1, 149}
    assert len(np.unique(orders, axis=0)) == 60


@pytest.mark.parametrize(
    ("lengths", "apart"), [([115, 115], True), ([114, 115], False), ([200, 40], False)]
)
def test_runs_are_shifted_apart_where_the_shortest_is_long(lengths, apart):
    segments = np.repeat([0, 1], lengths)
    orders = draw_shifts(segments, 30, 8, 0)
    assert (segments[orders] == segments).all() == apart


def test_runs_must_be_longer_by_a_sample_where_no_gap_is_asked_for(caplog):
    """A shift of 1 at least, so that a run of 101 has 100 places."""
    for length, told in ((100, 1), (101, 0)):
        caplog.clear()
        warn_of_short_runs(np.repeat([0, 1], length), 0, None, "Do nothing")
        assert len(caplog.records) == told


@pytest.mark.parametrize(("samples", "shifts", "told"), [(25, 100, 0), (24, 100, 1), (40, 19, 0)])
def test_too_few_orders_are_told_of(samples, shifts, told, caplog):
    """With shifts of 8 on, 25 samples have ten forwards and ten backwards, 24 have nine."""
    draw_shifts(np.zeros(samples, np.intp), shifts, 8, 0)
    assert len(caplog.records) == told


def test_the_longest_shift_is_as_far_from_home_as_the_shortest():
    orders = draw_shifts(np.repeat([0, 1], 115), 1500, 8, 0)
    assert set(orders[:, 0]) == set(range(8, 108))


def test_each_score_has_its_own_null():
    found = significance(np.array([5.0, 3.0]), np.array([[0.0, 4.0], [1.0, 7.0]]))
    assert_allclose(found.null_mean, [2, 4])
    assert_allclose(found.null_sd, [2, 3])
    assert_allclose(found.z, [3 / 2, -1 / 3])


@pytest.mark.parametrize(("second", "orders", "told"), [(5, 19, 0), (4, 17, 1)])
def test_nineteen_orders_are_enough(second, orders, told, caplog):
    """Of ten samples in two short runs there are as many, and p of .05 is one of them."""
    found = draw_shifts(np.repeat([0, 1], [5, second]), 100, 1, 0)
    assert (len(found), len(caplog.records)) == (orders, told)
