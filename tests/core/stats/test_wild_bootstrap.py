"""The wild cluster bootstrap: against a naive loop, and at the rate that it promises."""

import numpy as np
import pytest
from scipy.stats import binom

from stages.core.stats.correlation import p_value
from stages.core.stats.wild_bootstrap import WEIGHTS, family_p


def residuals(values, covariates):
    held = np.column_stack([np.ones(len(values)), covariates])
    return values - held @ np.linalg.lstsq(held, values, rcond=None)[0]


def naive(x, y, families, covariates, *, draws, rng):
    """One regression after another, and the sandwich of the textbook."""

    def t_of(response):
        design = np.column_stack([x, np.ones(len(x)), covariates])
        weights = np.linalg.lstsq(design, response, rcond=None)[0]
        left = response - design @ weights
        bread = np.linalg.inv(design.T @ design)
        meat = np.zeros_like(bread)
        for family in np.unique(families):
            score = design[families == family].T @ left[families == family]
            meat += np.outer(score, score)
        return weights[0] / np.sqrt((bread @ meat @ bread)[0, 0])

    observed, without = t_of(y), residuals(y, covariates)
    drawn = rng.choice(WEIGHTS, size=(draws, families.max() + 1))
    beyond = sum(abs(t_of(row[families] * without)) >= abs(observed) for row in drawn)
    return (beyond + 1) / (draws + 1)


def drawn():
    return {"draws": 99, "rng": np.random.default_rng(1)}


@pytest.mark.parametrize("held", [0, 2])
def test_p_is_that_of_the_textbook(rng, held):
    families = np.repeat(np.arange(6), [1, 3, 4, 2, 5, 5])
    for _ in range(5):
        x, y = rng.normal(size=(2, 20)) + rng.normal(size=(2, 6))[:, families]
        covariates = rng.normal(size=(20, held)) + x[:, None]
        ours = family_p(x, y, families, covariates, **drawn())
        assert ours == naive(x, y, families, covariates, **drawn())


def test_weights_have_mean_zero_and_variance_one():
    assert WEIGHTS.mean() == pytest.approx(0)
    assert (WEIGHTS**2).mean() == pytest.approx(1)


def rates(rng, alike, effect=0.0, n=400):
    """Share of draws with p ≤ .05: families together, and models as if they were independent."""
    families = np.repeat(np.arange(8), rng.integers(1, 8, size=8))
    together = alone = 0
    for _ in range(n):
        between = rng.normal(size=(2, 8))[:, families]
        x, y = np.sqrt(alike) * between + np.sqrt(1 - alike) * rng.normal(size=between.shape)
        y = y + effect * x
        given = np.empty((len(x), 0))
        together += family_p(x, y, families, given, draws=99, rng=rng) <= 0.05
        alone += p_value(np.corrcoef(x, y)[0, 1], len(x) - 2) <= 0.05
    return together / n, alone / n


def test_models_that_resemble_their_family_correlate_by_chance_no_more_often(rng):
    together, alone = rates(rng, alike=0.8)
    assert together <= binom.ppf(0.999, 400, 0.06) / 400
    assert alone > 0.2, "the test that this one replaces"


def test_what_is_there_is_found(rng):
    assert rates(rng, alike=0.3, effect=1.0, n=100)[0] > 0.7


def test_two_equal_quantities_have_the_least_p(rng):
    x = rng.normal(size=12)
    families = np.repeat(np.arange(4), 3)
    found = family_p(x, 3 * x, families, np.empty((12, 0)), draws=999, rng=rng)
    assert found < 0.02, "all four families get one weight in 6 draws of 1296"


@pytest.fixture
def models(rng):
    """Two related quantities and two covariates of 20 models in six families."""
    families = np.repeat(np.arange(6), [1, 3, 4, 2, 5, 5])
    x, y = rng.normal(size=(2, 20)) + rng.normal(size=(2, 6))[:, families]
    return x, y, families, rng.normal(size=(20, 2)) + x[:, None]


@pytest.mark.parametrize("units", [(1e6, 1), (1e-6, 1), (1, 1e6), (1, 1e-6)])
def test_units_of_either_side_do_not_matter(models, units):
    x, y, families, covariates = models
    expected = naive(x, y, families, covariates, **drawn())
    assert 0.1 < expected < 0.9
    found = family_p(units[0] * x, units[1] * y, families, covariates, **drawn())
    assert found == expected


def test_units_of_covariates_do_not_matter_and_one_of_zeros_is_none(models):
    x, y, families, covariates = models
    covariates[3] = 0
    expected = naive(x, y, families, covariates, **drawn())
    unlike = np.column_stack([covariates * [1e-12, 1e12], np.zeros(20)])
    assert family_p(x, y, families, unlike, **drawn()) == expected


def test_a_model_at_the_mean_is_no_rule_for_the_others(rng):
    x, families = np.arange(-3.0, 4), np.array([0, 0, 1, 1, 2, 2, 3])
    y = 0.3 * x + rng.normal(size=7)
    without = np.empty((7, 0))
    found = family_p(x, y, families, without, **drawn())
    assert found == naive(x, y, families, without, **drawn())


def test_of_one_family_every_draw_is_what_was_observed():
    x = np.arange(-3.0, 4)
    found = family_p(x, x**3, np.zeros(7, dtype=np.intp), np.empty((7, 0)), **drawn())
    assert found == 1
