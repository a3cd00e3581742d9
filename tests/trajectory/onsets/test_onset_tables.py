import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from stages.trajectory.onsets.onset_tables import Asked, bands, curve_of, mean_onsets, run_onsets
from stages.trajectory.onsets.onset_times import Ends

ASKED = Asked((0.25, 0.5), Ends(1, 2), 1, 10, 0)
SEEN = 64.0 * np.r_[0, 2 ** np.arange(17)]
RISING = np.array([0.0, 1, 3, 5, 7, 8, 9, 10])


def curve(values, *, seed=0, side="alignment", measure="r", subject="group"):
    """Rows of one curve, the last point first."""
    table = pd.DataFrame({"seen": SEEN[: len(values)], "value": values})
    table = table.assign(step=table["seen"] / 64, relative=table["value"] / 2, gain=np.nan)
    place = {"of": "f", "size": "", "seed": seed, "weights": "", "layer": "chosen"}
    place |= {"side": side, "measure": measure, "subject": subject, "region": "A"}
    return table.assign(**place, choice="", null_mean=0.0, null_sd=0.0).iloc[::-1]


def test_curves_are_put_in_order_and_losses_turned():
    octaves, values = curve_of(curve(RISING))
    np.testing.assert_array_equal(octaves, [-np.inf, 6, 7, 8, 9, 10, 11, 12])
    np.testing.assert_array_equal(values, RISING)
    np.testing.assert_array_equal(curve_of(curve(RISING, measure="some_loss"))[1], -RISING)


def test_a_rising_curve_is_told_with_its_times():
    onsets = run_onsets(curve(RISING), ASKED)
    assert onsets["share"].tolist() == [0.25, 0.5]
    # From 0 to 9.5: a quarter is 2.375, between 1 and 3; a half is 4.75, between 3 and 5.
    assert onsets["octave"].tolist() == pytest.approx([6 + 1.375 / 2, 7 + 1.75 / 2])
    row = onsets.iloc[0]
    assert (row["shape"], row["reason"], row["p_shape"], row["fallen"]) == ("rises", "", 1.0, 0.0)
    assert row["rise"] == pytest.approx(9.5)
    assert row["unsettled"] == pytest.approx((10 - 9) / 9.5)
    assert np.isnan(row["peak_seen"])


def test_a_loss_has_its_rise_in_its_own_direction():
    row = run_onsets(curve(10 - RISING, measure="loss"), ASKED).iloc[0]
    assert (row["shape"], row["rise"]) == ("rises", pytest.approx(-9.5))
    fallen = run_onsets(curve(10 - RISING), ASKED)
    assert set(fallen["shape"]) == {"falls"}
    assert set(fallen["reason"]) == {"falls: no rise beyond noise"}
    assert fallen["octave"].isna().all()
    assert fallen["unsettled"].tolist() == pytest.approx([1 / 9.5] * 2)


def test_a_curve_that_turns_is_told_with_its_peak():
    values = np.exp(-(((np.arange(18) - 8) / 3) ** 2)) + np.linspace(0, 0.2, 18)
    row = run_onsets(curve(values), ASKED).iloc[0]
    smooth = [values[at : at + 3].mean() for at in range(16)]
    lost = (max(smooth) - min(smooth[8:])) / (max(smooth) - min(smooth))
    assert (row["shape"], row["peak_seen"]) == ("turns", 64 * 2**7)
    assert row["fallen"] == pytest.approx(lost)
    assert row["reason"] == f"not monotone: loses {round(100 * lost)}% of its range again"


def test_a_share_passed_at_once_and_a_constant_are_told():
    early = run_onsets(curve(np.array([0.0, 4, 5, 6, 7, 8, 9, 10])), ASKED)
    assert early["reason"].tolist() == ["passed before the first checkpoint after step 0", ""]
    both = run_onsets(pd.concat([curve(RISING), curve(np.zeros(8), seed=1)]), ASKED)
    flat = both[both["seed"].eq(1)]
    assert set(flat["shape"]) == {"flat"}
    assert flat["unsettled"].isna().all()


@pytest.mark.parametrize(("n", "reason"), [(3, "too few checkpoints"), (4, "")])
def test_a_curve_needs_points_between_its_ends(n, reason):
    row = run_onsets(curve(np.array([0.0, 1, 5, 9][:n])), ASKED).iloc[1]
    assert row["reason"] == reason
    assert np.isnan(row["octave"]) == (n == 3)


def test_onsets_are_averaged_over_runs_without_single_people():
    runs = [curve(RISING, seed=0), curve(RISING**2, seed=1), curve(np.zeros(8), seed=2)]
    onsets = run_onsets(pd.concat([*runs, curve(RISING, subject="x")]), ASKED)
    table = mean_onsets(onsets)
    assert table["share"].tolist() == [0.25, 0.5]
    assert set(table["subject"]) == {"group"}
    for row in table.to_dict("records"):
        own = onsets[onsets["share"].eq(row["share"]) & onsets["subject"].eq("group")]
        times = own["octave"].dropna()
        reach = ttest_1samp(times, 0).confidence_interval()
        assert row["octave"] == pytest.approx(times.mean())
        assert (row["low"], row["high"]) == pytest.approx((reach.low, reach.high))
        assert row["seen"] == pytest.approx(2 ** times.mean())
        assert (row["n_runs"], row["n_left_out"], row["reason"]) == (2, 1, "")


def test_reasons_of_all_runs_are_told_where_none_has_a_time():
    both = pd.concat([curve(np.zeros(8), seed=0), curve(10 - RISING, seed=1)])
    row = mean_onsets(run_onsets(both, ASKED)).iloc[0]
    assert row["reason"] == "falls: no rise beyond noise; flat: no rise beyond noise"
    assert (row["n_runs"], row["n_left_out"]) == (0, 2)


def test_bands_leave_out_what_no_run_has_and_keep_performance():
    parts = [curve(RISING), curve(RISING + 2, seed=1), curve(RISING, subject="x")]
    done = curve(RISING, side="performance", measure="accuracy", subject="").assign(relative=np.nan)
    table = bands(pd.concat([*parts, done]))
    assert len(table) == 8 * 3
    aligned = table[table["side"].eq("alignment")]
    assert set(aligned["quantity"]) == {"value", "relative"}
    at = aligned[aligned["step"].eq(4)].set_index("quantity")
    assert at["mean"].to_dict() == {"value": 6.0, "relative": 3.0}
    assert at["seen"].tolist() == [256, 256]
    assert at["n_runs"].tolist() == [2, 2]
    assert table.loc[table["side"].eq("performance"), "n_runs"].eq(1).all()


def test_curves_that_do_not_move_have_all_columns():
    still, moving = (run_onsets(curve(values), ASKED) for values in (np.ones(8), RISING))
    assert list(still) == list(moving)
    assert still["unsettled"].isna().all()
    assert (still["rise"] == 0).all()


def test_a_single_checkpoint_is_too_few():
    (reason,) = set(run_onsets(curve(RISING[:1]), ASKED)["reason"])
    assert reason == "too few checkpoints"


def test_onsets_means_and_bands_keep_the_order_of_families():
    both = pd.concat([curve(RISING).assign(of=of) for of in "gf"])
    onsets = run_onsets(both, ASKED)
    for table in (onsets, mean_onsets(onsets), bands(both)):
        assert table["of"].unique().tolist() == ["g", "f"]


def test_bands_need_no_null():
    done = curve(RISING, side="performance", measure="accuracy", subject="")
    table = bands(done.assign(null_mean=np.nan, null_sd=np.nan))
    assert table["quantity"].value_counts().to_dict() == {"value": 8, "relative": 8}
