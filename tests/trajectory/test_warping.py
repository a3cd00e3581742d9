"""The nulls of a lead: exchanged labels, and one smooth course for both curves."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import kstest, norm

from stages.trajectory.onset_times import Ends
from stages.trajectory.planted_curves import Planted, planted_family
from stages.trajectory.run_leads import leads
from stages.trajectory.warping import common_course, exchange_p, null_leads

ENDS = Ends(3, 3)


def test_exchanges_against_a_loop(rng):
    values = rng.normal(0.3, 1, size=7)
    reached = [
        np.dot(signs, values) >= values.sum() - 1e-12 for signs in product((-1, 1), repeat=7)
    ]
    assert exchange_p(values, 10, 0) == pytest.approx(np.mean(reached))
    assert exchange_p(np.ones(3), 10, 0) == 1 / 8


def test_drawn_exchanges_come_near_the_normal_law(rng):
    values = rng.normal(size=40)
    z = values.sum() / np.sqrt((values**2).sum())
    assert exchange_p(values, 20_000, 0) == pytest.approx(norm.sf(z), abs=0.02)


def test_one_course_for_both_gives_no_lead_on_average(rng):
    planted = Planted(6, 17, 0.7, 0.0, 0.0, 0.5, 0.05, 0.01)
    alignment, performance = planted_family(planted, 1, rng)
    curves = [np.concatenate([run.values for run in side]) for side in (alignment, performance)]
    octaves = alignment[0].octaves
    shares = np.array([0.25, 0.5, 0.75])
    course = common_course(*curves, ENDS)
    assert np.median(course[:, 0]) == pytest.approx(0, abs=0.05)
    assert np.median(course[:, -1]) == pytest.approx(1, abs=0.05)
    null = null_leads(octaves, course, (0.05, 0.01), shares=shares, ends=ENDS, draws=200, seed=0)
    means = null.mean(axis=1)
    np.testing.assert_allclose(means.mean(axis=0), 0, atol=0.04)
    seen = leads(alignment, performance, shares, ENDS, 0)[0].mean(axis=0)
    assert (np.abs(seen) < 4 * means.std(axis=0)).all()
    z = (means[:, 1] - means[:, 1].mean()) / means[:, 1].std()
    assert kstest(z, "norm").pvalue > 0.001
