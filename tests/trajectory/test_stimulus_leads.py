"""Intervals of leads over stimuli: of planted pieces, and against the jackknife by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from stages.trajectory.curves.curve_names import CURVE
from stages.trajectory.leads.lead_tables import run_leads
from stages.trajectory.leads.mean_lead_tables import mean_leads
from stages.trajectory.leads.run_leads import Course, leads
from stages.trajectory.leads.stimulus_leads import LOST, stimulus_leads
from stages.trajectory.onsets.onset_tables import Asked, run_onsets
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.rises.stimulus_intervals import NO_PIECES

STEPS = np.array([0, *(2**power for power in range(12))])
OCTAVES = np.log2(np.maximum(STEPS, 0.5))
ASKED = Asked((0.25, 0.5), Ends(2, 2), 1, 50, 0)
PLACE = ("f", "", "r", "all")


def course(half):
    """Logistic courses of log2 step, shape (..., n_steps)."""
    rise = 1 / (1 + np.exp(-(OCTAVES - np.asarray(half)[..., None]) / 0.7))
    return np.where(STEPS > 0, rise, 0)


def planted(rng, *, pieces=8, seeds=2, lead=1.0, spread=0.6, noise=0.02):
    """Curves of runs, and shares of pieces whose halves differ by `spread` octaves."""
    late = rng.normal(0, spread, pieces)
    rows, shares = [], []
    for seed in range(seeds):
        single = 0.3 * course(5 + late) + noise * rng.standard_normal((pieces, len(STEPS)))
        index = pd.MultiIndex.from_product([[""], [seed], STEPS], names=["size", "seed", "step"])
        shares.append(pd.DataFrame(single.T, index=index))
        sides = {
            "alignment": (single.mean(axis=0), "r", "chosen", "all", "group"),
            "performance": (course(5 + lead), "accuracy", "", "", ""),
        }
        for side, (values, measure, layer, region, subject) in sides.items():
            frame = pd.DataFrame({"step": STEPS, "seen": STEPS * 64.0, "value": values})
            rows.append(
                frame.assign(
                    of="f", size="", seed=seed, weights="", side=side, measure=measure,
                    layer=layer, region=region, subject=subject, choice="", relative=np.nan,
                    gain=np.nan, null_mean=np.nan, null_sd=np.nan,
                )
            )  # fmt: skip
    return pd.concat(rows, ignore_index=True)[CURVE], pd.concat(shares)


def found(curves, pieces):
    single = run_leads(curves, run_onsets(curves, ASKED), ASKED)
    told = stimulus_leads(single, curves, pieces, ASKED)
    return {label["share"]: mean for label, _, mean in told}


def test_the_interval_is_that_of_the_jackknife_by_hand(rng):
    curves, shares = planted(rng)
    mean = found(curves, {PLACE: shares})[0.5]
    octaves, without = np.r_[-np.inf, np.log2(STEPS[1:] * 64.0)], []
    for left in [None, *range(8)]:
        kept = [piece for piece in range(8) if piece != left]
        runs = [
            Course(octaves, shares.loc[("", seed)][kept].mean(axis=1).to_numpy()) for seed in (0, 1)
        ]
        others = [Course(octaves, course(6.0))] * 2
        without.append(leads(runs, others, np.array([0.5]), ASKED.ends, ASKED.seed).mean())
    whole, without = without[0], np.array(without[1:])
    error = np.sqrt(7 / 8 * np.square(without - without.mean()).sum())
    assert mean.value == pytest.approx(whole, abs=1e-6)
    reach = t.ppf(0.975, 7) * error
    assert (mean.low, mean.high) == pytest.approx((whole - reach, whole + reach), rel=1e-6)
    assert mean.p == pytest.approx(t.sf(whole / error, 7), rel=1e-6)


def test_intervals_hold_the_planted_lead(rng):
    means = []
    for _ in range(60):
        curves, shares = planted(rng)
        means.append(found(curves, {PLACE: shares})[0.5])
    held = np.mean([mean.low <= 1 <= mean.high for mean in means])
    assert held >= 0.87  # 95 % less three standard errors
    widths = np.array([mean.high - mean.low for mean in means])
    assert np.median(widths) < 2  # and they are no wider than pieces differ


def test_more_alike_pieces_make_a_shorter_interval(rng):
    reach = []
    for spread in (0.2, 1.0):
        curves, shares = planted(rng, spread=spread)
        mean = found(curves, {PLACE: shares})[0.5]
        reach.append(mean.high - mean.low)
    assert reach[0] < reach[1] / 2


@pytest.mark.parametrize(
    ("lead", "verdict"),
    [(4.0, "precedes in these runs"), (-3.0, "follows in these runs"), (0.0, "undecided")],
)
def test_what_one_run_does_is_said_of_it_alone(rng, lead, verdict):
    curves, shares = planted(rng, seeds=1, lead=lead)
    single = run_leads(curves, run_onsets(curves, ASKED), ASKED)
    table = mean_leads(single, curves, {PLACE: shares}, ASKED)
    half = table[table["share"].eq(0.5)].set_index("over")["verdict"]
    assert half.to_dict() == {"runs": "not tested", "stimuli": verdict}


def test_no_pieces_no_interval(rng):
    curves, shares = planted(rng)
    for pieces in ({}, {PLACE: shares[[0]]}):
        mean = found(curves, pieces)[0.5]
        assert np.isfinite(mean.value)
        assert np.isnan([mean.low, mean.high, mean.p]).all()
        assert mean.reason == NO_PIECES


def test_a_lead_that_is_lost_without_a_piece_is_told(rng):
    curves, shares = planted(rng)
    mean = found(curves, {PLACE: shares.assign(broken=np.nan)})[0.5]
    assert np.isfinite(mean.value)
    assert np.isnan([mean.low, mean.high]).all()
    assert mean.reason == LOST
