"""What is drawn of simulated brains, step by step, from the same random numbers."""

import numpy as np
import pytest

from stages.core.names.aal import AAL_NAMES
from stages.simulate.story import brain
from stages.simulate.story.atlas import Region
from stages.simulate.story.brain import Anatomy, make_anatomy, measure, voxel_signal
from stages.simulate.story.timetable import Run

TRS = (150, 31)
PLACES = {
    "Angular_L": (-3.0, -61.0, 36.0),
    "Angular_R": (3.0, -60.0, 39.0),
    "Precuneus_L": (-4.0, -60.0, 36.0),
    "Cuneus_L": (-3.0, -101.0, 10.0),
}


@pytest.fixture
def runs(monkeypatch):
    monkeypatch.setattr(brain, "RUNS", [Run(n, 1) for n in TRS])


def place_of(indices):
    """Millimetres of a voxel of 3 mm, whose indices begin at 1."""
    x, y, z = indices
    return np.array([81 - 3 * x, 3 * y - 115, 3 * z - 53])


def is_inside(place):
    x, y, z = place
    return (x / 65) ** 2 + ((y + 18) / 82) ** 2 + ((z - 10) / 55) ** 2 <= 1


def test_regions_are_the_free_voxels_next_to_a_centre_that_varies(monkeypatch):
    """Two at the midline, each on its side, one where another is, and one at the border."""
    monkeypatch.setattr(brain, "UNLABELLED_VOXELS", 40)
    sizes = dict(zip(PLACES, (30, 20, 25, 30), strict=True))
    regions = [Region(name, centre, None) for name, centre in PLACES.items()]
    found = make_anatomy(regions, list(sizes.values()), np.random.default_rng(3))
    rng = np.random.default_rng(3)
    shape = tuple(size + int(rng.integers(-1, 2)) for size in (53, 63, 46))
    assert found.shape == shape
    box = np.indices((15, 27, 28)).reshape(3, -1) + np.array([[20], [1], [13]])
    free = {tuple(one) for one in box.T.tolist() if is_inside(place_of(one))}
    for name, centre in PLACES.items():
        middle, side = np.array(centre) + rng.normal(0, 2, 3), np.sign(centre[0])
        own = sorted(one for one in free if side * (81 - 3 * one[0]) > 0)
        own.sort(key=lambda one: ((place_of(one) - middle) ** 2).sum())
        labelled = found.coordinates[found.labels == AAL_NAMES.index(name) + 1]
        assert {tuple(one) for one in labelled.tolist()} == set(own[: sizes[name]])
        free -= set(own[: sizes[name]])
    assert (found.labels == 0).sum() == 40
    assert len(found.labels) == 145
    assert not (np.diff(found.labels) >= 0).all(), "columns are in no order"


def test_every_voxel_of_the_ellipsoid_may_be_taken(monkeypatch):
    rng = np.random.default_rng(8)
    shape = [size + int(rng.integers(-1, 2)) for size in (53, 63, 46)]
    inside = is_inside(place_of(np.indices(shape) + 1))
    monkeypatch.setattr(brain, "UNLABELLED_VOXELS", int(inside.sum()))
    found = make_anatomy([], [], np.random.default_rng(8))
    expected = set(map(tuple, (np.argwhere(inside) + 1).tolist()))
    assert set(map(tuple, found.coordinates.tolist())) == expected


def test_the_affine_says_where_a_voxel_lies():
    voxel = (10, 20, 30)
    assert (brain.AFFINE @ [*voxel, 1]).tolist() == [*place_of(voxel), 1]


def test_sizes_of_the_volume_vary_by_one():
    shapes = np.array([make_anatomy([], [], np.random.default_rng(k)).shape for k in range(16)])
    for sizes, usual in zip(shapes.T, (53, 63, 46), strict=True):
        assert set(sizes.tolist()) == {usual - 1, usual, usual + 1}


def test_a_voxel_is_a_baseline_and_what_varies_around_it(monkeypatch):
    """A region that is driven, one that is not, and voxels without a label."""
    labels = np.array([0, 5, 5, 0, 9])
    anatomy = Anatomy((5, 5, 5), np.ones((5, 3), dtype=int), labels)
    parts = {name: np.random.default_rng(k).random((7, 5)) for k, name in enumerate("dsnv")}
    monkeypatch.setattr(brain, "drift", lambda n, _: parts["d"][:, :n])
    monkeypatch.setattr(brain, "spikes", lambda n, _: parts["s"][:, :n])
    monkeypatch.setattr(brain, "region_noise", lambda n, r, _: r * parts["n"][:, :n])
    monkeypatch.setattr(brain, "voxel_signal", lambda c, n, _: c[:, :1] * parts["v"][:, :n])
    courses = {AAL_NAMES[4]: np.full((7, 2), 3.0), AAL_NAMES[-1]: np.full((7, 2), 99.0)}
    found = measure(anatomy, courses | {AAL_NAMES[8]: None}, 0.5, 0.25, np.random.default_rng(6))
    assert found.dtype == np.float32
    baseline = np.random.default_rng(6).uniform(500, 1000, 5)
    for voxel, (label, place) in enumerate(zip(labels, (0, 0, 1, 1, 0), strict=True)):
        varying = parts["d"][:, voxel] + parts["s"][:, voxel] + 0.25 * parts["n"][:, place]
        if label == 5:
            varying += 0.5 * 3 * parts["v"][:, place]
        expected = np.round(baseline[voxel] * (1 + 0.012 * varying), 2)
        np.testing.assert_allclose(found[:, voxel], expected, rtol=1e-6)


def test_six_tenths_of_the_signal_are_a_voxels_own():
    courses = np.random.default_rng(1).standard_normal((11, 4))
    found = voxel_signal(courses, 3, np.random.default_rng(2))
    weights = np.random.default_rng(2).standard_normal((3, 3))
    for voxel in range(3):
        own = weights[:, voxel] / np.sqrt((weights[:, voxel] ** 2).sum())
        expected = np.sqrt(0.4) * courses[:, 0] + np.sqrt(0.6) * (courses[:, 1:] @ own)
        np.testing.assert_allclose(found[:, voxel], expected)


@pytest.mark.usefixtures("runs")
def test_noise_begins_anew_in_every_run_and_is_half_shared():
    found = brain.region_noise(3, 0.6, np.random.default_rng(4))
    rng, made = np.random.default_rng(4), []
    for n_series in (3, 1):
        series = []
        for n in TRS:
            steps = rng.standard_normal((n, n_series))
            values = [steps[0]]
            for step in steps[1:]:
                values.append(0.6 * values[-1] + 0.8 * step)
            series += values
        made.append(np.array(series))
    np.testing.assert_allclose(found, np.sqrt(0.5) * made[1] + np.sqrt(0.5) * made[0])


@pytest.mark.usefixtures("runs")
def test_drift_is_a_line_and_cosines_slower_than_four_minutes():
    """Of 300 seconds: half a period and a whole one are slower than 240, with one and a half not.

    Of 62 seconds none is, since half a period of 120 seconds or less would take no more than 60.
    """
    found = brain.drift(2, np.random.default_rng(5))
    rng, expected = np.random.default_rng(5), []
    for n, orders in zip(TRS, ((1, 2), ()), strict=True):
        line = [-1 + 2 * k / (n - 1) for k in range(n)]
        courses = [line] + [
            [np.cos(np.pi * order * (k + 0.5) / n) for k in range(n)] for order in orders
        ]
        weights = rng.standard_normal((len(courses), 2)) / np.sqrt(len(courses))
        expected.append(np.transpose(courses) @ weights)
    np.testing.assert_allclose(found, np.concatenate(expected), atol=1e-12)


@pytest.mark.usefixtures("runs")
def test_three_spikes_in_every_run_fade_by_half():
    found = brain.spikes(4, np.random.default_rng(6))
    rng, series = np.random.default_rng(6), []
    for n in TRS:
        at = rng.choice(n, 3, replace=False)
        sizes = dict(zip(at.tolist(), rng.normal(0, 2.5, 3), strict=True))
        last = 0.0
        for k in range(n):
            last = 0.5 * last + sizes.get(k, 0.0)
            series.append(last)
    np.testing.assert_allclose(found, np.outer(series, rng.normal(1, 0.5, 4)), atol=1e-12)
