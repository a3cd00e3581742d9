"""The covariance that is fitted to a map is the most likely, and as wide as the map is smooth."""

import numpy as np
import pytest
from scipy.linalg import helmert
from scipy.stats import multivariate_normal, norm, rankdata

from stages.core.stats.random_fields import Field, fit_fields, random_fields
from tests.core.stats.test_spatial_null import places, smooth


def test_roots_are_those_of_correlations(rng):
    there = places(20, rng)
    fields = random_fields(there)
    widths = sorted({field.width for field in fields})
    assert np.diff(np.log2(widths)) == pytest.approx(0.5)
    for field in fields:
        covariance = field.root @ field.root.T
        assert np.diag(covariance) == pytest.approx(1)
        far = np.linalg.norm(there[0] - there, axis=1)
        order = np.argsort(far)
        assert (np.diff(covariance[0, order]) <= 1e-12).all(), "farther is less alike"


def test_what_neighbours_share_falls_to_the_same_at_the_width():
    there = np.array([[0.0], [1.0], [4.0]])
    fields = [field for field in random_fields(there) if field.width == 1]
    shared = [(field.root @ field.root.T)[0, 1] for field in fields]
    expected = [(1 - rough) * np.exp(-0.5) for rough in (0.5, 0.2, 0.001) for _ in "ab"]
    assert sorted(shared) == pytest.approx(expected)


def test_the_choice_is_that_of_contrasts_whose_likelihood_scipy_gives(rng):
    """Restricted likelihood is that of contrasts that know no mean, whichever they are."""
    there = places(25, rng)
    fields = random_fields(there)[::3]
    maps = np.concatenate([smooth(there, width, 3, rng) for width in (5, 20, 60)])
    contrasts = helmert(25)
    expected = []
    for one in maps:
        known = contrasts @ norm.ppf((rankdata(one) - 0.5) / 25)
        likely = []
        for field in fields:
            covariance = contrasts @ field.root @ field.root.T @ contrasts.T
            size = known @ np.linalg.solve(covariance, known) / 24
            likely.append(multivariate_normal.logpdf(known, cov=size * covariance))
        expected.append(int(np.argmax(likely)))
    assert fit_fields(maps, fields).tolist() == expected
    assert len(set(expected)) > 2


@pytest.mark.parametrize("width", [10, 20, 40])
def test_the_width_is_that_of_the_map(rng, width):
    found = []
    for _ in range(5):
        there = places(120, rng)
        fields = random_fields(there)
        chosen = fit_fields(smooth(there, width, 10, rng), fields)
        found += [fields[one].width for one in chosen]
    assert np.median(found) == pytest.approx(width, rel=0.3)


def test_the_same_map_in_other_units_is_fitted_alike(rng):
    there = places(30, rng)
    maps = smooth(there, 20, 4, rng)
    fields = random_fields(there)
    chosen = fit_fields(maps, fields)
    assert fit_fields(3 * maps + 7, fields).tolist() == chosen.tolist()
    larger = [Field(2 * field.width, field.root) for field in fields]
    assert [one.width for one in random_fields(2 * there)] == pytest.approx(
        [one.width for one in larger]
    )


def test_widths_go_from_half_the_largest_distance_down_to_a_45th():
    fields = random_fields(np.array([[0.0], [1.0], [4.0]]))
    assert [field.width for field in fields[::6]] == pytest.approx(4 / np.sqrt(2.0) ** range(2, 12))
    assert len(fields) == 60


def test_at_twice_the_width_bent_and_straight_covariances_part():
    fields = [field for field in random_fields(np.array([[0.0], [2.0], [4.0]])) if field.width == 1]
    shared = [(field.root @ field.root.T)[0, 1] for field in fields]
    rest = (0.999, 0.8, 0.5)
    assert shared == pytest.approx([own * np.exp(-bent) for own in rest for bent in (2, 1)])


def test_the_choice_among_all_is_that_of_contrasts(rng):
    there = places(12, rng)
    fields, contrasts = random_fields(there), helmert(12)
    maps = np.concatenate([smooth(there, width, 60, rng) for width in (5, 30, 80, 300)])
    known = contrasts @ norm.ppf((rankdata(maps, axis=1) - 0.5) / 12).T
    likely = []
    for field in fields:
        covariance = contrasts @ field.root @ field.root.T @ contrasts.T
        size = (known * np.linalg.solve(covariance, known)).sum(axis=0)
        likely.append(-11 * np.log(size) - np.linalg.slogdet(covariance)[1])
    np.testing.assert_array_equal(fit_fields(maps, fields), np.argmax(likely, axis=0))
