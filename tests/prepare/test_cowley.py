"""Macaque V4: counts, repeats and images as they were published, and damaged files."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.prepare.cowley import (
    IMAGES,
    RESPONSES,
    load_v4,
    read_counts,
    read_zip,
    stimulus_table,
    unit_responses,
)
from stages.prepare.scenes import write_scenes
from tests.conftest import PROJECT


@pytest.fixture
def files(mirror, monkeypatch):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    return fetch(PROJECT / "data" / "raw" / "v4_cowley2023")


@pytest.fixture
def counts(rng):
    """Counts in the shape of the release, with six to ten repeats."""
    made = rng.poisson(3.0, (50, 640, 10)).astype(float)
    made[:, np.arange(10) >= rng.integers(6, 11, 640)[:, None]] = np.nan
    return made


@pytest.fixture
def saved(tmp_path):
    def save(counts):
        np.save(tmp_path / "counts.npy", counts)
        return tmp_path / "counts.npy"

    return save


def test_the_recording_is_that_of_the_release(files, tmp_path):
    scenes = load_v4(files, "all")
    write_scenes(tmp_path, scenes)
    read = read_recording(tmp_path)
    assert (read.dataset, read.kind) == ("v4_cowley2023", "events")
    (monkey,) = read.subjects
    assert monkey.name == "PE"
    assert monkey.responses.shape == (640, 50)
    assert monkey.targets["region"].unique().tolist() == ["V4"]
    numbers = monkey.samples["repeats"].value_counts().sort_index()
    assert numbers.to_dict() == {6: 36, 7: 261, 8: 294, 9: 45, 10: 4}
    assert set(read.sources) == {RESPONSES, IMAGES}
    with open_images(tmp_path / "images.hdf5", read.stimuli["id"]) as images:
        assert images.shape == (640, 112, 112, 3)


def test_responses_are_means_of_standardised_counts(files):
    (monkey,) = load_v4(files, "all").recording.subjects
    raw = np.load(files[RESPONSES])
    for unit in (0, 31):
        standard = (raw[unit] - np.nanmean(raw[unit])) / np.nanstd(raw[unit])
        np.testing.assert_allclose(
            monkey.responses[:, unit], np.nanmean(standard, axis=1), atol=1e-6
        )


def test_ceilings_are_those_of_the_noise_of_every_image(files):
    """Noise and repeats differ by image: what is left in each mean, without pooling."""
    (monkey,) = load_v4(files, "all").recording.subjects
    raw = np.load(files[RESPONSES])
    shown = (~np.isnan(raw[0])).sum(axis=1)
    left = (np.nanvar(raw, axis=2, ddof=1) / shown).mean(axis=1)
    reliability = 1 - left / np.nanmean(raw, axis=2).var(axis=1, ddof=1)
    np.testing.assert_allclose(monkey.targets["ceiling"] ** 2, reliability, atol=0.012)
    assert np.median(monkey.targets["ceiling"] ** 2) == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda counts: counts[:, :600], "wrong shape .*expected .50, 640, 10."),
        (lambda counts: counts + 0.5, "no spike counts"),
        (lambda counts: counts - 4, "no spike counts"),
        (lambda counts: counts[:, :, ::-1], "repeats missing"),
        (lambda counts: np.where(np.arange(10) < 1, counts, np.nan), "repeats missing"),
        (
            lambda counts: np.where(np.arange(50)[:, None, None] == 3, np.nan, counts),
            "repeats missing",
        ),
    ],
)
def test_damaged_counts_are_refused(counts, saved, change, message):
    assert read_counts(saved(counts)).shape == (50, 640, 10)
    with pytest.raises(InputError, match=message):
        read_counts(saved(change(counts)))


def test_images_that_were_shown_twice_are_enough(counts, saved):
    counts[:, 9:, 2:] = np.nan
    found = read_counts(saved(counts.astype(np.float32)))
    np.testing.assert_array_equal(found, counts)
    assert found.dtype == np.float64


def test_units_are_standardised_over_all_trials(rng):
    """Of three units, of which the second counts ten times as much, by loops."""
    counts = rng.poisson(4.0, (3, 60, 4)) * np.array([1.0, 10, 1])[:, None, None]
    counts[:, 25:, 3] = np.nan
    monkey = unit_responses(counts, [f"i{at}" for at in range(60)])
    for unit, own in enumerate(counts):
        trials = own[~np.isnan(own)]
        for image, told in enumerate(own):
            mean = (told[~np.isnan(told)].mean() - trials.mean()) / trials.std()
            assert monkey.responses[image, unit] == pytest.approx(mean, abs=1e-6)
    assert (monkey.name, monkey.responses.dtype) == ("PE", np.float32)
    assert monkey.targets["id"].tolist() == ["unit_01", "unit_02", "unit_03"]
    assert monkey.samples["repeats"].tolist() == [4] * 25 + [3] * 35
    assert monkey.samples["id"].iloc[[0, 59]].tolist() == ["i0", "i59"]
    counts[1][~np.isnan(counts[1])] = 2
    with pytest.raises(InputError, match="constant unit .*got unit 2"):
        unit_responses(counts, [f"i{at}" for at in range(60)])


def test_images_are_stimuli_and_samples():
    assert stimulus_table(["image0001", "image0002"]).to_numpy().tolist() == [
        ["image0001", "image0001", "1", 0.0, 1.0, "image0001"],
        ["image0002", "image0002", "1", 1.0, 1.0, "image0002"],
    ]


def test_pickles_are_refused(saved):
    with pytest.raises(InputError, match="unreadable responses"):
        read_counts(saved(np.array([{"a": 1}], dtype=object)))


def test_a_unit_that_never_changes_is_refused(files, counts, saved):
    counts[7][~np.isnan(counts[7])] = 2
    with pytest.raises(InputError, match="constant unit .*got unit 8"):
        load_v4({**files, RESPONSES: saved(counts)}, "all")


@pytest.mark.parametrize("names", [["image0002.jpg"], ["image0001.jpg", "a.txt"], ["../a.jpg"]])
def test_other_images_are_refused(tmp_path, names):
    Image.new("RGB", (8, 8), (1, 2, 3)).save(tmp_path / "one.jpg")
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        for name in names:
            archive.write(tmp_path / "one.jpg", name)
    with pytest.raises(InputError, match="unexpected image .*expected image000"):
        read_zip(tmp_path / "images.zip")


def test_images_that_are_too_few_or_damaged_are_refused(files, tmp_path):
    Image.new("RGB", (8, 8), (1, 2, 3)).save(tmp_path / "one.jpg")
    path = tmp_path / "images.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(tmp_path / "one.jpg", "image0001.jpg")
    with pytest.raises(InputError, match="images without responses .*expected 640 images, got 1"):
        load_v4({**files, IMAGES: path}, "all")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match="unreadable images"):
        read_zip(path)


def test_an_animal_that_is_not_there_is_refused(files):
    with pytest.raises(InputError, match="unknown subject .*got 'WE'"):
        load_v4(files, ["WE"])
