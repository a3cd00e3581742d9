import numpy as np
import pytest

from stages.core.names.aal import AAL_NAMES
from stages.core.recording.types import Cleaning
from stages.core.time.cleaning import clean
from stages.simulate.story.atlas import REGIONS, TINY
from stages.simulate.story.brain import (
    AFFINE,
    OWN_SIGNAL,
    UNLABELLED_VOXELS,
    Anatomy,
    autoregressive,
    drift,
    make_anatomy,
    measure,
    region_noise,
    spikes,
    voxel_signal,
)
from stages.simulate.story.timetable import RUNS, volume_times

RUN = volume_times()["run"].to_numpy()


@pytest.fixture
def anatomy(rng):
    return make_anatomy([TINY, *REGIONS], [3, *range(60, 60 + len(REGIONS))], rng)


def label_of(name):
    return AAL_NAMES.index(name) + 1


def test_every_region_has_its_voxels_in_one_place(anatomy):
    place = anatomy.coordinates @ AFFINE[:3, :3].T + AFFINE[:3, 3]
    for size, region in enumerate(REGIONS, start=60):
        voxels = place[anatomy.labels == label_of(region.name)]
        assert len(voxels) == size
        assert np.linalg.norm(voxels.mean(axis=0) - region.centre) < 10
        assert np.linalg.norm(voxels - voxels.mean(axis=0), axis=1).max() < 20
        assert np.all((voxels[:, 0] < 0) == region.name.endswith("_L"))


def test_tiny_and_unlabelled_voxels_are_there(anatomy):
    assert (anatomy.labels == label_of("Pallidum_L")).sum() == 3
    assert (anatomy.labels == 0).sum() == UNLABELLED_VOXELS


def test_indices_count_from_1_inside_the_volume_and_are_unique(anatomy):
    assert anatomy.coordinates.min() >= 1
    assert np.all(anatomy.coordinates <= anatomy.shape)
    assert len(np.unique(anatomy.coordinates, axis=0)) == len(anatomy.labels)


def test_subjects_differ(rng):
    sizes = [60] * len(REGIONS)
    first, second = (make_anatomy(REGIONS, sizes, rng) for _ in range(2))
    assert not np.array_equal(first.labels, second.labels)
    assert not np.array_equal(first.coordinates, second.coordinates)


@pytest.mark.parametrize("autocorrelation", [0.0, 0.4, 0.9])
def test_noise_is_stationary_and_autocorrelated_within_runs(rng, autocorrelation):
    noise = autoregressive(300, autocorrelation, rng)
    assert np.allclose(noise[:5].var(), 1, atol=0.2)
    assert np.allclose(noise.var(), 1, atol=0.05)
    within = np.mean(noise[RUN == 1][1:] * noise[RUN == 1][:-1])
    across = np.mean(noise[RUN == 1][-1] * noise[RUN == 2][0])
    assert np.isclose(within, autocorrelation, atol=0.05)
    assert abs(across) < 0.25


def test_averaging_a_region_leaves_half_of_the_noise(rng):
    noise = region_noise(200, 0.2, rng)
    assert np.isclose(noise.var(axis=0).mean(), 1, atol=0.15)
    assert np.isclose(noise.mean(axis=1).var(), 0.5, atol=0.1)


def test_drift_is_removed_by_the_usual_high_pass(rng):
    slow = drift(10, rng)
    left = clean(slow, RUN, 2.0, Cleaning(True, 128.0, False))
    assert left.std() < 0.05 * slow.std()
    assert 0.3 < slow.std() < 2


def test_spikes_are_few_and_everywhere_at_once(rng):
    moved = np.abs(spikes(50, rng)) > 0.5
    assert 0 < moved.any(axis=1).mean() < 0.1
    assert np.linalg.matrix_rank(spikes(50, rng)) == 1


def test_voxels_share_a_part_of_the_signal_and_mix_the_rest_their_own_way(rng):
    courses = rng.standard_normal((704, 5))
    signal = voxel_signal(courses, 100, rng)
    shared = np.corrcoef(signal.T, courses[:, 0])[-1, :-1]
    assert np.allclose(shared, np.sqrt(1 - OWN_SIGNAL), atol=0.1)
    assert np.isclose(signal.var(), 1, atol=0.1)
    assert np.corrcoef(signal.mean(axis=1), courses[:, 0])[0, 1] > 0.98


def measured(anatomy, courses, signal, rng):
    """Cleaned mean of each region's voxels, by name."""
    data = measure(anatomy, courses, signal, 0.4, rng)
    cleaned = clean(data, RUN, 2.0, Cleaning(True, 128.0, True))
    return {
        region.name: cleaned[:, anatomy.labels == label_of(region.name)].mean(axis=1)
        for region in REGIONS
    }


def test_a_driver_moves_its_region_and_no_other(anatomy, rng):
    driven = REGIONS[0].name
    course = rng.standard_normal((704, 3))
    means = measured(anatomy, {driven: course}, 10.0, rng)
    r = {name: np.corrcoef(mean, course[:, 0])[0, 1] for name, mean in means.items()}
    assert r.pop(driven) > 0.9
    assert np.abs(list(r.values())).max() < 0.12


def test_without_signal_subjects_have_nothing_in_common(anatomy, rng):
    course = rng.standard_normal((704, 3))
    courses = {region.name: course for region in REGIONS}
    one, other = (measured(anatomy, courses, 0.0, rng) for _ in range(2))
    for name in one:
        assert abs(np.corrcoef(one[name], other[name])[0, 1]) < 0.15


def test_the_signal_is_common_to_subjects(anatomy, rng):
    courses = {REGIONS[0].name: rng.standard_normal((704, 3))}
    one, other = (measured(anatomy, courses, 3.0, rng)[REGIONS[0].name] for _ in range(2))
    assert np.corrcoef(one, other)[0, 1] > 0.8


def test_raw_signals_are_positive_and_of_a_realistic_size(anatomy, rng):
    data = measure(anatomy, {}, 0.5, 0.4, rng)
    assert data.dtype == np.float32
    assert data.shape == (sum(run.n_trs for run in RUNS), len(anatomy.labels))
    assert data.min() > 300
    assert 0.005 < np.median(data.std(axis=0) / data.mean(axis=0)) < 0.05


def test_raw_signals_have_two_digits(anatomy, rng):
    data = measure(anatomy, {}, 0.5, 0.4, rng)
    assert (data == data.astype(float).round(2).astype(np.float32)).all()


def test_the_seed_decides():
    still = Anatomy((5, 5, 5), np.array([[1, 2, 3], [2, 2, 2]]), np.array([0, 1]))
    first, again = (measure(still, {}, 0.5, 0.4, np.random.default_rng(3)) for _ in range(2))
    assert first.tobytes() == again.tobytes()
