"""Rises of families against Student's intervals of SciPy, over runs and over pieces."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t, ttest_1samp

from stages.trajectory.curves.curve_names import CURVE
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.rises.rise_tables import RISES, rise_table
from stages.trajectory.rises.stimulus_intervals import shares_by_place

ENDS = Ends(1, 2)
STEPS = [0, 1, 2, 4, 8]
SHARES = (0.7, 0.9, 1.1, 1.3)
TOLD = ["rise", "low", "high", "p"]


def run(rng, size, seed, **about):
    """A noisy curve that rises."""
    place = {"of": "f", "size": size, "seed": seed, "weights": "", "side": "alignment"}
    place |= {"measure": "r", "layer": "chosen", "region": "A", "subject": "group", "choice": ""}
    values = np.arange(5) / 10 + rng.normal(0, 0.05, 5)
    table = pd.DataFrame({"step": STEPS, "seen": STEPS, "value": values}).assign(**place | about)
    return table.assign(relative=np.nan, gain=np.nan, null_mean=0.0, null_sd=0.0)[CURVE]


def rise(curve):
    values = curve["value"].to_numpy()
    return values[-2:].mean() - values[0]


def pieces_of(curves):
    """Shares of pieces, which are as large a part of each value."""
    parts = [curves.assign(piece=k, value=s * curves["value"]) for k, s in enumerate(SHARES)]
    return shares_by_place(pd.concat(parts))


def test_rises_of_each_size_and_of_all_over_runs_and_over_stimuli(rng):
    runs = {(size, seed): run(rng, size, seed) for size in ("small", "big") for seed in (0, 1, 2)}
    left_out = [
        run(rng, "big", 0, side="performance"),
        run(rng, "big", 0, layer="layer_00"),
        run(rng, "big", 0, subject="s1"),
    ]
    main = pd.concat(runs.values())
    table = rise_table(pd.concat([*left_out, main]), pieces_of(main), ENDS)
    assert list(table) == list(RISES)
    assert table["size"].tolist() == ["", "", "small", "small", "big", "big"]
    assert table["over"].tolist() == ["runs", "stimuli"] * 3
    assert set(table["reason"]) == {""}
    assert set(table["metric"]) == {"r"}
    rows = table.set_index(["size", "over"])
    rises = {size: np.array([rise(runs[size, k]) for k in range(3)]) for size in ("small", "big")}
    for size, own in rises.items():
        test = ttest_1samp(own, 0, alternative="greater")
        reach = ttest_1samp(own, 0).confidence_interval()
        expected = [own.mean(), reach.low, reach.high, test.pvalue]
        assert rows.loc[(size, "runs"), TOLD].tolist() == pytest.approx(expected)
        assert rows.loc[(size, "runs"), "n_runs"] == 3
    value = np.mean([own.mean() for own in rises.values()])
    error = np.sqrt(np.mean([own.var(ddof=1) for own in rises.values()]) / 6)
    half = t.ppf(0.975, 4) * error
    expected = [value, value - half, value + half, t.sf(value / error, 4)]
    assert rows.loc[("", "runs"), TOLD].tolist() == pytest.approx(expected)
    assert rows.loc[("", "runs"), "n_runs"] == 6
    means = {"": value} | {name: own.mean() for name, own in rises.items()}
    for size, mean in means.items():
        shares = mean * np.array(SHARES)
        reach = ttest_1samp(shares, 0).confidence_interval()
        p = ttest_1samp(shares, 0, alternative="greater").pvalue
        found = rows.loc[(size, "stimuli"), TOLD].tolist()
        assert found == pytest.approx([mean, reach.low, reach.high, p])


def test_too_few_checkpoints_are_told_and_no_pieces(rng):
    curves = pd.concat([run(rng, "", seed) for seed in (0, 1)])
    few = rise_table(curves[curves["step"].lt(4)], {}, ENDS)
    assert few["reason"].tolist() == [
        "too few checkpoints", "no scores without each piece of the stimuli",
    ]  # fmt: skip
    assert few[TOLD].isna().all(axis=None)
    assert few["n_runs"].tolist() == [0, 0]
    enough = rise_table(curves[curves["step"].lt(8)], {}, ENDS)
    assert enough["reason"].tolist() == ["", "no scores without each piece of the stimuli"]
    assert enough["n_runs"].tolist() == [2, 2]
    assert rise_table(curves.iloc[:0], {}, ENDS).empty


def test_places_are_in_the_order_of_the_curves(rng):
    curves = [run(rng, "", 0, of=of, region=region) for of in "gf" for region in "BA"]
    table = rise_table(pd.concat(curves), {}, ENDS)
    places = table[["of", "region"]].drop_duplicates().to_numpy().tolist()
    assert places == [["g", "B"], ["g", "A"], ["f", "B"], ["f", "A"]]
