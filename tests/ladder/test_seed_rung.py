"""A trained model beside draws of its untrained twin: which claims are asked, and hold."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, t

from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED, UNASKED
from stages.ladder.seed_rung import over_seeds
from stages.ladder.story_claims import Evidence, story_ladder
from tests.ladder.findings import ROLL, intervals, nested, pairs, roll
from tests.ladder.test_story_claims import NO_OTHERS, states


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


def test_claims_keep_the_order_of_pairs_and_have_their_t_test():
    """Crawford & Howell's t by hand, of models and regions in no order of the alphabet."""
    cases = (("z", "B", (0.4, 0.2)), ("z", "A", (0.1, 0.3)), ("a", "B", (1, 2)))
    rows = [
        {"model": model, "region": region, "other": f"{model}+{seed}", "difference": value}
        for model, region, values in cases
        for seed, value in enumerate(values)
    ]
    models = pd.DataFrame({"model": ["z+0", "z+1", "a+0", "a+1"], "trained": False})
    table = over_seeds(pd.DataFrame(rows), models)
    assert table[["model", "region"]].to_numpy().tolist() == [["z", "B"], ["z", "A"], ["a", "B"]]
    values, spread = np.array([0.3, 0.2, 1.5]), np.sqrt([0.02, 0.02, 0.5])
    error = spread * np.sqrt(1.5)
    assert table["value"].to_numpy() == pytest.approx(values)
    assert table["low"].to_numpy() == pytest.approx(values - t.ppf(0.975, 1) * error)
    assert table["q"].to_numpy() == pytest.approx(false_discovery_control(t.sf(values / error, 1)))


def test_a_twin_told_of_several_people_counts_once_by_their_mean():
    rows = pd.DataFrame(
        {
            "model": "big",
            "region": "A",
            "other": ["one", "one", "two", "two", "two"],
            "difference": [0.1, 0.5, 0.2, 0.3, 0.1],
        }
    )
    models = pd.DataFrame({"model": ["one", "two"], "trained": False})
    table = over_seeds(rows, models)
    assert table["value"].tolist() == pytest.approx([0.25])
    assert table["why"].tolist() == ["beside 2 untrained draws"]
