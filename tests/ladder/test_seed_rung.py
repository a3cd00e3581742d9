"""A trained model beside draws of its untrained twin: as often wrong as is said."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, ttest_1samp

from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED, UNASKED
from stages.ladder.seed_rung import beyond_draws, over_seeds
from stages.ladder.story_claims import Evidence, story_ladder
from tests.ladder.findings import ROLL, intervals, nested, pairs, roll
from tests.ladder.test_story_claims import NO_OTHERS, states

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


def with_draws(differences):
    """The ladder of a model with as many twins as it has differences in A; none in B."""
    compared = pairs()
    twin = compared[compared["other"] == "big+untrained"]
    parts, models = [compared[compared["other"] != "big+untrained"]], [ROLL]
    for seed, difference in enumerate(differences):
        name = f"big+untrained:{seed}"
        value = twin["difference"].where(twin["region"] != "A", difference)
        parts.append(twin.assign(other=name, difference=value))
        models.append(ROLL.iloc[1:2].assign(model=name))
    found = nested()
    return story_ladder(
        Evidence(found, pd.concat(parts), intervals(found), roll(pd.concat(models)), NO_OTHERS, 0.5)
    )


@pytest.mark.parametrize(
    ("differences", "state"),
    [
        ([0.4, 0.41, 0.39], HOLDS),
        ([0.4, 0.1, 0.2], FAILS),
        ([-0.4, -0.41, -0.39], FAILS),
        ([0.4], NOT_ASKED),
    ],
)
def test_a_claim_holds_beside_twins_that_agree(differences, state):
    table = with_draws(differences)
    assert states(table, "predicts", "big", "A")["other seeds"] == state
    assert states(table, "predicts", "small", "A")["other seeds"] == NOT_ASKED
    row = table[(table["rung"] == "other seeds") & (table["model"] == "big")].iloc[0]
    if state == NOT_ASKED:
        assert row["why"] == UNASKED["other seeds"]
    else:
        assert row["why"] == "beside 3 untrained draws"
        assert row["value"] == pytest.approx(np.mean(differences))
        assert row["low"] < row["value"] < row["high"]


def test_no_twin_at_all_makes_no_rows():
    assert over_seeds(pairs().iloc[:0], roll()).empty
