import numpy as np
import pytest
from scipy.stats import pearsonr, rankdata, spearmanr, t

from stages.core.run.errors import ConcordError
from stages.core.stats.correlation import (
    NotComputableError,
    coefficients,
    correlate,
    interval,
    resampled,
    weighted_ranks,
)

SAMPLING = {"resamples": 200, "seed": 0}


def naive(columns, ranked):
    """Correlate the first two columns after regression on the others, one step at a time."""
    if ranked:
        columns = np.column_stack([rankdata(column) for column in columns.T])
    design = np.column_stack([np.ones(len(columns)), columns[:, 2:]])
    left = columns[:, :2] - design @ np.linalg.lstsq(design, columns[:, :2], rcond=None)[0]
    return pearsonr(left[:, 0], left[:, 1])[0]


@pytest.fixture
def models(rng):
    """Three related quantities with ties, two covariates, of 24 models in 6 families."""
    columns = rng.normal(size=(24, 4)) @ rng.normal(size=(4, 4)) + [0, 1e3, 5, -2]
    columns[3:6, 1] = columns[3, 1]
    return columns, np.repeat(list("abcdef"), 4)


@pytest.mark.parametrize(("ranked", "oracle"), [(False, pearsonr), (True, spearmanr)])
def test_value_and_p_are_scipys(models, ranked, oracle):
    columns, families = models
    found = correlate(columns[:, 0], columns[:, 1], families, ranked=ranked, **SAMPLING)
    expected = oracle(columns[:, 0], columns[:, 1])
    assert found.value == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p_independent == pytest.approx(expected.pvalue, rel=1e-8)
    assert (found.n, found.families) == (24, 6)


@pytest.mark.parametrize("ranked", [False, True])
def test_partial_is_that_of_residuals(models, ranked):
    columns, families = models
    x, y, given = columns[:, 0], columns[:, 1], columns[:, 2:]
    found = correlate(x, y, families, given, ranked=ranked, **SAMPLING)
    r = naive(columns, ranked)
    assert found.value == pytest.approx(r, abs=1e-9)
    expected = 2 * t.sf(abs(r) * np.sqrt(20 / (1 - r * r)), 20)
    assert found.p_independent == pytest.approx(expected, rel=1e-6)


def test_a_covariate_given_twice_counts_once(models):
    columns, families = models
    x, y, one = columns[:, 0], columns[:, 1], columns[:, 2:3]
    twice = correlate(x, y, families, np.column_stack([one, 3 * one]), ranked=False, **SAMPLING)
    once = correlate(x, y, families, one, ranked=False, **SAMPLING)
    assert twice.value == pytest.approx(once.value, abs=1e-9)
    assert twice.p == once.p
    assert twice.p_independent == pytest.approx(once.p_independent, rel=1e-6)


@pytest.mark.parametrize(
    ("other", "ranked"),
    [
        (lambda one: 3 * one + 1e-7 * (np.arange(24) % 5), False),
        (lambda one: 3 * one + 1e-7 * (np.arange(24) % 5), True),
        (np.exp, True),
        (lambda one: -one, True),
        (lambda one: np.full(24, 7.0), False),
    ],
)
def test_covariates_that_are_one_cost_one_degree_of_freedom(models, other, ranked):
    """One but for what is not told apart, one by ranks alone, or one and a constant."""
    columns, families = models
    x, y, one = columns[:, 0], columns[:, 1], columns[:, 2]
    both = np.column_stack([one, other(one)])
    found = correlate(x, y, families, both, ranked=ranked, **SAMPLING)
    expected = 2 * t.sf(abs(found.value) * np.sqrt(21 / (1 - found.value**2)), 21)
    assert found.value == pytest.approx(naive(columns[:, :3], ranked), abs=1e-6)
    assert found.p_independent == pytest.approx(expected, rel=1e-9)


def test_covariates_that_differ_cost_one_each(models):
    columns, families = models
    x, y, one = columns[:, 0], columns[:, 1], columns[:, 2]
    both = np.column_stack([one, np.exp(one)])
    found = correlate(x, y, families, both, ranked=False, **SAMPLING)
    expected = 2 * t.sf(abs(found.value) * np.sqrt(20 / (1 - found.value**2)), 20)
    assert found.p_independent == pytest.approx(expected, rel=1e-9)


def test_weighted_ranks_are_those_of_copies(rng):
    values = rng.integers(0, 6, size=12).astype(float)
    weights = rng.integers(0, 4, size=(5, 12)).astype(float)
    for found, row in zip(weighted_ranks(values, weights), weights.astype(int), strict=True):
        assert np.repeat(found, row) == pytest.approx(rankdata(np.repeat(values, row)))


@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize("width", [2, 4])
def test_every_resample_is_that_of_a_loop(models, rng, ranked, width):
    columns, families = models
    columns = columns[:, :width]
    codes = np.unique(families, return_inverse=True)[1]
    weights = resampled(codes, 20, rng)
    found = coefficients(columns, weights, ranked=ranked)
    copies = [np.repeat(columns, row, axis=0) for row in weights.astype(int)]
    assert found == pytest.approx([naive(rows, ranked) for rows in copies], abs=1e-8)


def test_families_come_whole(rng):
    codes = np.array([0, 0, 0, 1, 2, 2])
    weights = resampled(codes, 4000, rng)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, [0, 3, 4]].sum(axis=1) == 3).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(6), abs=0.05)


def test_interval_leaves_out_what_is_undefined(rng):
    draws = rng.normal(size=1000)
    plain = 10**9  # families so many that percentiles are not expanded
    assert interval(draws, plain) == pytest.approx(tuple(np.percentile(draws, [2.5, 97.5])))
    draws[:50] = np.nan
    assert interval(draws, plain) == pytest.approx(tuple(np.percentile(draws[50:], [2.5, 97.5])))
    draws[:150] = np.nan
    with pytest.raises(NotComputableError, match="undefined in 15% of the resamples"):
        interval(draws, plain)


@pytest.mark.parametrize("families", [5, 20])
def test_interval_of_means_is_students(rng, families):
    """Of bootstrapped means, the interval is nearly Student's, where the plain one is shorter."""
    sample = rng.normal(size=families)
    draws = rng.choice(sample, size=(100_000, families)).mean(axis=1)
    reach = t.ppf(0.975, families - 1) * sample.std(ddof=1) / np.sqrt(families)
    low, high = interval(draws, families)
    plain = np.diff(np.percentile(draws, [2.5, 97.5]))[0]
    assert (high - low) / (2 * reach) == pytest.approx(1, abs=0.15)
    assert abs(high - low - 2 * reach) < abs(plain - 2 * reach)


def test_range_without_one_family(models):
    columns, families = models
    found = correlate(columns[:, 0], columns[:, 1], families, ranked=True, **SAMPLING)
    others = [naive(columns[families != name, :2], True) for name in "abcdef"]
    assert (found.loo_low, found.loo_high) == pytest.approx((min(others), max(others)))
    assert found.loo_low < found.value < found.loo_high


def test_alignment_that_only_follows_size(rng):
    """Size drives both: raw correlations are high, and nothing is left given size."""
    families = np.repeat(np.arange(60), 5).astype(str)
    found = []
    for _ in range(60):
        size = rng.normal(size=300)
        x, y = size + 0.3 * rng.normal(size=(2, 300))
        assert correlate(x, y, families, ranked=False, **SAMPLING).value > 0.85
        found.append(correlate(x, y, families, size[:, None], ranked=False, **SAMPLING))
    assert np.mean([one.value for one in found]) == pytest.approx(0, abs=0.03)
    assert np.mean([one.low <= 0 <= one.high for one in found]) > 0.85
    assert np.mean([one.p <= 0.05 for one in found]) < 0.15


def test_alignment_that_follows_performance_beyond_size(rng):
    size, skill = rng.normal(size=(2, 300))
    x, y = size + skill + 0.3 * rng.normal(size=300), size + skill + 0.3 * rng.normal(size=300)
    families = np.repeat(np.arange(60), 5).astype(str)
    partial = correlate(x, y, families, size[:, None], ranked=True, **SAMPLING)
    assert partial.low > 0.8
    assert partial.p == pytest.approx(1 / (SAMPLING["resamples"] + 1))
    assert partial.p_independent < 1e-6


def test_ceiling(models):
    columns, families = models
    found = correlate(columns[:, 0], columns[:, 0], families, ranked=False, **SAMPLING)
    assert (found.value, found.low, found.p_independent) == pytest.approx((1, 1, 0))
    assert found.p == pytest.approx(1 / (SAMPLING["resamples"] + 1))


def test_interval_covers_where_that_of_independent_models_does_not(rng):
    """Families share what is theirs, in x and in y, unrelated: the truth is 0."""
    families = np.repeat(np.arange(15), 6).astype(str)
    alone = np.arange(90).astype(str)
    covered = np.zeros(2)
    for seed in range(300):
        shared = np.repeat(rng.normal(size=(15, 2)), 6, axis=0)
        x, y = (shared + 0.4 * rng.normal(size=(90, 2))).T
        for at, groups in enumerate((families, alone)):
            found = correlate(x, y, groups, ranked=False, resamples=200, seed=seed)
            covered[at] += found.low <= 0 <= found.high
    assert 0.91 <= covered[0] / 300 <= 0.98
    assert covered[1] / 300 < 0.75


def test_same_seed_same_interval(models):
    columns, families = models
    first, second = (
        correlate(columns[:, 0], columns[:, 1], families, ranked=False, **SAMPLING) for _ in "ab"
    )
    assert first == second


@pytest.mark.parametrize(
    ("kept", "families", "given", "message"),
    [
        (4, list("abcd"), False, "4 models, fewer than 5"),
        (5, list("aabbb"), False, "2 families of models, fewer than 3"),
        (6, list("abcdef"), True, "6 models, fewer than 7"),
    ],
)
def test_too_few(models, kept, families, given, message):
    columns = models[0][:kept]
    covariates = columns[:, 2:] if given else None
    with pytest.raises(NotComputableError, match=message):
        correlate(
            columns[:, 0], columns[:, 1], np.array(families), covariates, ranked=False, **SAMPLING
        )


def test_constant(models):
    columns, families = models
    with pytest.raises(NotComputableError, match="does not vary"):
        correlate(columns[:, 0], np.full(24, 1e6), families, ranked=False, **SAMPLING)


def test_what_the_covariate_explains_wholly(models):
    columns, families = models
    x, y = columns[:, 0], columns[:, 1]
    with pytest.raises(NotComputableError, match="beyond the size"):
        correlate(x, y, families, 2 * x[:, None] + 1, ranked=False, **SAMPLING)


def test_missing_value(models):
    columns, families = models
    columns[2, 1] = np.nan
    with pytest.raises(ConcordError, match="not finite"):
        correlate(columns[:, 0], columns[:, 1], families, ranked=False, **SAMPLING)


def test_three_families_are_enough(models):
    columns = models[0]
    families = np.repeat(list("abc"), 8)
    found = correlate(columns[:, 0], columns[:, 1], families, ranked=False, **SAMPLING)
    assert found.families == 3


@pytest.mark.parametrize(
    ("families", "held", "told"), [("aabbc", 0, "abc"), ("aaabbc", 1, "bc"), ("aabbcc", 1, "abc")]
)
def test_without_a_family_there_must_be_models_enough(rng, families, held, told):
    """Three models, and one more for a covariate."""
    columns, families = rng.normal(size=(len(families), 2 + held)), np.array(list(families))
    given = columns[:, 2:] if held else None
    found = correlate(
        *(columns[:, 0], columns[:, 1], families, given), ranked=False, resamples=1, seed=3
    )
    others = [naive(columns[families != name], False) for name in told]
    assert (found.loo_low, found.loo_high) == pytest.approx((min(others), max(others)))


def test_spearmans_is_pearsons_of_ranks_in_all_that_is_told(models):
    columns, families = models
    ranks = np.apply_along_axis(rankdata, 0, np.exp(columns[:, [0, 2]]))
    found = correlate(*np.exp(columns[:, [0, 2]]).T, families, ranked=True, **SAMPLING)
    expected = correlate(*ranks.T, families, ranked=False, **SAMPLING)
    assert (found.value, found.p) == pytest.approx((expected.value, expected.p))
    assert found.p_independent == pytest.approx(expected.p_independent)


def test_a_tenth_of_the_draws_may_be_undefined(rng):
    draws = rng.normal(size=1000)
    draws[:100] = np.nan
    assert np.isfinite(interval(draws, 5)).all()
    draws[100] = np.nan
    with pytest.raises(NotComputableError, match="undefined"):
        interval(draws, 5)


def test_a_covariate_given_twice_but_for_noise_counts_once(models, rng):
    columns, _ = models
    again = columns[:, 2] + 1e-7 * rng.normal(size=24)
    found = coefficients(np.column_stack([columns[:, :3], again]), np.ones((1, 24)), ranked=False)
    assert found == pytest.approx(naive(columns[:, :3], False), abs=1e-5)


@pytest.mark.parametrize("units", [(1e-12, 1, 1e6), (1, 1e-12, 1e12), (1e9, 1, 1e-12)])
def test_units_do_not_matter(models, units):
    columns, families = models
    found, expected = (
        correlate(one[:, 0], one[:, 1], families, one[:, 2:], ranked=False, **SAMPLING)
        for one in (columns[:, :3] * units, columns[:, :3])
    )
    assert found.value == pytest.approx(naive(columns[:, :3], False), abs=1e-9)
    assert found.p == expected.p
    assert found.p_independent == pytest.approx(expected.p_independent)


def test_an_offset_costs_no_digits(rng):
    near = rng.integers(-20, 20, size=(24, 2)) / 16
    found = coefficients(near + 2.0**30, np.ones((1, 24)), ranked=False)
    assert found == pytest.approx(pearsonr(*near.T)[0], rel=1e-12)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e-9, 1e17 / 3])
def test_a_constant_of_any_size_does_not_vary_and_holds_nothing(models, constant):
    columns, families = models
    x, y, same = columns[:, 0], columns[:, 1], np.full(24, constant)
    with pytest.raises(NotComputableError, match="does not vary"):
        correlate(x, same, families, ranked=False, **SAMPLING)
    found = correlate(x, y, families, same[:, None], ranked=False, **SAMPLING)
    expected = correlate(x, y, families, ranked=False, **SAMPLING)
    assert found.value == pytest.approx(expected.value)
    assert found.p_independent == pytest.approx(expected.p_independent)
