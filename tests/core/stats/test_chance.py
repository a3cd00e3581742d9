"""The null keeps autocorrelation, breaks alignment, and counts as it should."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.stats.chance import draw_shifts, significance

SEGMENTS = np.repeat([0, 1, 2], [40, 30, 50])


def test_each_draw_rotates_each_segment_by_at_least_the_gap():
    for order in draw_shifts(SEGMENTS, 300, 8, seed=0):
        for segment in range(3):
            rows = np.flatnonzero(segment == SEGMENTS)
            offset = (order[rows[0]] - rows[0]) % len(rows)
            assert 8 <= offset <= len(rows) - 8
            assert_allclose(order[rows], rows[(np.arange(len(rows)) + offset) % len(rows)])


def test_segments_are_shifted_independently_and_reproducibly():
    orders = draw_shifts(SEGMENTS, 500, 8, seed=0)
    offsets = (orders[:, [0, 40]] - [0, 40]) % [40, 30]
    assert abs(np.corrcoef(offsets.T)[0, 1]) < 0.15
    assert (orders == draw_shifts(SEGMENTS, 500, 8, seed=0)).all()
    assert not (orders == draw_shifts(SEGMENTS, 500, 8, seed=1)).all()


def test_never_the_identity_even_without_a_gap():
    assert (draw_shifts(SEGMENTS, 500, 0, seed=0) != np.arange(120)).all()


@pytest.mark.parametrize(("score", "p"), [(10.0, 1 / 100), (-10.0, 1.0), (49.0, 51 / 100)])
def test_p_counts_the_draws_that_reach_the_score(score, p):
    null = np.arange(99.0)[None] if score == 49.0 else np.zeros((1, 99))
    assert_allclose(significance(np.array([score]), null).p, p)


def test_z_is_in_units_of_the_null():
    null = np.array([[1.0, 3.0], [2.0, 2.0]])
    found = significance(np.array([4.0, 5.0]), null)
    assert_allclose(found.null_mean, [2, 2])
    assert_allclose(found.z, [2, 0])


def test_runs_that_make_a_segment_are_shifted_whole():
    joined = np.repeat(np.arange(12), [5, 7, 4, 9, 6, 5, 8, 3, 7, 6, 4, 8])
    segments = (joined >= 6).astype(np.intp)
    orders = draw_shifts(segments, 60, 8, 0, joined)
    assert len(np.unique(orders, axis=0)) > 10
    for order in orders:
        assert sorted(order) == list(range(len(joined)))
        for segment in (0, 1):
            rows = np.flatnonzero(segments == segment)
            assert set(order[rows]) == set(rows)
            # A rotation that begins where a run does, and so cuts none.
            first = order[rows[0]]
            assert joined[first] != joined[first - 1]
            assert first - rows[0] >= 8


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
