"""Areas that share noise or a signal: shares of variance are what they are said to be."""

import numpy as np
import pytest

from stages.calibrate import simulated_areas as module
from stages.calibrate.simulated_areas import (
    DRIFT,
    IMAGES,
    NOISE,
    NOTHING,
    PLANTED,
    SITUATIONS,
    TREND,
    TRIAL,
    write_areas,
)
from stages.calibrate.simulated_repeats import REPEATS

AREAS = 6


@pytest.fixture(scope="module")
def drawn():
    """Single responses of areas by person and situation, images by repeats, and the trials."""
    with pytest.MonkeyPatch.context() as patch:
        made = {}
        patch.setattr(module, "repeated", lambda person, single, names: (person, single, names))
        patch.setattr(module, "write_folders", lambda *given: made.update(given=given))
        write_areas("folder", AREAS, 11)
    folder, recording, layers = made["given"]
    assert folder == "folder"
    assert layers["layer_00"].shape == (IMAGES, 6)
    return recording


def test_there_are_so_many_areas_of_each_situation(drawn):
    people = [one[0] for one in drawn.subjects]
    assert people == ["s00", "s01"]
    for _, single, names in drawn.subjects:
        assert names == [f"{s}/{at:03}" for s in SITUATIONS for at in range(AREAS)]
        assert single.shape == (REPEATS, IMAGES, 12 * len(names))
    assert set(drawn.samples["split"]) == {"test"}
    assert len(drawn.samples) == IMAGES == 100


@pytest.mark.parametrize("situation", SITUATIONS)
def test_an_area_is_its_signal_what_it_shares_and_its_noise(situation):
    """By loops over the same draws: the weights of both, the signal, the noise."""
    rng = np.random.default_rng(7)
    common, shown = rng.normal(size=(IMAGES, 6)), module._order(rng)
    series = {name: rng.normal(size=(3 * IMAGES, 6)) for name in NOTHING}
    found = module._area(situation, common, series, shown, np.random.default_rng(8))
    draw = np.random.default_rng(8)
    weights = draw.normal(size=(2, 6, 12)) / 6**0.5
    latent, noise = draw.normal(size=(IMAGES, 6)), draw.normal(size=(3, IMAGES, 12))
    for repeat, image in ((0, 0), (1, 7), (2, 99)):
        own = latent[image] @ weights[0]
        if situation == PLANTED:
            parts = [(0.1, own), (0.2, common[image] @ weights[1]), (0.7, noise[repeat, image])]
        else:
            other = series[situation][shown[repeat, image]] @ weights[1]
            share = 0.0 if situation == NOISE else 0.35
            parts = [(0.3, own), (share, other), (0.7 - share, noise[repeat, image])]
        expected = sum(np.sqrt(variance) * part for variance, part in parts)
        np.testing.assert_allclose(found[repeat, image], expected)


def blocks(recording, person):
    """Responses by situation, shape (areas, repeats, images, voxels)."""
    _, single, names = recording.subjects[person]
    parts = single.reshape(REPEATS, IMAGES, len(names), 12).transpose(2, 0, 1, 3)
    return {s: parts[[name.startswith(f"{s}/") for name in names]] for s in SITUATIONS}


def alike(one, other):
    """Correlation of the kernels of two areas, over pairs of images."""
    rows = [part.mean(axis=0) - part.mean(axis=(0, 1)) for part in (one, other)]
    upper = np.triu_indices(IMAGES, 1)
    return np.corrcoef(*((part @ part.T)[upper] for part in rows))[0, 1]


def test_areas_share_a_signal_in_both_people_or_noise_in_one(drawn):
    one, other = blocks(drawn, 0), blocks(drawn, 1)
    pairs = [(a, b) for a in range(AREAS) for b in range(AREAS) if a != b]
    within = {s: np.mean([alike(one[s][a], one[s][b]) for a, b in pairs]) for s in SITUATIONS}
    between = {s: np.mean([alike(one[s][a], other[s][b]) for a, b in pairs]) for s in SITUATIONS}
    for situation in (PLANTED, DRIFT, TREND):
        assert within[situation] > 0.04
    assert abs(within[NOISE]) < 0.03
    assert between[PLANTED] > 0.1
    for situation in (NOISE, TRIAL):
        assert abs(between[situation]) < 0.03


def test_trials_are_in_the_order_of_time():
    order = module._order(np.random.default_rng(0))
    assert order.shape == (REPEATS, IMAGES)
    assert (np.diff(order, axis=0) > 0).all()
    assert sorted(order.ravel().tolist()) == list(range(REPEATS * IMAGES))


def test_what_areas_share_is_slow_a_line_or_white():
    shared = {s: module._shared(s, np.random.default_rng(1)) for s in NOTHING}
    assert not shared[NOISE].any()
    for situation, memory in ((TRIAL, 0.0), (DRIFT, 0.98)):
        series = shared[situation]
        found = np.mean(series[1:] * series[:-1]) / np.mean(series**2)
        assert found == pytest.approx(memory, abs=0.06)
    line = shared[TREND] / shared[TREND][-1]
    np.testing.assert_allclose(line, np.tile(np.linspace(-1, 1, 300)[:, None], 6), atol=1e-12)
    ends = np.random.default_rng(1)
    ends.normal(size=(300, 6))
    np.testing.assert_allclose(shared[TREND][-1], np.sqrt(3) * ends.normal(size=6))
