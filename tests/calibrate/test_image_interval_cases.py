"""What is simulated for intervals of predicted voxels, and how they are judged."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import t

from stages.calibrate import image_interval_cases as module
from stages.calibrate.image_interval_cases import (
    LAYOUTS,
    ONCE,
    REGIONS,
    SIGNALS,
    TESTS,
    VOXELS,
    _folds,
    _judged,
    _noise,
    _region_means,
    _scored,
    image_interval_cases,
)
from stages.calibrate.simulated_images import STIMULI
from stages.core.params.read import read_params
from tests.conftest import PROJECT


def test_noise_is_half_that_of_the_region(monkeypatch, rng):
    monkeypatch.setattr(module, "STIMULI", 20_000)
    found = _noise(rng)
    assert found.shape == (20_000, REGIONS * VOXELS)
    region = np.arange(REGIONS * VOXELS) // VOXELS
    same = region[:, None] == region
    expected = np.where(same, 0.5, 0.0) + 0.5 * np.eye(len(region))
    np.testing.assert_allclose(found.T @ found / 20_000, expected, atol=0.05)


def test_means_are_over_the_voxels_of_each_region(rng):
    values = rng.random((3, REGIONS * VOXELS))
    expected = [[row[10 * k : 10 * k + 10].mean() for k in range(6)] for row in values]
    np.testing.assert_allclose(_region_means(values), expected)


@pytest.mark.parametrize("apart", [0, 30])
def test_images_are_kept_apart_or_cut_into_parts(rng, apart):
    folds = _folds(rng, apart)
    rows = np.arange(STIMULI)
    tested = np.concatenate([fold.outer.test for fold in folds])
    assert len(folds) == (1 if apart else 5)
    assert sorted(tested) == list(range(apart or STIMULI))
    for fold in folds:
        assert sorted([*fold.outer.train, *fold.outer.test]) == rows.tolist()
        assert len(fold.inner) == 5
        inner = np.concatenate([split.test for split in fold.inner])
        assert sorted(inner) == sorted(fold.outer.train)
        assert np.ptp([len(split.test) for split in fold.inner]) <= 1


@pytest.mark.parametrize(("apart", "share"), [(0, 5 * 0.25), (30, 30 / (STIMULI - 30))])
def test_two_models_hold_the_same_of_the_responses(rng, apart, share):
    params = read_params(PROJECT / "params.yaml")
    study = SimpleNamespace(params=params)
    found, nothing = (_scored(rng, signal, apart, study) for signal in (3.0, 0.0))
    pieces = params.encode_scene.pieces
    for one in (found, nothing):
        assert (one.scores.shape, one.without.shape) == ((2, REGIONS), (2, REGIONS, pieces))
        assert one.share == pytest.approx(share)
        np.testing.assert_allclose(one.without.mean(axis=-1), one.scores, atol=0.05)
    assert abs(nothing.scores.mean()) < 0.12
    # Of each source half is noise, and one tenth of a response.
    assert np.abs(found.scores - (0.5 * 9 / 10) ** 0.5).max() < 0.25
    assert np.ptp(found.scores, axis=0).max() > 0


@pytest.mark.parametrize(("away", "ours", "once"), [(0.5, 1, 1), (1.2, 1, 0), (2.5, 0, 0)])
def test_intervals_are_wider_by_what_is_fitted(away, ours, once):
    """Two sets of images that lie as far above and below the truth, in reaches of ONCE."""
    moved = np.array([-0.01, 0.0, 0.01, 0.02, -0.02])
    reach = t.ppf(0.975, 4) * np.std(4 * moved, ddof=1) / 5**0.5
    found = []
    for sign in (1, -1):
        scores = np.full((2, REGIONS), 0.3 + sign * away * reach)
        scores[1] = 0.3 - sign * away * reach
        found.append(module._Scored(scores, scores[..., None] + moved, 0.5))
    tables = list(_judged(found, "noise", "some"))
    asked = [(one["test"].iloc[0], one["asks"].iloc[0], one["method"].iloc[0]) for one in tables]
    assert asked == [
        (test, asks, method)
        for method in ("ours", ONCE)
        for test, asks in zip(TESTS, ("coverage", "false positives"), strict=True)
    ]
    assert set(tables[0]["value"]) == {ours}
    assert set(tables[2]["value"]) == {once}
    for one in tables:
        assert one["left"].tolist() == one["right"].tolist() == ["0"] * REGIONS + ["1"] * REGIONS
    # Both models without a piece move alike: their difference is the same of every piece.
    assert set(tables[1]["value"]) == set(tables[3]["value"]) == {1}


def test_models_of_equal_scores_do_not_differ():
    """Without a piece one moves as much up as the other down: the difference is of rounding."""
    moved = np.array([-0.01, 0.0, 0.01, 0.02, -0.02])
    scores = np.full((2, REGIONS), 0.3)
    without = scores[..., None] + np.stack([moved, -moved])[:, None]
    tables = list(_judged([module._Scored(scores, without, 0.5)], "noise", "some"))
    assert set(tables[1]["value"]) == set(tables[3]["value"]) == {0}


@pytest.mark.parametrize(("simulations", "sets"), [(10, 1), (11, 2), (30, 3)])
def test_there_is_a_set_of_images_for_ten_simulations(monkeypatch, simulations, sets):
    drawn, judged = [], []

    def scored(rng, signal, apart, study):
        drawn.append((rng.random(), signal, apart))
        return drawn[-1]

    monkeypatch.setattr(module, "_scored", scored)
    monkeypatch.setattr(
        module, "_judged", lambda found, *told: [judged.append((len(found), *told))]
    )
    settings = SimpleNamespace(simulations=simulations, seed=4)
    list(image_interval_cases(SimpleNamespace(settings=settings)))
    assert judged == [
        (sets, situation, f"{STIMULI} images, {layout}")
        for layout in LAYOUTS
        for situation in SIGNALS
    ]
    expected = [
        (np.random.default_rng([4, 11_000, place, number, at]).random(), signal, apart)
        for place, apart in enumerate((0, 30))
        for number, signal in enumerate((0.0, 0.3, 1.0))
        for at in range(sets)
    ]
    assert drawn == expected
