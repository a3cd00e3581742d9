"""The ladder of scenes: everybody is asked, towers are models of their own."""

import pandas as pd
import pytest

from stages.core.results.ladder import COLUMNS, FAILS, HOLDS, NOT_ASKED
from stages.core.results.pairs import COLUMNS as PAIRS
from stages.core.results.typed_tables import empty_table
from stages.ladder.scene_claims import Evidence, scene_ladder
from stages.ladder.summary import summarise
from tests.ladder.findings import intervals, pairs, roll

PEOPLE = ("s1", "s2", "s3", "s4", "s5")
WIDTHS = {"big": 384, "big+untrained": 384, "small": 96}
WIDE = {"big": "vision", "big+untrained": "vision", "small": "vision"}


def best(models=WIDE, people=PEOPLE):
    rows = [
        {"dataset": "toy", "model": model, "modality": modality, "subject": subject}
        | {"region": region, "layer": "blocks.1", "metric": "cka_linear", "split": "test"}
        | {"score": 0.4 if region == "A" else 0.0, "ceiling": 0.6}
        | dict.fromkeys(("p", "q"), 0.001 if region == "A" else 0.6)
        for model, modality in models.items()
        for subject in people
        for region in ("A", "B")
    ]
    return pd.DataFrame(rows)


def control(chosen, projected=0.35):
    columns = ["model", "modality", "subject", "region", "layer", "metric", "split"]
    held = chosen["region"] == "A"
    return chosen[columns].assign(
        projected=held * projected,
        null_mean=0.0,
        null_sd=0.01,
        flagged=False,
        units=chosen["model"].map(WIDTHS),
    )


def two_by_two():
    """Of scenes there is no average: only people and their mean."""
    table = pairs(len(PEOPLE), metrics=["cka_linear"])
    return table[table["subject"] == "mean"].assign(modality="vision", other_modality="vision")


def climbed(chosen=None, **more):
    chosen = best() if chosen is None else chosen
    kept = {"control": control(chosen), "pairs": two_by_two(), "roll": roll()} | more
    kept["intervals"] = intervals(chosen)
    others = empty_table(COLUMNS)
    return scene_ladder(Evidence(chosen, others=others, metric="cka_linear", share=0.5, **kept))


def states(table, claim, model, region):
    rows = table[(table["claim"] == claim) & (table["model"] == model)]
    rows = rows[rows["region"] == region]
    return dict(zip(rows["rung"], rows["state"], strict=True))


def test_what_is_there_stands_on_every_rung_that_was_asked():
    assert states(climbed(), "predicts", "big", "A") == {
        "chance": HOLDS,
        "nuisance": NOT_ASKED,
        "untrained twin": HOLDS,
        "equal width": HOLDS,
        "ceiling": HOLDS,
        "other people": HOLDS,
        "other data": NOT_ASKED,
        "other seeds": NOT_ASKED,
    }
    assert states(climbed(), "surpasses", "big", "A")["other people"] == HOLDS


def test_a_ceiling_of_some_people_alone_is_not_that_of_their_mean():
    chosen = best()
    chosen.loc[chosen["subject"] == "s3", "ceiling"] = float("nan")
    assert states(climbed(chosen), "predicts", "big", "A")["ceiling"] == NOT_ASKED


def test_one_person_in_whom_it_is_not_found_is_enough_to_fail():
    chosen = best()
    alone = (chosen["subject"] == "s3") & (chosen["region"] == "A")
    chosen.loc[alone, ["p", "q"]] = 0.3
    found = states(climbed(chosen), "predicts", "big", "A")
    assert found["chance"] == FAILS
    assert found["other people"] == FAILS


@pytest.mark.parametrize("fault", [{"projected": 0.001}, {"flagged": True}])
def test_what_width_alone_makes_fails(fault):
    chosen = best()
    table = climbed(chosen, control=control(chosen).assign(**fault))
    assert states(table, "predicts", "big", "A")["equal width"] == FAILS


def test_the_towers_of_a_model_are_models():
    models = roll().assign(modality=["both", "vision", "vision"])
    towers = [best({"big": tower, "small": "vision"}) for tower in ("vision", "language")]
    chosen = pd.concat(towers).drop_duplicates(ignore_index=True)
    compared = two_by_two()
    compared = compared[compared["other"] == "big"].assign(other_modality="language")
    table = climbed(chosen, roll=models, pairs=compared, control=control(chosen))
    assert set(table["model"]) == {"big/vision", "big/language", "small"}
    ahead = table[table["claim"] == "surpasses"]
    assert set(zip(ahead["model"], ahead["other"], strict=True)) == {("big/language", "small")}


def test_the_wider_of_two_is_not_said_to_hold_at_equal_width():
    assert states(climbed(), "surpasses", "big", "A")["equal width"] == NOT_ASKED
    chosen = best()
    same = control(chosen).assign(units=96)
    assert states(climbed(control=same), "surpasses", "big", "A")["equal width"] == HOLDS


def test_people_who_say_the_other_way_round_let_it_fail():
    """As in the 92 images: the average of people has one ahead, the people the other."""
    chosen = pd.concat([best(), best(people=["group"])], ignore_index=True)
    table = pairs(len(PEOPLE), metrics=["cka_linear"])
    table = table.assign(modality="vision", other_modality="vision")
    people = table["subject"] == "mean"
    table.loc[people, "difference"] *= -1
    found = climbed(chosen, pairs=table, control=control(chosen))
    assert states(found, "surpasses", "big", "A")["other people"] == FAILS


def test_the_average_of_people_is_shown_where_there_is_one():
    chosen = pd.concat([best(), best(people=["group"]).assign(score=0.9)], ignore_index=True)
    table = climbed(chosen)
    rows = table[(table["rung"] == "chance") & (table["region"] == "A")]
    value = rows.loc[(rows["model"] == "big") & (rows["claim"] == "predicts"), "value"]
    assert value.item() == pytest.approx(0.9)


@pytest.mark.parametrize("kept", [slice(None), slice(0)])
def test_a_zoo_of_noise_or_of_nothing_claims_nothing(kept):
    chosen = best({"big": "noise"})
    bare = control(chosen)[kept]
    table = climbed(
        chosen[kept], control=bare, pairs=empty_table(PAIRS), roll=roll().assign(trained=False)
    )
    assert table.empty
    assert summarise(table) == {}


@pytest.mark.parametrize(
    ("projected", "state"), [(0.02, HOLDS), (0.0165, HOLDS), (0.0164, FAILS), (0.0, FAILS)]
)
def test_at_equal_width_chance_may_be_exceeded_in_one_of_twenty_cases(projected, state):
    """Of a null of mean 0 and standard deviation .01."""
    chosen = best()
    table = climbed(chosen, control=control(chosen, projected))
    assert states(table, "predicts", "big", "A")["equal width"] == state


def test_everybody_counts_at_equal_width():
    chosen = best()
    beside = control(chosen)
    alone = beside["subject"].eq("s2") & beside["region"].eq("A") & beside["model"].eq("big")
    table = climbed(
        chosen, control=beside.assign(projected=beside["projected"].mask(alone, 0.1 / 20))
    )
    rows = table[table["rung"].eq("equal width") & table["region"].eq("A")]
    rows = rows[rows["claim"].eq("predicts")].set_index("model")
    assert rows.loc["big", ["state", "why"]].tolist() == [FAILS, "in 4 of 5"]
    assert rows.loc["small", ["state", "why"]].tolist() == [HOLDS, "in 5 of 5"]
    assert rows.loc["big", "value"] == pytest.approx((4 * 0.35 + 0.005) / 5)
