"""Which intervals are asked whether they hold what: by intervals and draws made by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from stages.calibrate import interval_cases as module
from stages.calibrate.interval_cases import interval_cases

N = 3


def interval(low, high):
    return SimpleNamespace(low=low, high=high)


@pytest.fixture
def asked(monkeypatch):
    """What each interval is made of; every one of them is the same."""
    found = {"runs": [], "crossed": [], "stimuli": [], "both": [], "shares": [], "made": []}
    state = SimpleNamespace(found=found, of=interval(0.0, 0.0))

    def kept(name):
        def made(*given):
            found[name].append(given)
            return state.of

        return made

    monkeypatch.setattr(module, "over_runs", kept("runs"))
    monkeypatch.setattr(module, "over_runs_and_others", kept("crossed"))
    monkeypatch.setattr(module, "over_stimuli", kept("stimuli"))
    monkeypatch.setattr(module, "over_both", kept("both"))
    monkeypatch.setattr(module, "prevalence", kept("shares"))
    monkeypatch.setattr(
        module, "_pieces", lambda truth, rng: found["made"].append(truth) or np.zeros(20)
    )
    return state


def values(tables):
    return {
        tuple(table[name].iloc[0] for name in ("test", "situation", "layout")): (
            table["value"].tolist()
        )
        for table in tables
    }


LEADS = [
    ("mean lead", f"{name} leads", f"{runs} runs")
    for runs in (3, 5, 10)
    for name in ("normal", "skewed")
]
CROSSED = [
    ("mean lead", "runs, people and rest vary alike", f"{runs} runs × 4 people")
    for runs in (3, 5, 10)
]
SLOW = "correlation of slow series"
CORRELATIONS = [
    ("jackknife over stimuli", SLOW, "4 people × 20 pieces"),
    ("jackknife over both", f"{SLOW}, people differ", "4 people × 20 pieces"),
]
SHARES = [("prevalence", f"in {share}% of the population", "8 people") for share in (20, 80)]


@pytest.mark.parametrize(
    ("low", "high", "held"),
    [
        (0.0, 0.0, {case for case in LEADS if "normal" in case[1]} | {*CROSSED}),
        (1.0, 1.5, {case for case in LEADS if "skewed" in case[1]}),
        (0.3, 0.3, {CORRELATIONS[1]}),
        (0.0, 0.1, {case for case in LEADS if "normal" in case[1]} | {*CROSSED}),
        (-0.1, 0.0, {case for case in LEADS if "normal" in case[1]} | {*CROSSED}),
        (0.5, 1.0, {case for case in LEADS if "skewed" in case[1]} | {SHARES[1]}),
        (0.1, 0.2, {SHARES[0]}),
        (0.2, 0.21, {SHARES[0]}),
        (0.7, 0.8, {SHARES[1]}),
        (0.8, 0.9, {SHARES[1]}),
        (-1.0, 2.0, {*LEADS, *CROSSED, *CORRELATIONS, *SHARES}),
        (5.0, 6.0, set()),
    ],
)
def test_each_interval_is_held_against_what_is_true(asked, low, high, held):
    """Also where what is true is an end of it; that of stimuli is the mean of these people."""
    asked.of = interval(low, high)
    found = values(interval_cases(N, 0))
    assert list(found) == [*LEADS, *CROSSED, *CORRELATIONS, *SHARES]
    assert {case for case, value in found.items() if value == [1.0] * N} == held
    others = [value for case, value in found.items() if case not in held]
    assert all(value == [0.0] * N for value in others)


def test_what_is_drawn(asked):
    list(interval_cases(N, 4))
    found, rng = asked.found, np.random.default_rng(4)
    sizes = [len(values) for values, _ in found["runs"]]
    assert sizes == [runs for runs in (3, 5, 10) for _ in range(2 * N)]
    assert {(*of,) for _, of in found["runs"]} == {("",) * runs for runs in (3, 5, 10)}
    drawn = iter(found["runs"])
    for runs in (3, 5, 10):
        for draw in (rng.normal, rng.exponential):
            for _ in range(N):
                np.testing.assert_array_equal(next(drawn)[0], draw(size=runs))
    for at, (crossed,) in enumerate(found["crossed"]):
        runs = (3, 5, 10)[at // N]
        parts = rng.normal(size=(runs, 1)) + rng.normal(size=(1, 4))
        np.testing.assert_array_equal(crossed, parts + rng.normal(size=(runs, 4)))
    truths = [np.tanh(np.arctanh(0.3) + 0.1 * rng.normal(size=4)) for _ in range(N)]
    np.testing.assert_allclose(found["made"], np.concatenate(truths))
    assert [one.shape for (one,) in found["stimuli"] + found["both"]] == [(4, 20)] * 2 * N
    for share in (0.2, 0.8):
        hits = rng.binomial(8, 0.05 + 0.95 * share, N)
        few = [of for of in found["shares"] if of[0] in hits]
        assert {of[1:] for of in few} == {(8, 0.05)}
        assert {of[0] for of in few} == set(hits.tolist())


def test_slow_series_correlate_as_much_as_they_should_without_their_beginning(monkeypatch):
    """Twenty pieces of the correlation of 400 samples that follow 50, by the same draws."""
    told = []
    monkeypatch.setattr(module, "pseudo_values", lambda whole, parts: told.append((whole, parts)))
    module._pieces(0.6, np.random.default_rng(2))
    drawn = np.random.default_rng(2).normal(size=(2, 450))
    slow = np.zeros((2, 451))
    for at in range(450):
        slow[:, at + 1] = 0.5 * slow[:, at] + drawn[:, at]
    x, noise = slow[:, 51:]
    y = 0.6 * x + 0.8 * noise
    ((whole, parts),) = told
    assert whole == pytest.approx(np.corrcoef(x, y)[0, 1])
    expected = [
        np.corrcoef(*(np.delete(one, slice(20 * at, 20 * at + 20)) for one in (x, y)))[0, 1]
        for at in range(20)
    ]
    np.testing.assert_allclose(parts, expected)
