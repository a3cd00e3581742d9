"""The nulls of a lead: exchanged labels, and one smooth course for both curves."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import kstest, norm
from sklearn.isotonic import isotonic_regression

from stages.trajectory.curves.curve_noise import noisier_times
from stages.trajectory.leads.run_leads import Course, leads
from stages.trajectory.leads.warping import common_course, exchange_p, null_leads
from stages.trajectory.onsets.onset_times import Ends, octaves_of
from stages.trajectory.planted.planted_curves import Planted, planted_family

ENDS = Ends(3, 3)


def test_exchanges_against_a_loop(rng):
    values = rng.normal(0.3, 1, size=7)
    reached = [
        np.dot(signs, values) >= values.sum() - 1e-12 for signs in product((-1, 1), repeat=7)
    ]
    assert exchange_p(values, 10, 0) == pytest.approx(np.mean(reached))
    assert exchange_p(np.ones(3), 10, 0) == 1 / 8


def test_up_to_twelve_runs_all_exchanges_are_gone_through_and_beyond_some_are_drawn(rng):
    values = rng.normal(0.3, 1, size=13)
    twelve = values[:12]
    reached = [np.dot(signs, twelve) >= twelve.sum() for signs in product((1, -1), repeat=12)]
    assert exchange_p(twelve, 10, 3) == pytest.approx(np.mean(reached), abs=1e-9)
    signs = np.random.default_rng(3).choice([1.0, -1.0], size=(50, 13))
    drawn = sum(one @ values >= values.sum() - 1e-12 for one in signs)
    assert exchange_p(values, 50, 3) == pytest.approx((drawn + 1) / 51)


@pytest.mark.parametrize("runs", [12, 13])
def test_of_leads_that_are_none_every_exchange_reaches_what_was_found(runs):
    assert exchange_p(np.zeros(runs), 20, 0) == 1


def test_a_common_course_is_the_isotonic_mean_at_all_points_of_both():
    """By hand: step 0 is an octave before the first update; the ends are single points."""
    octaves = np.array([-np.inf, 0, 1, 2, 3]), np.array([0.5, 1.5, 2.5])
    values = np.array([0, 0.2, 0.1, 0.8, 1]), np.array([2.0, 5.0, 4.0])
    # At -1, 0, .5, 1, 1.5, 2, 2.5 and 3.
    one = [0, 0.2, 0.15, 0.1, 0.45, 0.8, 0.9, 1]
    other = [0, 0, 0, 0.75, 1.5, 1.25, 1, 1]
    course = isotonic_regression(np.mean([one, other], axis=0))
    found = common_course(octaves, values, Ends(1, 1))
    np.testing.assert_allclose(found[0], course[[0, 1, 3, 5, 7]])
    np.testing.assert_allclose(found[1], course[[2, 4, 6]])


def test_null_leads_are_drawn_with_the_noise_of_each_and_what_the_cleaner_lacks(rng):
    octaves = np.r_[-np.inf, 0:8], np.r_[-np.inf, 0:7]
    courses = [1 / (1 + np.exp(-(np.maximum(at, -1) - 3))) for at in octaves]
    how = {"shares": np.array([0.25, 0.5]), "ends": Ends(2, 2)}
    found = null_leads(octaves, courses, (0.3, 0.4), draws=3, seed=7, **how)
    again = np.random.default_rng(7)
    first = courses[0] + 0.3 * again.normal(size=(3, 9))
    lack = np.full(3, np.sqrt(0.4**2 - 0.3**2))
    one = noisier_times(octaves[0], first, lack, draws=4, rng=again, **how)
    second = courses[1] + 0.4 * again.normal(size=(3, 8))
    other = noisier_times(octaves[1], second, np.zeros(3), draws=4, rng=again, **how)
    np.testing.assert_allclose(found, other - one)
    assert np.isfinite(found).any()


def test_drawn_exchanges_come_near_the_normal_law(rng):
    values = rng.normal(size=40)
    z = values.sum() / np.sqrt((values**2).sum())
    assert exchange_p(values, 20_000, 0) == pytest.approx(norm.sf(z), abs=0.02)


def test_one_course_for_both_gives_no_lead_on_average(rng):
    planted = Planted(6, 17, 0.7, 0.0, 0.0, 0.5, 0.05, 0.01)
    alignment, performance = planted_family(planted, 1, rng)
    shares = np.array([0.25, 0.5, 0.75])
    nulls = []
    for seed, (one, other) in enumerate(zip(alignment, performance, strict=True)):
        octaves = one.octaves, other.octaves
        courses = common_course(octaves, (one.values[0], other.values[0]), ENDS)
        np.testing.assert_array_equal(*courses)
        assert courses[0][[0, -1]] == pytest.approx([0, 1], abs=0.1)
        how = {"shares": shares, "ends": ENDS, "draws": 200, "seed": seed}
        nulls.append(null_leads(octaves, courses, (0.05, 0.01), **how))
    null = np.stack(nulls, axis=1)
    means = null.mean(axis=1)
    np.testing.assert_allclose(means.mean(axis=0), 0, atol=0.04)
    seen = leads(alignment, performance, shares, ENDS, 0)[0].mean(axis=0)
    assert (np.abs(seen) < 4 * means.std(axis=0)).all()
    z = (means[:, 1] - means[:, 1].mean()) / means[:, 1].std()
    assert kstest(z, "norm").pvalue > 0.001


def test_one_course_at_other_checkpoints_gives_the_lead_that_is_measured():
    """Members an octave apart beside scores at every thousandth step of a course still rising."""
    members = np.array([0, *(2**power for power in range(17)), 143_000], dtype=float)
    published = np.unique([*members[:11], *range(1000, 144_000, 1000)])
    octaves = [octaves_of(steps) for steps in (members, published)]
    values = [1 / (1 + np.exp(-(np.maximum(at, -2) - 12) / 2)) for at in octaves]
    shares = np.array([0.25, 0.5, 0.75])
    sides = [[Course(at, one)] for at, one in zip(octaves, values, strict=True)]
    (seen,) = leads(*sides, shares, ENDS, 0)
    assert (seen > 0.05).all(), "one course leads itself"
    courses = common_course(octaves, values, ENDS)
    null = null_leads(octaves, courses, (0, 0), shares=shares, ends=ENDS, draws=2, seed=0)
    np.testing.assert_allclose(null, [seen, seen], atol=0.03)
