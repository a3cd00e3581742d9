"""Curves that rise, stay, fall or turn back, planted and real."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.isotonic import isotonic_regression

from stages.trajectory.curves import curve_shapes
from stages.trajectory.curves.curve_noise import (
    noise_about_rise,
    noise_of_neighbours,
    relative_noise,
)
from stages.trajectory.curves.curve_shapes import (
    FALLS,
    FLAT,
    RISES,
    TURNS,
    greatest_fall,
    monotone_p,
    shape_of,
)
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
    for level in (0.0, 5.0):
        flat = shape_of(np.full(18, level), ENDS, 0)
        assert (flat.name, flat.p) == (FLAT, 1.0)
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


def test_the_peak_is_the_greatest_value_before_the_end_of_that_fall(rng):
    for values in rng.normal(size=(20, 12)):
        smooth = [values[at : at + 3].mean() for at in range(10)]
        lost = [max(smooth[: at + 1]) - smooth[at] for at in range(10)]
        peak, fallen, spread = greatest_fall(values)
        assert peak == np.argmax(values[: np.argmax(lost) + 3])
        assert spread == pytest.approx(max(smooth) - min(smooth))
        assert fallen == pytest.approx(max(lost) / spread)
    assert greatest_fall(np.ones(9)) == (0, 0.0, 0.0)


@pytest.mark.parametrize("seed", [0, 3])
def test_monotone_p_by_a_loop_over_draws(rng, seed):
    """A curve about its fit, and five hundred draws about the same fit, by scikit-learn."""
    values = COURSE + 0.15 * rng.normal(size=18)

    def distance(one):
        bends = [abs(one[i - 1] - 2 * one[i] + one[i + 1]) for i in range(1, 17)]
        noise = np.median(bends) / (norm.ppf(0.75) * 6**0.5)
        return noise, np.sqrt(np.mean((one - isotonic_regression(one)) ** 2)) / noise

    noise, own = distance(values)
    draws = np.random.default_rng(seed).normal(size=(500, 18))
    fitted = isotonic_regression(values)
    reached = sum(distance(fitted + noise * draw)[1] >= own for draw in draws)
    assert 1 < reached < 499
    assert monotone_p(values, seed) == pytest.approx((reached + 1) / 501)
    assert monotone_p(1e-6 * values, seed) == monotone_p(values, seed), "whatever its units"


def test_lines_that_bend_once_have_no_noise_and_turn():
    shape = shape_of(np.r_[0:10, 8:0:-1].astype(float), ENDS, 0)
    assert (shape.name, shape.p, shape.noise, shape.peak) == (TURNS, 1 / 501, 0.0, 9)


@pytest.mark.parametrize(
    ("found", "ends", "name"),
    [
        ((0, 0, 0.005, 0.5, 1), (2, 2), FLAT), ((0, 0, 0.004, 0.5, 1), (2, 2), TURNS),
        ((0, 0, 0, 0.1, 1), (2, 2), TURNS), ((0, 0, 0, 0.0999, 1), (2, 2), FLAT),
        ((0, 1, 0, 0.25, 12), (2, 2), TURNS), ((0, 1, 0, 0.249, 12), (2, 2), FLAT),
        ((0, 1, 0, 0.25, 11.9), (2, 2), FLAT), ((9, 1, 0, 0.9, 12), (2, 2), TURNS),
        ((3, 1, 1, 0, 1), (2, 2), FLAT), ((3.01, 1, 1, 0, 1), (2, 2), RISES),
        ((-3, 1, 1, 0, 1), (2, 2), FLAT), ((-3.01, 1, 1, 0, 1), (2, 2), FALLS),
        ((2.1, 1, 1, 0, 1), (3, 6), FLAT), ((2.13, 1, 1, 0, 1), (3, 6), RISES),
    ],
)  # fmt: skip
def test_what_a_curve_must_exceed(monkeypatch, found, ends, name):
    """A fall of a tenth and of three deviations; between the ends, three standard errors."""
    rise, noise, p, fallen, spread = found
    judged = []
    fakes = {
        "rises": lambda values, ends: (1.0, 1.0 + rise),
        "noise_of_neighbours": lambda values: noise,
        "monotone_p": lambda values, seed: judged.append(values.tolist()) or p,
        "greatest_fall": lambda values: judged.append(values.tolist()) or (7, fallen, spread),
    }
    for one, fake in fakes.items():
        monkeypatch.setattr(curve_shapes, one, fake)
    shape = shape_of(np.array([1.0, 2.0]), Ends(*ends), 0)
    assert (shape.name, shape.rise) == (name, pytest.approx(rise))
    assert (shape.noise, shape.p, shape.peak, shape.fallen) == (noise, p, 7, fallen)
    assert judged == [[-1.0, -2.0] if rise < 0 else [1.0, 2.0]] * 2


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
