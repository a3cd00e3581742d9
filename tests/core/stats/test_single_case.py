"""One case beside few draws: as often wrong as is said."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, ttest_1samp

from stages.core.stats.single_case import beyond_draws

FAMILIES = 4000


@pytest.mark.parametrize("draws", [2, 3, 10])
def test_one_more_draw_is_beyond_the_others_in_one_of_twenty(rng, draws):
    values = rng.normal(0.3, 0.02, (FAMILIES, draws + 1))
    value, low, high, p = beyond_draws(values[:, :1] - values[:, 1:])
    below, above = binom.interval(0.999, FAMILIES, 0.05)
    assert below <= (p < 0.05).sum() <= above
    held = (low <= 0) & (high >= 0)  # nothing but the seed makes the difference
    assert below <= FAMILIES - held.sum() <= above
    assert value == pytest.approx((values[:, :1] - values[:, 1:]).mean(axis=1))


def test_a_planted_difference_is_found(rng):
    twins = rng.normal(0.3, 0.02, (FAMILIES, 3))
    *_, p = beyond_draws(0.5 - twins)
    assert (p < 0.05).mean() > 0.95
    *_, p = beyond_draws(0.1 - twins)
    assert p.min() > 0.5


def test_p_is_that_of_students_t_about_one_draw_more():
    differences = np.array([[0.2, 0.25, 0.31]])
    value, *_, p = beyond_draws(differences)
    t = ttest_1samp(differences[0], 0).statistic * np.sqrt(1 / 3) / np.sqrt(1 + 1 / 3)
    about = pd.Series(differences[0])
    assert t == pytest.approx(value[0] / (about.std() * np.sqrt(4 / 3)))
    assert p[0] == pytest.approx(1 / 2 - t / (2 * np.sqrt(2 + t**2)))  # of two degrees of freedom
