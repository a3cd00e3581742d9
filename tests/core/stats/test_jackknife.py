"""Jackknifed means: against formulas, and by how often their intervals hold the truth."""

import numpy as np
import pytest
from scipy import stats

from stages.core.stats.jackknife import over_both, over_stimuli, pseudo_values


def test_pseudo_values_of_a_mean_are_the_means_of_the_pieces():
    pieces = np.random.default_rng(0).standard_normal((6, 5))
    without = [np.delete(pieces, g, axis=0).mean() for g in range(6)]
    found = pseudo_values(pieces.mean(), without)
    np.testing.assert_allclose(found, pieces.mean(axis=1))


def test_what_is_fitted_widens_the_shares_and_leaves_their_mean():
    without = np.random.default_rng(9).standard_normal((2, 6))
    plain = pseudo_values([0.1, 0.2], without)
    wide = pseudo_values([0.1, 0.2], without, [0.0, 1.5])
    np.testing.assert_allclose(wide[0], plain[0])
    np.testing.assert_allclose(wide.mean(axis=1), [0.1, 0.2])
    np.testing.assert_allclose(wide[1] - 0.2, 2 * (plain[1] - 0.2))


def test_over_stimuli_is_the_t_test_of_one_person():
    values = np.random.default_rng(1).standard_normal((1, 12)) + 0.4
    found, oracle = over_stimuli(values), stats.ttest_1samp(values[0], 0)
    assert found.p == pytest.approx(oracle.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(oracle.confidence_interval()))


def test_over_both_is_the_t_test_of_people_where_pieces_are_alike():
    people = np.array([0.3, 0.1, 0.5, 0.2])
    found = over_both(np.repeat(people[:, None], 10, axis=1))
    assert found.p == pytest.approx(stats.ttest_1samp(people, 0).pvalue)


def test_precision_of_the_input_is_not_that_of_the_sums():
    single = (np.random.default_rng(3).standard_normal((4, 300)) * 1e-3 + 100).astype(np.float32)
    assert over_both(single).sd == over_both(single.astype(float)).sd


def test_one_person_tells_nothing_of_others():
    found = over_both(np.random.default_rng(2).standard_normal((1, 10)))
    assert np.isnan([found.sd, found.low, found.high, found.p]).all()
    assert np.isfinite(found.mean)


@pytest.mark.parametrize("estimate", [over_stimuli, over_both])
def test_many_at_once_are_each_alone(estimate):
    rng = np.random.default_rng(7)
    people, pieces = rng.standard_normal((2, 3, 4, 1)), rng.standard_normal((2, 3, 1, 6))
    values = people + pieces + rng.standard_normal((2, 3, 4, 6)) * rng.random((2, 3, 1, 1))
    many = estimate(values)
    for place in np.ndindex(2, 3):
        one = vars(estimate(values[place]))
        for name, found in vars(many).items():
            assert found[place] == pytest.approx(float(one[name]))


def test_values_that_are_all_alike_are_certain():
    assert over_both(np.full((3, 4), 0.5)).p == 0
    assert over_both(np.zeros((3, 4))).p == 1


def test_variance_over_both_has_no_bias():
    rng = np.random.default_rng(3)
    draws = [_crossed(rng, people=6, pieces=10) for _ in range(1500)]
    variances = [over_both(values).sd ** 2 for values in draws]
    true = np.var([values.mean() for values in draws])
    assert np.mean(variances) == pytest.approx(true, rel=0.1)


@pytest.mark.parametrize(("people", "pieces"), [(3, 20), (5, 10), (12, 20)])
def test_intervals_over_both_hold_the_truth(people, pieces):
    rng = np.random.default_rng(4)
    found = [over_both(_crossed(rng, people=people, pieces=pieces)) for _ in range(1000)]
    held = np.mean([one.low <= 0 <= one.high for one in found])
    assert 0.92 <= held <= 0.99


def test_intervals_over_stimuli_alone_miss_other_people():
    rng = np.random.default_rng(5)
    found = [over_stimuli(_crossed(rng, people=4, pieces=20)) for _ in range(500)]
    assert np.mean([one.low <= 0 <= one.high for one in found]) < 0.8


def _crossed(rng, people, pieces):
    """Values with a part of the person, one of the piece, and a rest; their true mean is 0."""
    parts = rng.standard_normal((people, 1)), rng.standard_normal((1, pieces))
    return parts[0] + parts[1] + rng.standard_normal((people, pieces))
