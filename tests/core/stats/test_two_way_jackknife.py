"""Intervals over people and samples, against loops and on planted agreement."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import t

from stages.core.stats.people_agreement import mean_agreement, signed_root, with_others
from stages.core.stats.two_way_jackknife import (
    agreement,
    cut_blocks,
    over_blocks,
    over_people_and_blocks,
)


def people(rng, loadings, n_samples):
    own = np.sqrt(1 - np.square(loadings))[:, None] * rng.standard_normal(
        (len(loadings), n_samples)
    )
    return np.asarray(loadings)[:, None] * rng.standard_normal(n_samples) + own


def of(series, length=10):
    return agreement(series, cut_blocks(np.repeat("1", series.shape[1]), length))


def pairs(correlations):
    return correlations[np.triu_indices(len(correlations), 1)].mean()


def test_correlations_are_those_of_numpy_with_and_without_blocks(rng):
    series = people(rng, [0.9, 0.5, 0.3], 47) * [[1], [100], [0.01]] + [[5], [0], [-3]]
    blocks = cut_blocks(np.repeat(["a", "b"], [30, 17]), 10)
    found = agreement(series, blocks)
    assert_allclose(found.whole, np.corrcoef(series), atol=1e-12)
    for block, without in enumerate(found.without):
        assert_allclose(without, np.corrcoef(series[:, blocks != block]), atol=1e-12)


def test_what_is_constant_agrees_with_nobody(rng):
    series = np.stack([rng.standard_normal(40), np.full(40, 3.0), rng.standard_normal(40)])
    found = of(series)
    assert (found.whole[1] == 0).all()
    assert np.isfinite(found.without).all()


def test_blocks_are_contiguous_and_stay_in_their_run():
    runs = np.array(["b"] * 23 + ["a"] * 4 + ["c"] * 40)
    blocks = cut_blocks(runs, 10)
    assert_allclose(np.unique(blocks), np.arange(7))
    assert set(np.diff(blocks)) == {0, 1}
    for block in np.unique(blocks):
        assert len(set(runs[blocks == block])) == 1
    assert list(np.bincount(blocks)) == [12, 11, 4, 10, 10, 10, 10]


def three_jackknives(series, blocks):
    """Variances over people, over blocks and over their cells, and freedoms, by loops."""
    n, last = len(series), blocks.max() + 1
    by_person = [pairs(np.corrcoef(np.delete(series, j, axis=0))) for j in range(n)]
    by_block = [pairs(np.corrcoef(series[:, blocks != b])) for b in range(last)]
    by_cell = []
    for j in range(n):
        for b in range(last):
            cell, kept = np.corrcoef(series), np.corrcoef(series[:, blocks != b])
            cell[j], cell[:, j] = kept[j], kept[:, j]
            by_cell.append(pairs(cell))
    variances = [np.var(one) * (len(one) - 1) for one in (by_person, by_block, by_cell)]
    return np.array(variances), np.array([n - 1, last - 1, (n - 1) * (last - 1)])


def test_the_variance_is_that_of_three_jackknives_by_loops(rng):
    """Also where the sum of the three is less than one of them, which then stands alone.

    People differ in how much they have in common, and so do blocks: else one of the first two is
    always less than the third.
    """
    alone = []
    common = np.array([0.9, 0.9, 0.2, 0.2, 0.7])[:, None] * np.repeat([2, 0.3], [20, 40])
    for _ in range(20):
        series = common * rng.standard_normal(60) + 0.5 * rng.standard_normal((5, 60))
        blocks = cut_blocks(np.repeat("1", 60), 10)
        variances, freedoms = three_jackknives(series, blocks)
        total = variances[0] + variances[1] - variances[2]
        freedom = total**2 / (variances**2 / freedoms).sum()
        alone.append(total <= variances[:2].max())
        if alone[-1]:
            total, freedom = variances[:2].max(), freedoms[variances[:2].argmax()]
        found = over_people_and_blocks(mean_agreement, agreement(series, blocks))
        assert_allclose((found.low + found.high) / 2, pairs(np.corrcoef(series)))
        reach = t.ppf(0.975, freedom) * np.sqrt(total)
        assert_allclose((found.high - found.low) / 2, reach)
    assert set(alone) == {True, False}


def test_the_fixed_person_is_never_left_out(rng):
    """Of a statistic of that person and everybody else, one who is left out would be missed."""
    seen = []

    def statistic(correlations):
        seen.append(np.round(correlations[..., 0, 0], 12).min())
        return with_others(correlations)[..., 0]

    found = of(people(rng, [0.7] * 5, 80))
    marked = type(found)(found.whole.copy(), found.without.copy())
    marked.whole[0, 0] = marked.without[:, 0, 0] = 2.0
    over_people_and_blocks(statistic, marked, fixed=1)
    assert set(seen) == {2.0}


@pytest.mark.parametrize("rho", [0.0, 0.1, 0.5])
def test_the_interval_holds_the_truth(rho):
    held = 0
    for seed in range(100):
        series = people(np.random.default_rng([seed, 7]), np.full(6, np.sqrt(rho)), 200)
        found = over_people_and_blocks(mean_agreement, of(series))
        held += found.low <= rho <= found.high
    assert held >= 90


def test_people_who_are_alike_agree_wholly(rng):
    found = over_people_and_blocks(mean_agreement, of(np.tile(rng.standard_normal(50), (4, 1))))
    assert_allclose([found.low, found.high], 1)
    assert found.failed == 0


def test_what_is_undefined_without_somebody_has_no_interval(rng):
    two = of(people(rng, [0.9, 0.9], 50))
    found = over_people_and_blocks(mean_agreement, two)
    assert np.isnan([found.low, found.high]).all()
    assert found.failed == pytest.approx(2 / (2 + 5 + 10))


def test_over_blocks_is_a_loop(rng):
    series = people(rng, [0.8, 0.6], 50)
    found = over_blocks(lambda one: with_others(one)[..., 0], of(series))
    blocks = cut_blocks(np.repeat("1", 50), 10)
    kept = [np.corrcoef(series[:, blocks != b])[0, 1] for b in range(5)]
    sd = np.sqrt(np.var(kept) * 4)
    assert_allclose(found.high - found.low, 2 * 2.7764451 * sd)
    assert_allclose(found.high + found.low, 2 * np.corrcoef(series)[0, 1])


def test_signs_survive_the_root():
    assert_allclose(signed_root(np.array([-0.25, 0.0, 0.49])), [-0.5, 0, 0.7])


@pytest.mark.parametrize("unit", [1e-12, 1e9])
def test_correlations_have_no_unit(rng, unit):
    series = people(rng, [0.9, 0.5, 0.3], 50)
    found, expected = of(series * unit), of(series)
    assert_allclose(found.whole, expected.whole)
    assert_allclose(found.without, expected.without)


@pytest.mark.parametrize("constant", [0.1, 1 / 3, 1.1e17, -7.7])
def test_constants_that_rounding_moves_agree_with_nobody(rng, constant):
    """Beside series as large as they are."""
    series = people(rng, [0.9, 0.5, 0.3], 47) * abs(constant)
    series[1] = constant
    found = of(series)
    assert (found.whole[1] == 0).all()
    assert (found.without[:, 1] == 0).all()
    nobody = of(np.full((3, 40), 2.0))
    assert (nobody.whole == 0).all()


def test_one_replicate_or_the_whole_that_is_undefined_leaves_no_interval(rng):
    agreed = of(people(rng, [0.9, 0.5], 50))

    def some(correlations):
        found = correlations[..., 0, 1].copy()
        if found.ndim:
            found[1] = np.nan
        return found

    one, whole = (
        over_blocks(statistic, agreed)
        for statistic in (some, lambda r: np.where(r.ndim == 2, np.nan, r[..., 0, 1]))
    )
    assert np.isnan([one.low, one.high, whole.low, whole.high]).all()
    assert (one.failed, whole.failed) == (pytest.approx(0.2), 0)
