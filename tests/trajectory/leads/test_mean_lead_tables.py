import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from stages.core.stats.run_intervals import Mean, over_runs_and_others
from stages.trajectory.curves.curve_names import CURVE
from stages.trajectory.leads.mean_lead_tables import LEADS, mean_leads, verdict_of
from stages.trajectory.onsets.onset_tables import Asked
from stages.trajectory.onsets.onset_times import Ends

ASKED = Asked((0.5,), Ends(2, 2), 1, 100, 0)
NO_CURVES = pd.DataFrame(columns=CURVE)


def table(leads, **changed):
    """Means of leads of single runs of one place: size, seed and subject to lead."""
    rows = [
        {"size": size, "seed": seed, "subject": subject, "lead": lead}
        for (size, seed, subject), lead in leads.items()
    ]
    told = {"of": "f", "weights": "", "metric": "r", "region": "A", "measure": "loss"}
    told |= {"share": 0.5, "null_mean": 0.0, "null_sd": 0.0, "reason": ""}
    single = pd.DataFrame(rows).assign(**told | changed)
    return mean_leads(single, NO_CURVES, {}, ASKED)


def group(*leads):
    return {("", seed, "group"): lead for seed, lead in enumerate(leads)}


def test_the_mean_of_runs_has_students_interval_and_the_exact_exchanges():
    found = table(group(1.0, 2.0, 0.5, -0.25))
    assert list(found) == list(LEADS)
    (row,) = found.to_dict("records")
    test = ttest_1samp([1.0, 2.0, 0.5, -0.25], 0, alternative="greater")
    both = ttest_1samp([1.0, 2.0, 0.5, -0.25], 0).confidence_interval()
    assert (row["lead"], row["p"]) == pytest.approx((0.8125, test.pvalue))
    assert (row["low"], row["high"]) == pytest.approx((both.low, both.high))
    # Of 16 signs, those that turn nothing, and that of -0.25 alone, sum to 3.25 or more.
    assert row["p_exchanged"] == 2 / 16
    assert (row["n_runs"], row["n_left_out"], row["over"], row["size"]) == (4, 0, "runs", "")
    assert (row["verdict"], row["reason"]) == ("undecided", "")


def test_the_null_is_that_of_the_mean_of_the_runs_that_have_a_lead():
    numbers = {"null_mean": [0.1, 0.3, 9.0], "null_sd": [0.3, 0.4, 9.0]}
    reasons = ["", "", "loss: flat"]
    (row,) = table(group(1.0, 3.0, np.nan), reason=reasons, **numbers).to_dict("records")
    assert (row["null_mean"], row["null_sd"]) == pytest.approx((0.2, 0.25))
    assert (row["n_runs"], row["n_left_out"], row["reason"]) == (2, 1, "loss: flat")
    assert row["p_exchanged"] == 1 / 4


def test_one_run_has_a_lead_and_no_exchanges():
    (row,) = table(group(1.0), null_sd=0.3).to_dict("records")
    assert (row["lead"], row["null_sd"], row["n_runs"]) == (1.0, pytest.approx(0.3), 1)
    assert np.isnan([row["p"], row["p_exchanged"]]).all()
    assert row["verdict"] == "not tested"


def test_reasons_are_each_told_once_and_in_order():
    reasons = ["loss: flat", "alignment: flat", "loss: flat"]
    (row,) = table(group(*[np.nan] * 3), reason=reasons).to_dict("records")
    assert row["reason"] == "no run has a value; alignment: flat; loss: flat"
    assert (row["n_runs"], row["n_left_out"]) == (0, 3)
    assert np.isnan([row["lead"], row["null_mean"], row["null_sd"], row["p_exchanged"]]).all()


def test_sizes_are_told_together_and_apart():
    leads = {("a", 0, "mean"): 1.0, ("a", 1, "mean"): 2.0, ("b", 0, "mean"): 5.0}
    found = table(leads).set_index(["over", "size"])
    assert list(found.index) == [("runs", ""), ("sizes", ""), ("runs", "a"), ("runs", "b")]
    assert found["lead"].tolist() == [3.25, 3.25, 1.5, 5.0]
    assert found["n_runs"].tolist() == [3, 3, 2, 1]
    assert found["p_exchanged"].notna().tolist() == [True, False, True, False]


def test_people_are_crossed_with_runs():
    wide = np.array([[1.0, 2.0, 0.5], [1.5, 2.5, 3.0]])
    people = {("", seed, f"s{at}"): wide[seed, at] for seed in (0, 1) for at in range(3)}
    found = table(group(1.2, 2.3) | people).set_index("over")
    assert list(found.index) == ["runs", "runs and subjects"]
    row, expected = found.loc["runs and subjects"], over_runs_and_others(wide)
    assert (row["lead"], row["low"], row["p"]) == pytest.approx(
        (expected.value, expected.low, expected.p)
    )
    assert np.isnan(row["p_exchanged"])
    people["", 1, "s2"] = np.nan
    row = table(group(1.2, 2.3) | people).set_index("over").loc["runs and subjects"]
    assert row["reason"] == "1 of 6 curves of single subjects have no lead"
    assert (np.isnan(row["lead"]), row["n_runs"]) == (True, 2)
    alone = {key: lead for key, lead in people.items() if key[2] == "s0"}
    assert list(table(group(1.2, 2.3) | alone)["over"]) == ["runs"]


def test_the_whole_is_given_an_interval_over_stimuli_or_told_why_not():
    found = table(group(1.0, 3.0), region="all").set_index("over")
    row = found.loc["stimuli"]
    assert (row["lead"], row["n_runs"], row["verdict"]) == (2.0, 2, "not tested")
    assert row["reason"] == "no scores without each piece of the stimuli"
    assert np.isnan(row["p_exchanged"])


@pytest.mark.parametrize(
    ("p", "verdict"),
    [(0.05, "precedes"), (0.0501, "undecided"), (0.9499, "undecided"), (0.9501, "follows"),
     (1.0, "follows"), (0.0, "precedes"), (np.nan, "not tested")],
)  # fmt: skip
def test_five_per_cent_on_either_side_decide(p, verdict):
    assert verdict_of(Mean(1.0, 0.5, 1.5, p, 3, "")) == verdict
