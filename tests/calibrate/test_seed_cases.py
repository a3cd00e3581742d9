"""Which draws of seeds are judged, by which tests, and how much better a trained model is made."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import kurtosis, skew

from stages.calibrate import seed_cases as module
from stages.calibrate.seed_cases import EACH, SEEDS, seed_cases

N = 4


@pytest.fixture
def told(monkeypatch):
    """Shares that each test was asked about; p of .01 over means, and of .5 over each twin."""
    found = {"mean": [], "each": []}

    def beyond_draws(means):
        found["mean"].append(means)
        return None, np.full(len(means), 0.01)

    def each(shares):
        found["each"].append(shares)
        return np.full(len(shares), 0.5)

    monkeypatch.setattr(module, "beyond_draws", beyond_draws)
    monkeypatch.setattr(module, "_beyond_each", each)
    return found


def test_every_number_of_twins_meets_every_distribution_and_two_gaps(told):
    tables = list(seed_cases(N, 0))
    cases = [
        tuple(table[name].iloc[0] for name in ("layout", "situation", "method", "asks"))
        for table in tables
    ]
    assert cases == [
        case
        for twins in (2, 3, 5)
        for case in (
            *(
                (f"{twins} twins", situation, method, "false positives")
                for situation in SEEDS
                for method in ("ours", EACH)
            ),
            *(
                (f"{twins} twins", f"{gap} deviations of seeds better", "ours", "power")
                for gap in (3, 6)
            ),
        )
    ]
    for table, (*_, method, _) in zip(tables, cases, strict=True):
        assert set(table["stage"]) == {"ladder"}
        assert table["value"].tolist() == [float(method == "ours")] * N
    assert [one.shape for one in told["mean"]] == [(N, k) for k in (2, 3, 5) for _ in range(5)]
    assert [one.shape for one in told["each"]] == [(N, k, 10) for k in (2, 3, 5) for _ in range(3)]


def test_a_trained_model_is_better_by_the_gap(told):
    list(seed_cases(1000, 0))
    means = [one.mean() for one in told["mean"]]
    expected = [0, 0, 0, 3, 6] * 3
    np.testing.assert_allclose(means, expected, atol=0.15)
    of_nothing = [told["mean"][at] for at in (0, 1, 2, 5, 6, 7, 10, 11, 12)]
    for shares, mean in zip(told["each"], of_nothing, strict=True):
        np.testing.assert_allclose(shares.mean(axis=-1), mean)


def test_distributions_of_seeds_are_what_they_are_called():
    rng = np.random.default_rng(0)
    normal, skewed, heavy = (draw(rng, (200, 500)).ravel() for draw in SEEDS.values())
    np.testing.assert_allclose([one.std() for one in (normal, skewed, heavy)], 1, atol=0.05)
    assert abs(skew(normal)) < 0.05
    assert skew(skewed) == pytest.approx(2, abs=0.1)
    assert kurtosis(normal) < 0.1
    assert kurtosis(heavy) > 3


def test_who_is_behind_one_twin_is_not_beyond_them(monkeypatch):
    """The largest p of all; 1 where the mean is no more than 0."""
    numbers = SimpleNamespace(
        mean=np.array([[0.5, 0.1], [0.5, 0.0], [-0.5, 0.2]]),
        p=np.array([[0.01, 0.2], [0.01, 0.5], [0.3, 0.02]]),
    )
    asked = []
    monkeypatch.setattr(
        module, "over_stimuli", lambda values: asked.append(values.shape) or numbers
    )
    assert module._beyond_each(np.zeros((3, 2, 10))).tolist() == [0.2, 1.0, 1.0]
    assert asked == [(3, 2, 1, 10)]
