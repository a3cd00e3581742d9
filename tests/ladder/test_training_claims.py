"""The ladder of training: leads over runs and people, and what was not tested."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.ladder import COLUMNS, FAILS, HOLDS, NOT_ASKED
from stages.core.results.typed_tables import empty_table
from stages.ladder.training_claims import CONTROLS, LEADS, training_ladder


def leads(lead=1.5, p=0.001, null_sd=0.1, weights="", null_mean=0.0):
    rows = [
        {"of": "read", "size": "", "weights": weights, "metric": "r_partial", "region": region}
        | {"measure": measure, "share": share, "over": over, "lead": lead, "low": lead - 0.5}
        | {"high": lead + 0.5, "p": p, "null_mean": null_mean, "null_sd": null_sd, "n_runs": 3}
        | {"reason": ""}
        for region in ("all", "A")
        for measure in ("heldout_loss", "stimulus_loss")
        for share in (0.25, 0.5)
        for over in ("runs", "runs and subjects")
    ]
    return pd.DataFrame(rows, columns=list(LEADS))


def rungs(table, model="read", other="heldout_loss"):
    rows = table[(table["model"] == model) & (table["other"] == other)]
    return dict(zip(rows["rung"], rows["state"], strict=True))


def controls(verdict="beyond its control", reason="", weights="", difference=0.1):
    rows = [
        {"of": "read", "size": "", "weights": weights, "control": "shuffled", "over": over}
        | {"metric": "r_partial", "region": region, "difference": difference, "low": 0.02}
        | {"high": 0.3, "verdict": verdict, "reason": reason}
        for region in ("all", "A")
        for over in ("runs", "runs and subjects")
    ]
    return pd.DataFrame(rows, columns=list(CONTROLS))


def climbed(table, beside=None, *, leaks=False):
    beside = controls() if beside is None else beside
    return training_ladder(table, beside, empty_table(COLUMNS), "story", leaks=leaks)


def test_a_sure_lead_stands_on_what_was_asked():
    found = rungs(climbed(leads()))
    assert (found["chance"], found["nuisance"], found["other people"]) == (HOLDS, HOLDS, HOLDS)
    assert found["equal width"] == NOT_ASKED
    assert set(climbed(leads())["region"]) == {"all"}


def test_nothing_is_asked_of_shuffled_folds():
    rows = climbed(leads(), leaks=True)
    assert len(rows) == len(climbed(leads()))
    assert set(rows["state"]) == {NOT_ASKED}
    assert rows["why"].str.startswith("SHUFFLED FOLDS").all()


@pytest.mark.parametrize(
    "fault",
    [{"lead": -1.5}, {"p": 0.4}, {"null_sd": 1.0}, {"null_mean": 3.0}, {"null_mean": 1.45}],
)
def test_a_lag_an_unsure_lead_and_one_that_warping_makes_fail(fault):
    assert rungs(climbed(leads(**fault)))["chance"] == FAILS


def test_what_was_not_tested_says_why():
    table = leads(lead=np.nan, p=np.nan).assign(reason="alignment: flat")
    found = climbed(table)
    assert rungs(found)["chance"] == NOT_ASKED
    assert set(found.loc[found["rung"] == "chance", "why"]) == {"alignment: flat"}


def test_weights_of_a_family_are_apart():
    both = pd.concat([leads(weights="raw"), leads(weights="ema", lead=-1.0)], ignore_index=True)
    found = climbed(both)
    assert rungs(found, "read/raw")["chance"] == HOLDS
    assert rungs(found, "read/ema")["chance"] == FAILS


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("beyond its control", HOLDS),
        ("undecided", FAILS),
        ("does not rise", FAILS),
        ("the control rises as far", FAILS),
    ],
)
def test_what_precedes_must_rise_beyond_the_control(verdict, state):
    table = climbed(leads(), controls(verdict))
    rows = table[table["rung"] == "untrained twin"]
    assert set(rows["state"]) == {state}
    assert set(rows["why"]) == {f"{verdict} (shuffled)"}
    assert set(rows["other"]) == {"heldout_loss", "stimulus_loss"}
    assert rows[["value", "low", "high"]].drop_duplicates().to_numpy().tolist() == [
        [0.1, 0.02, 0.3]
    ]


def test_a_control_that_was_not_tested_or_is_not_there_says_so():
    untested = controls("not tested", "one run: no interval over runs")
    for beside, why in (
        (untested, "one run: no interval over runs"),
        (controls(weights="ema"), "the family has no control"),
        (controls().iloc[:0], "the family has no control"),
    ):
        table = climbed(leads(), beside)
        rows = table[table["rung"] == "untrained twin"]
        assert set(rows["state"]) == {NOT_ASKED}
        assert set(rows["why"]) == {why}


@pytest.mark.parametrize(
    ("lead", "null_mean", "null_sd", "state"),
    [
        (1.5, 1.2, 0.1, HOLDS),
        (1.96, 0.0, 1.0, FAILS),  # no further than 1.96 standard deviations
        (1.97, 0.0, 1.0, HOLDS),
        (1.5, -0.5, 1.0, HOLDS),
    ],
)
def test_a_lead_is_beyond_what_warped_courses_give(lead, null_mean, null_sd, state):
    found = climbed(leads(lead=lead, null_mean=null_mean, null_sd=null_sd))
    assert rungs(found)["chance"] == state


def test_q_is_over_the_measures_that_were_tested():
    """By hand: of .04 and .2, .08 and .2; of .04 alone, .04."""
    table = leads(p=0.04)
    table.loc[table["measure"] == "stimulus_loss", "p"] = 0.2
    chance = climbed(table).query("rung == 'chance'").set_index("other")
    assert chance["q"].to_dict() == {"heldout_loss": 0.08, "stimulus_loss": 0.2}
    assert set(chance["state"]) == {FAILS}
    table.loc[table["measure"] == "stimulus_loss", ["p", "reason"]] = [np.nan, "flat"]
    chance = climbed(table).query("rung == 'chance'").set_index("other")
    assert chance.loc["heldout_loss", ["q", "state", "why"]].tolist() == [0.04, HOLDS, "3 runs"]
    assert chance.loc["stimulus_loss", ["state", "why"]].tolist() == [NOT_ASKED, "flat"]
    assert np.isnan(chance.loc["stimulus_loss", "q"])


def test_a_family_is_told_by_its_first_size():
    table = pd.concat([leads().assign(size="b"), leads(lead=-1.0).assign(size="a")])
    table = pd.concat([table, leads(lead=-1.0).assign(size="a", of="other")], ignore_index=True)
    found = climbed(table)
    assert rungs(found)["chance"] == HOLDS
    assert rungs(found, "other")["chance"] == FAILS
    assert len(found) == 2 * len(climbed(leads()))


def test_what_was_measured_beside_no_nuisance_variables_is_not_asked_about_them():
    found = climbed(leads().assign(metric="r"))
    assert rungs(found)["nuisance"] == NOT_ASKED
    assert rungs(found)["chance"] == HOLDS
