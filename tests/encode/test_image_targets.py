"""Which voxels are predicted: those whose training images say that they are reliable."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from stages.core.stats.averaged_noise import ncsnr_of_averages, noise_ceiling
from stages.encode.image_folds import image_folds
from stages.encode.image_targets import gather_voxels, share_error, shown_rows
from tests.encode.image_recordings import SHARED, make_layers, make_recording, settings


@pytest.fixture
def recording(rng):
    return make_recording(make_layers(rng), rng, signal=2.0)


def gather(recording, subject, **changes):
    rows = shown_rows(recording, subject)
    return gather_voxels(
        subject, image_folds(rows < SHARED, 3, 0), settings(**changes).encode_scene
    )


def test_voxels_are_those_of_the_regions_in_order(recording):
    subject = recording.subjects[0]
    voxels = gather(recording, subject, least_ncsnr=0.0)
    assert voxels.regions == {"V1": slice(0, 12), "FFC": slice(12, 24), "A1": slice(24, 36)}
    np.testing.assert_array_equal(voxels.series, subject.responses)
    assert voxels.ids == subject.targets["id"].tolist()


def test_noise_is_left_out_by_the_training_images(recording, caplog):
    caplog.set_level(logging.INFO)
    voxels = gather(recording, recording.subjects[0], least_ncsnr=1.2)
    assert list(voxels.regions) == ["V1", "FFC"]
    assert "region A1 of subject subj0 left out: 0 of 12 voxels are reliable" in caplog.text


def test_the_images_that_are_tested_do_not_say_which_voxels_are_reliable(recording, rng):
    subject = recording.subjects[0]
    before = gather(recording, subject, least_ncsnr=1.8)
    other = subject.responses.copy()
    other[:SHARED] *= rng.uniform(0, 3, other.shape[1]).astype(np.float32)
    after = gather(recording, replace(subject, responses=other), least_ncsnr=1.8)
    assert after.ids == before.ids
    assert 0 < len(before.ids) < len(subject.targets)


def test_ceilings_are_those_of_the_repeats_that_are_tested(recording):
    subject = recording.subjects[0]
    repeats = np.where(np.arange(len(subject.samples)) < SHARED, 1, 5)
    few = replace(subject, samples=subject.samples.assign(repeats=repeats))
    found = gather(recording, few, least_ncsnr=0.0).ceilings
    np.testing.assert_allclose(found[:24], noise_ceiling(np.full(24, 2.0), np.ones(9, int)))
    np.testing.assert_array_equal(found[24:], 0)


def test_a_recording_that_does_not_say_how_reliable_voxels_are_keeps_all(recording):
    subject = recording.subjects[0]
    unknown = replace(subject, targets=subject.targets.drop(columns="ncsnr"))
    voxels = gather(recording, unknown, least_ncsnr=50.0)
    assert len(voxels.ids) == len(subject.targets)
    assert np.isnan(voxels.ceilings).all()


def test_nobody_is_left_of_whom_all_is_noise(rng):
    recording = make_recording(make_layers(rng), rng, signal=0.0)
    assert gather(recording, recording.subjects[0], least_ncsnr=1.5) is None


def test_few_repeats_leave_out_no_voxel_since_chance_would_choose(recording, caplog):
    subject = recording.subjects[0]
    repeats = np.where(np.arange(len(subject.samples)) % 10 == 0, 2, 1)
    few = replace(subject, samples=subject.samples.assign(repeats=repeats))
    assert len(gather(recording, few, least_ncsnr=1.2).ids) == len(subject.targets)
    assert "all voxels of subject subj0 kept: too few repeats" in caplog.text
    once = replace(subject, samples=subject.samples.assign(repeats=1))
    assert len(gather(recording, once, least_ncsnr=1.2).ids) == len(subject.targets)


def test_the_error_is_how_much_shares_of_noise_vary(rng):
    repeats = rng.integers(1, 4, 200)
    noise = rng.standard_normal((200, 4000)) / np.sqrt(repeats)[:, None]
    left = np.mean(1 / repeats)
    shares = (noise.var(axis=0, ddof=1) - left) / (1 - left)
    # Unequal repeats make the variance vary a little more.
    assert share_error(repeats) == pytest.approx(shares.std(), rel=0.25)
    ratio = ncsnr_of_averages(left * np.ones(1) + share_error(repeats) * (1 - left), repeats)
    assert ratio**2 / (1 + ratio**2) == pytest.approx(share_error(repeats))
