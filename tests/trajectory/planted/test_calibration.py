"""Planted leads of -1, 0 and +1 octave: found, held by the intervals, not invented."""

from math import comb

import numpy as np
import pandas as pd
import pytest

from stages.extract.statics.word_controls import uniform
from stages.trajectory.curves.curve_shapes import RISES, shape_of
from stages.trajectory.leads.run_leads import leads
from stages.trajectory.onsets.onset_times import Ends, times_to
from stages.trajectory.planted import calibration
from stages.trajectory.planted.calibration import binomial_range, calibrate
from stages.trajectory.planted.planted_curves import Planted, planted_family, shuffled
from stages.trajectory.rises.control_tables import BEYOND, verdict_of
from stages.trajectory.rises.run_pairs import set_beside

SHARES = np.array([0.25, 0.5, 0.75])
ENDS = Ends(3, 3)
# Ten seeds, an alignment five times as noisy as performance.
FAMILY = {
    "runs": 10,
    "octaves": 17,
    "width": 0.7,
    "between": 0.3,
    "pace": 0.5,
    "alignment_noise": 0.05,
    "performance_noise": 0.01,
}


def test_what_is_said_of_families_is_counted_share_by_share(monkeypatch):
    """Leads of three families of five runs at two shares, one of which is missing."""
    some, near = [1.0, 0.0, 0.0, 0.0, 0.0], [1.2, 0.8, 1.1, 0.9, 1.05]
    far, late = [3.0, 2.0, np.nan, 4.0, 3.5], [9.0, 9.5, 10.0, 9.1, 9.3]
    quarter = np.array([[1.0] * 5, near, np.negative(near)])
    leads = np.stack([quarter, [some, far, late]], axis=-1)
    monkeypatch.setattr(calibration, "leads", lambda *given: leads)
    monkeypatch.setattr(calibration, "planted_family", lambda *given: (None, None))
    planted = Planted(5, 10, 0.7, 1.0, 0.0, 0.0, 0.0, 0.0)
    found = calibrate(planted, np.array([0.25, 0.5]), Ends(2, 2), 3, 0)
    np.testing.assert_allclose(found.bias, [1 / 3 - 1, (0.2 + 3.125 + 9.38) / 3 - 1])
    # Leads that are all as planted hold it, and those about it.
    np.testing.assert_allclose(found.coverage, [2 / 3, 0])
    np.testing.assert_allclose(found.precedes, [2 / 3, 2 / 3])
    # Of five runs above 0 one order of 32 reaches the sum, of four one of 16.
    np.testing.assert_allclose(found.exchanged, [2 / 3, 1 / 3])
    assert found.missing == pytest.approx(1 / 30)


def test_shares_of_draws_lie_in_the_binomial_range():
    total, low = 0.0, 0
    while total + comb(40, low) * 0.1**low * 0.9 ** (40 - low) < 0.025:
        total += comb(40, low) * 0.1**low * 0.9 ** (40 - low)
        low += 1
    assert binomial_range(0.1, 40)[0] == low / 40
    assert binomial_range(0.5, 10) == (0.2, 0.8)


@pytest.mark.slow
@pytest.mark.parametrize("lead", [-1, 0, 1])
def test_planted_leads_over_500_draws(lead):
    found = calibrate(Planted(lead=lead, **FAMILY), SHARES, ENDS, 500, seed=2)
    assert np.abs(found.bias).max() <= 0.1
    assert found.coverage.min() >= 0.93
    assert found.coverage.max() <= 0.97
    assert found.missing == 0
    low, high = binomial_range(0.05, 500)
    for precedes in (found.precedes, found.exchanged):
        if lead == 0:
            assert low <= precedes.min() <= precedes.max() <= high
        else:
            np.testing.assert_array_less(*((0.9, precedes) if lead > 0 else (precedes, 0.01)))


@pytest.mark.slow
@pytest.mark.parametrize("lead", [-1, 0, 1])
def test_planted_leads_near_the_ends_of_the_rise(lead):
    """Were the noise that performance lacks averaged, .072 of families would precede at .9."""
    found = calibrate(Planted(lead=lead, **FAMILY), np.array([0.1, 0.9]), ENDS, 1000, seed=2)
    assert np.abs(found.bias).max() <= 0.1
    assert found.coverage.min() >= 0.93
    assert found.coverage.max() <= 0.97
    if lead == 0:
        low, high = binomial_range(0.05, 1000)
        assert low <= found.precedes.min() <= found.precedes.max() <= high


@pytest.mark.slow
@pytest.mark.parametrize("lead", [-1, 0, 1])
def test_planted_leads_of_ten_checkpoints(lead):
    short = FAMILY | {"runs": 4, "octaves": 9, "alignment_noise": 0.02}
    found = calibrate(Planted(lead=lead, **short), SHARES, Ends(), 2000, seed=2)
    assert np.abs(found.bias).max() <= 0.1
    assert found.coverage.min() >= 0.93
    assert found.coverage.max() <= 0.97
    if lead == 0:
        low, high = binomial_range(0.05, 2000)
        assert low <= found.precedes.min() <= found.precedes.max() <= high


@pytest.mark.parametrize("lead", [-1, 0, 1])
def test_planted_leads_over_a_few_draws(lead):
    found = calibrate(Planted(lead=lead, **FAMILY | {"runs": 4}), SHARES, ENDS, 60, seed=0)
    assert np.abs(found.bias).max() <= 0.1
    assert found.coverage.min() >= 0.85


@pytest.mark.parametrize("noises", [(0.1, 0.01), (0.01, 0.1)])
def test_without_equal_noise_the_early_lead_would_be_biased(rng, noises):
    names = ("alignment_noise", "performance_noise")
    planted = Planted(lead=0, **FAMILY | dict(zip(names, noises, strict=True)))
    alignment, performance = planted_family(planted, 100, rng)
    tenth = np.array([0.1])
    times = [
        np.stack([times_to(run.octaves, run.values, tenth, ENDS) for run in side])
        for side in (alignment, performance)
    ]
    unequal = abs((times[1] - times[0]).mean())
    assert unequal > 0.3
    assert abs(leads(alignment, performance, tenth, ENDS, 0).mean()) < unequal / 2


def projection_scores(draws, words, responses):
    """Held-out r of a ridge on `control:random-6`, for each draw; naive."""
    kinds = sorted(set(words))
    codes = np.array([kinds.index(word) for word in words])
    half = len(words) // 2
    found = []
    for draw in draws:
        design = np.stack([uniform(kind, 6, draw) for kind in kinds])[codes] - 0.5
        train, test = design[:half], design[half:]
        weights = np.linalg.solve(train.T @ train + np.eye(6), train.T @ responses[:half])
        found.append(np.corrcoef(test @ weights, responses[half:])[0, 1])
    return np.array(found)


def test_a_random_projection_does_not_rise_beyond_another(rng):
    """Three runs of four steps beside three: more than 2.5 % of intervals above 0 are too many.

    Where words drive the responses both score far above 0, and still neither rises.
    """
    words = [f"word{k}" for k in rng.integers(0, 8, 120)]
    heard = dict(zip(sorted(set(words)), rng.normal(size=8), strict=True))
    responses = np.array([heard[word] for word in words]) + rng.normal(size=120)
    families, steps = 100, ("0", "1", "2", "3")
    names = [f"{k}.{seed}.{step}" for k in range(2 * families) for seed in "012" for step in steps]
    scores = projection_scores(names, words, responses).reshape(2 * families, 3, 4)
    nothing = projection_scores(names[:300], words, rng.normal(size=120))
    assert scores.mean() > 0.25
    assert abs(nothing.mean()) < 0.1 < scores.mean() / 2
    assert scores.std() > 0.03, "draws differ, so that their intervals have a width"
    rises = scores[..., 2:].mean(axis=-1) - scores[..., :2].mean(axis=-1)
    assert abs(rises.mean()) < 4 * rises.std() / np.sqrt(rises.size)
    runs = pd.MultiIndex.from_product([[""], [0, 1, 2]], names=["size", "seed"])
    _, high = binomial_range(0.025, families)
    for learnt, least, most in ((0.0, 0.0, high), (1.5, 0.95, 1.0)):
        beyond = [
            verdict_of(set_beside(*(pd.DataFrame({"rise": one}, runs) for one in pair))) == BEYOND
            for pair in zip(rises[:families] + learnt, rises[families:], strict=True)
        ]
        assert least <= np.mean(beyond) <= most


def test_shuffled_steps_have_no_time(rng):
    alignment, _ = planted_family(Planted(lead=1, **FAMILY), 10, rng)
    for side, least, most in ((alignment, 98, 100), (shuffled(alignment, rng), 0, 12)):
        curves = np.concatenate([run.values for run in side])  # noqa: PD011 (no frame)
        risen = sum(shape_of(curve, ENDS, 0).name == RISES for curve in curves)
        assert least <= risen <= most
