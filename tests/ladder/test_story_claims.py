"""The ladder of a story: each rung is that of its own table, and what was not asked is said."""

import pandas as pd
import pytest

from stages.core.results.ladder import (
    CLAIM,
    COLUMNS,
    FAILS,
    HOLDS,
    NOT_ASKED,
    RUNGS,
    standing,
)
from stages.core.results.typed_tables import empty_table
from stages.ladder.story_claims import Evidence, story_ladder
from tests.ladder.findings import ROLL, intervals, nested, pairs, roll

NO_OTHERS = empty_table(COLUMNS)


def climbed(found=None, compared=None, others=NO_OTHERS, share=0.5):
    found = nested() if found is None else found
    compared = pairs() if compared is None else compared
    return story_ladder(Evidence(found, compared, intervals(found), roll(), others, share))


def states(table, claim, model, region):
    rows = table[(table["claim"] == claim) & (table["model"] == model)]
    rows = rows[rows["region"] == region].sort_values("place")
    assert tuple(rows["rung"]) == RUNGS
    return dict(zip(rows["rung"], rows["state"], strict=True))


def test_what_is_there_stands_on_every_rung_that_was_asked():
    assert states(climbed(), "predicts", "big", "A") == {
        "chance": HOLDS,
        "nuisance": HOLDS,
        "untrained twin": HOLDS,
        "equal width": NOT_ASKED,
        "ceiling": HOLDS,
        "other people": HOLDS,
        "other data": NOT_ASKED,
        "other seeds": NOT_ASKED,
    }


def test_what_is_not_there_fails():
    found = states(climbed(), "predicts", "big", "B")
    assert {rung for rung, state in found.items() if state == FAILS} == {
        "chance",
        "nuisance",
        "untrained twin",
        "ceiling",
        "other people",
    }


def test_people_are_counted_beyond_the_nuisance_variables():
    found = nested()
    people = found["subject"].ne("group") & found["model"].eq("big") & found["region"].eq("A")
    found.loc[people & found["metric"].eq("r_partial"), "p"] = 0.6
    assert states(climbed(found), "predicts", "big", "A")["other people"] == FAILS


def test_scores_stand_before_their_intervals():
    rows = climbed()
    rows = rows[(rows["claim"] == "predicts") & (rows["model"] == "big") & (rows["region"] == "A")]
    found = rows.set_index("rung")[["value", "low", "high"]]
    assert found.loc["chance"].to_list() == pytest.approx([0.6, 0.5, 0.7])
    assert found.loc["nuisance"].to_list() == pytest.approx([0.48, 0.38, 0.58])


def test_untrained_models_claim_nothing():
    assert set(climbed()["model"]) == {"big", "small"}


def test_a_model_without_a_twin_was_not_asked():
    assert states(climbed(), "predicts", "small", "A")["untrained twin"] == NOT_ASKED


def test_a_twin_that_is_ahead_speaks_against_it_however_sure_the_others_are():
    compared = pairs()
    twin = compared[compared["other"] == "big+untrained"]
    better = twin.assign(other="big+untrained:1", difference=-0.2, q=1e-6)
    models = pd.concat([ROLL, ROLL.iloc[1:2].assign(model="big+untrained:1")], ignore_index=True)
    found = nested()
    evidence = Evidence(
        found, pd.concat([compared, better]), intervals(found), roll(models), NO_OTHERS, 0.5
    )
    table = story_ladder(evidence)
    assert states(table, "predicts", "big", "A")["untrained twin"] == FAILS
    row = table[(table["rung"] == "untrained twin") & (table["region"] == "A")].iloc[0]
    assert (row["value"], row["why"]) == (-0.2, "nearest of 2 twins")


def test_people_without_an_average_are_all_asked():
    """Voxels have no average of people: all are shown, with the largest of their q."""
    found = nested()
    found = found[found["subject"] != "group"]
    compared = pairs()
    compared = compared[compared["subject"] == "mean"]
    table = climbed(found, compared)
    assert states(table, "predicts", "big", "A")["untrained twin"] == HOLDS
    assert (table["claim"] == "surpasses").any()
    unsure = found.copy()
    alone = (unsure["subject"] == "s2") & (unsure["region"] == "A") & (unsure["metric"] == "r")
    unsure.loc[alone, "q"] = 0.4
    assert states(climbed(unsure, compared), "predicts", "big", "A")["chance"] == FAILS


def test_regions_of_one_person_alone_are_claimed_too():
    found = nested()
    own = found[(found["subject"] == "s1") & (found["region"] == "A")].assign(region="OWN")
    table = climbed(pd.concat([found, own], ignore_index=True))
    assert set(table.loc[table["claim"] == "predicts", "region"]) == {"A", "B", "OWN"}


def test_the_better_of_two_comes_first_with_its_interval_turned():
    table = climbed()
    rows = table[(table["claim"] == "surpasses") & (table["region"] == "A")]
    assert set(zip(rows["model"], rows["other"], strict=True)) == {("big", "small")}
    chance = rows[rows["rung"] == "chance"].iloc[0]
    assert (chance["value"], chance["low"], chance["high"]) == pytest.approx((0.2, 0.15, 0.25))
    people = rows[rows["rung"] == "other people"].iloc[0]
    assert (people["state"], people["why"]) == (HOLDS, "ahead in 4 of 4 people")
    assert rows.loc[rows["rung"] == "equal width", "state"].item() == NOT_ASKED


def test_a_narrower_model_that_is_better_holds_at_equal_width():
    compared = pairs()
    turned = compared["other"] == "big"
    compared.loc[turned, ["difference", "low", "high"]] *= -1
    compared.loc[turned, ["low", "high"]] = compared.loc[turned, ["high", "low"]].to_numpy()
    found = states(climbed(compared=compared), "surpasses", "small", "A")
    assert found["equal width"] == HOLDS


def test_a_difference_that_nuisance_turns_round_fails():
    compared = pairs()
    partial = (compared["metric"] == "r_partial") & (compared["other"] == "big")
    compared.loc[partial, "difference"] *= -1
    assert states(climbed(compared=compared), "surpasses", "big", "A")["nuisance"] == FAILS


def test_without_nuisance_variables_all_is_by_plain_scores():
    table = climbed(nested(partial=False), pairs(metrics=["r"]))
    assert set(table["metric"]) == {"r"}
    row = table[table["rung"] == "nuisance"].iloc[0]
    assert (row["state"], row["why"]) == (NOT_ASKED, "the recording has no nuisance variables")
    assert states(table, "predicts", "big", "A")["untrained twin"] == HOLDS


@pytest.mark.parametrize(("people", "state"), [(2, NOT_ASKED), (3, NOT_ASKED), (4, HOLDS)])
def test_few_people_cannot_speak_for_most(people, state):
    table = climbed(nested(people))
    assert states(table, "predicts", "big", "A")["other people"] == state
    rows = table[(table["rung"] == "other people") & (table["claim"] == "predicts")]
    assert rows["why"].str.startswith(f"{people} of {people} people").any()


def test_one_person_is_shown_alone():
    found = nested(1)
    found = found[found["subject"] != "group"]
    compared = pairs()
    compared = compared[compared["subject"] == "group"].assign(subject="s0")
    assert states(climbed(found, compared), "predicts", "big", "A")["untrained twin"] == HOLDS


def test_the_share_of_the_ceiling_is_the_one_that_is_asked():
    assert states(climbed(share=0.9), "predicts", "big", "A")["ceiling"] == FAILS
    rows = climbed()
    rows = rows[(rows["claim"] == "predicts") & (rows["model"] == "big")]
    value = rows[(rows["rung"] == "ceiling") & (rows["region"] == "A")]
    found = value[["value", "low", "high"]].to_numpy()[0]
    assert found == pytest.approx([0.6 / 0.8, 0.5 / 0.8, 0.7 / 0.8])
    assert value["q"].isna().all()


def test_a_ceiling_that_is_nothing_is_not_asked():
    assert (
        states(climbed(nested().assign(ceiling=0.0)), "predicts", "big", "A")["ceiling"]
        == NOT_ASKED
    )


def test_the_same_claim_is_looked_for_in_other_data():
    others = climbed().assign(dataset="elsewhere")
    table = climbed(others=others)
    assert states(table, "predicts", "big", "A")["other data"] == HOLDS
    assert states(table, "predicts", "big", "B")["other data"] == FAILS
    turned = others.copy()
    pair = turned["claim"] == "surpasses"
    turned.loc[pair, ["model", "other"]] = turned.loc[pair, ["other", "model"]].to_numpy()
    assert states(climbed(others=turned), "surpasses", "big", "A")["other data"] == FAILS
    elsewhere = others.assign(metric="cka_linear")
    assert states(climbed(others=elsewhere), "predicts", "big", "A")["other data"] == NOT_ASKED
    lost = others[others["region"] != "A"]
    assert states(climbed(others=lost), "predicts", "big", "A")["other data"] == NOT_ASKED


def test_standing_counts_rungs_and_names_the_first_that_fails():
    rows = standing(climbed()).set_index(list(CLAIM))
    assert rows.loc[("predicts", "big", "", "A")].to_list() == [5, 5, ""]
    assert rows.loc[("predicts", "big", "", "B")].to_list() == [5, 0, "chance"]


def test_no_finding_makes_an_empty_ladder():
    table = climbed(nested().iloc[:0], pairs().iloc[:0])
    assert list(table.columns) == list(COLUMNS)
    assert table.empty


def test_nothing_is_asked_of_shuffled_folds():
    rows = climbed(nested().assign(split="held-out shuffled"))
    assert set(rows["claim"]) == {"predicts", "surpasses"}
    assert set(rows["state"]) == {NOT_ASKED}
    assert rows["why"].str.startswith("SHUFFLED FOLDS").all()
