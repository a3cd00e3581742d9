"""Curves that rise, stay, fall or turn back, planted and real."""

import numpy as np
import pandas as pd
import pytest

from stages.trajectory.curves import curve_shapes
from stages.trajectory.curves.curve_noise import (
    noise_about_rise,
    noise_of_neighbours,
    relative_noise,
)
from stages.trajectory.curves.curve_shapes import FALLS, FLAT, RISES, TURNS, greatest_fall, shape_of
from stages.trajectory.onsets.onset_times import Ends

ENDS = Ends(3, 3)
AT = np.arange(18.0)
COURSE = 1 / (1 + np.exp(-(AT - 8)))


def test_shapes_that_are_planted(rng):
    bump = np.exp(-(((AT - 8) / 3) ** 2))
    for curve, name in (
        (COURSE, RISES),
        (-COURSE, FALLS),
        (0 * AT, FLAT),
        (0.3 * COURSE + bump, TURNS),
        (-0.3 * COURSE - bump, TURNS),
    ):
        noisy = curve + 0.02 * rng.normal(size=(20, 18))
        assert [shape_of(values, ENDS, 0).name for values in noisy].count(name) >= 19


def test_a_constant_curve_and_a_curve_without_noise_are_judged():
    assert shape_of(np.zeros(18), ENDS, 0).name == FLAT
    shape = shape_of(COURSE, ENDS, 0)
    assert (shape.name, shape.p, shape.fallen) == (RISES, 1.0, 0.0)


def test_monotone_curves_are_seldom_said_to_turn(rng):
    curves = COURSE + 0.1 * rng.normal(size=(200, 18))
    assert sum(shape_of(curve, ENDS, at).name == TURNS for at, curve in enumerate(curves)) <= 6


@pytest.mark.parametrize(("p", "name"), [(0.0049, TURNS), (0.0051, FLAT)])
def test_a_curve_turns_below_half_a_per_cent(monkeypatch, p, name):
    """Up and down again, so that its ends do not differ."""
    monkeypatch.setattr(curve_shapes, "monotone_p", lambda values, seed: p)
    assert shape_of(np.exp(-(((AT - 8.5) / 2) ** 2)), ENDS, 0).name == name


def test_shuffled_steps_leave_no_course(rng):
    curves = rng.permuted(np.tile(COURSE, (50, 1)) + 0.02 * rng.normal(size=(50, 18)), axis=-1)
    names = [shape_of(curve, ENDS, 0).name for curve in curves]
    assert names.count(FLAT) + names.count(TURNS) >= 45


def test_greatest_fall_by_looking_at_every_pair(rng):
    values = rng.normal(size=30)
    smooth = [values[at : at + 3].mean() for at in range(28)]
    lost = max(smooth[i] - smooth[j] for i in range(28) for j in range(i, 28))
    _, fallen, spread = greatest_fall(values)
    assert fallen * spread == pytest.approx(lost)


def test_noise_is_found(rng):
    curves = 4 * COURSE + 0.2 * rng.normal(size=(300, 18))
    assert noise_of_neighbours(curves).mean() == pytest.approx(0.2, rel=0.15)
    assert relative_noise(*noise_about_rise(curves, ENDS)) == pytest.approx(0.05, rel=0.15)


def test_real_curves_that_peak_are_told(mirror):
    table = pd.read_csv(mirror / "lmphases2025" / "regression_performance.tsv", sep="\t")
    chosen = table["RegressionType"].eq("UnmatchedNgram_UCDCC") & table["ModelFamily"].eq("pythia")
    for size, peaks in (("14m", {256}), ("70m", {128, 256}), ("410m", {256})):
        runs = table[chosen & table["ModelSize"].eq(size)].sort_values("ModelStep")
        wide = runs.pivot_table(index="ModelStep", columns="ModelSeed", values="Rsquared")
        assert wide.shape[1] == 10
        for seed in wide:
            shape = shape_of(wide[seed].to_numpy(), ENDS, 0)
            assert shape.name == TURNS
            assert wide.index[shape.peak] in peaks
