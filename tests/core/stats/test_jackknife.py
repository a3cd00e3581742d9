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


@pytest.mark.parametrize(("people", "pieces"), [(2, 5), (5, 2), (3, 7), (6, 4)])
@pytest.mark.parametrize("parts", [(1.0, 1.0), (0.1, 0.1), (3.0, 0.0), (0.0, 3.0)])
def test_over_both_is_the_analysis_of_variance_of_a_loop(people, pieces, parts):
    """Mean squares of two crossed factors without repetition, and Satterthwaite's freedom."""
    rng = np.random.default_rng(people)
    cells = 2 + parts[0] * rng.standard_normal((people, 1)) + rng.standard_normal((people, pieces))
    cells += parts[1] * rng.standard_normal((1, pieces))
    mean = sum(cells.ravel()) / cells.size
    rows = [sum(cells[s]) / pieces for s in range(people)]
    columns = [sum(cells[:, g]) / people for g in range(pieces)]
    rest = sum(
        (cells[s, g] - rows[s] - columns[g] + mean) ** 2 for s, g in np.ndindex(people, pieces)
    )
    of_rows = sum((own - mean) ** 2 for own in rows) / (people - 1) / people
    of_columns = sum((own - mean) ** 2 for own in columns) / (pieces - 1) / pieces
    cell = rest / ((people - 1) * (pieces - 1)) / cells.size
    variance = max(of_rows + of_columns - cell, of_rows, of_columns)
    freedom = variance**2 / (of_rows**2 / (people - 1) + of_columns**2 / (pieces - 1))
    found = over_both(cells)
    assert found.sd == pytest.approx(np.sqrt(variance))
    reach = stats.t(freedom).ppf(0.975) * np.sqrt(variance)
    assert (found.low, found.high) == pytest.approx((mean - reach, mean + reach))
    assert found.p == pytest.approx(2 * stats.t(freedom).sf(abs(mean) / np.sqrt(variance)))


def test_over_stimuli_is_the_t_test_of_the_mean_of_people():
    values = np.random.default_rng(8).standard_normal((4, 9)) + 0.4
    found, oracle = over_stimuli(values), stats.ttest_1samp(values.mean(axis=0), 0)
    assert (found.p, found.mean) == pytest.approx((oracle.pvalue, values.mean()))


def test_one_piece_tells_nothing_of_others():
    values = np.arange(6.0).reshape(2, 3, 1)
    for estimate in (over_stimuli, over_both):
        found = estimate(values)
        np.testing.assert_allclose(found.mean, [1, 4])
        for missing in (found.sd, found.low, found.high, found.p):
            assert missing.shape == (2,)
            assert np.isnan(missing).all()


def test_shares_of_many_scores_are_those_of_each():
    rng = np.random.default_rng(6)
    scores, without = rng.standard_normal((3,)), rng.standard_normal((3, 6))
    found = pseudo_values(scores, without, [0.0, 0.4, 2.0])
    for one, score, part, fitted in zip(found, scores, without, [0.0, 0.4, 2.0], strict=True):
        shares = [score + np.sqrt(1 + 2 * fitted) * 5 * (part.mean() - own) for own in part]
        np.testing.assert_allclose(one, shares)


def test_shares_and_means_are_found_in_double_precision():
    rng = np.random.default_rng(10)
    score, without, fitted = (
        (100 + rng.standard_normal(shape)).astype(np.float32) for shape in ((4,), (4, 300), (4,))
    )
    found = pseudo_values(score, without, fitted)
    assert (found == pseudo_values(*(one.astype(float) for one in (score, without, fitted)))).all()
    assert over_stimuli(without).sd == over_stimuli(without.astype(float)).sd


def _crossed(rng, people, pieces):
    """Values with a part of the person, one of the piece, and a rest; their true mean is 0."""
    parts = rng.standard_normal((people, 1)), rng.standard_normal((1, pieces))
    return parts[0] + parts[1] + rng.standard_normal((people, pieces))
