"""The small release, and the published one with its traps."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.io import loadmat
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from stages.core.names.story_regions import PMC_VOXELS, SHERLOCK_REGIONS
from stages.core.params.schema import PrepareStory
from stages.core.recording.checks import check_recording
from stages.core.recording.recording_files import read_recording, write_recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.core.stats.reliability import spearman_brown
from stages.core.time.timeline import aligner, word_rows
from stages.prepare.sherlock.film_recording import COURSES, SEGMENTS, load_sherlock
from tests.conftest import PROJECT
from tests.prepare.sherlock.film_release import SCANS, release, save_segments, segment_rows

RAW = PROJECT / "data" / "raw" / "sherlock2017"


def voxels_of(subject):
    return subject.targets.index[subject.targets["region"] == PMC_VOXELS]


def test_a_small_release(tmp_path, monkeypatch, rng, prepare, caplog):
    caplog.set_level("INFO")
    files, data = release(tmp_path, monkeypatch, rng)
    recording = load_sherlock(files, prepare(detrend=False))
    check_recording(recording, "sherlock2017")
    assert (recording.kind, recording.tr, recording.shifted) == ("timeseries", 1.5, 4.5)
    assert [subject.name for subject in recording.subjects] == ["s1", "s2", "s3"]
    assert len(recording.samples) == sum(SCANS) - 5
    assert "the last 5 of 70 scans are left out for everybody: s2" in caplog.text
    assert recording.samples.groupby("run")["onset"].agg(["min", "max"]).to_numpy().tolist() == [
        [0, 43.5],
        [0, 51.0],
    ]
    one, _, three = recording.subjects
    assert one.targets["region"].tolist() == list(SHERLOCK_REGIONS)
    assert one.affine is None
    assert three.targets["region"].tolist()[6:] == [PMC_VOXELS] * 10
    assert three.shape == (4, 3, 2)
    second = data[4, 30:65]
    expected = (second - second.mean()) / second.std()
    assert_allclose(three.responses[30:, 6 + 4], expected, rtol=1e-4)
    assert three.targets.loc[6 + 4, ["i", "j", "k"]].tolist() == [2, 1, 0]
    assert len(recording.sources) == 9
    write_recording(tmp_path / "out", recording)
    assert read_recording(tmp_path / "out").shifted == 4.5


def test_without_the_person_who_lacks_scans_all_are_kept(tmp_path, monkeypatch, rng, prepare):
    files, _ = release(tmp_path, monkeypatch, rng)
    recording = load_sherlock(files, prepare(subjects=["s3", "s1"]))
    assert len(recording.samples) == sum(SCANS)
    assert [subject.name for subject in recording.subjects] == ["s1", "s3"]


def test_no_smoothing_and_nobody_else(tmp_path, monkeypatch, rng, prepare):
    files, _ = release(tmp_path, monkeypatch, rng)
    with pytest.raises(InputError, match=r"not smoothed in .*expected 0 for sherlock2017"):
        load_sherlock(files, prepare(smoothing=6.0))
    with pytest.raises(InputError, match="unknown subject"):
        load_sherlock(files, prepare(subjects=["s18"]))


def test_segments_of_one_run_of_two(tmp_path, monkeypatch, rng, prepare):
    files, _ = release(tmp_path, monkeypatch, rng)
    save_segments(files[SEGMENTS], segment_rows()[:10])
    with pytest.raises(InputError, match=r"segments of other runs .*expected 1, 2, got 1"):
        load_sherlock(files, prepare())


@pytest.fixture(scope="module")
def published(mirror):
    """The published recording, as its default preparation leaves it but for slow drifts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONCORD_DATA_MIRROR", str(mirror))
        settings = PrepareStory(subjects="all", detrend=False, high_pass=0.0, smoothing=0.0)
        recording = load_sherlock(fetch(RAW), settings)
    check_recording(recording, "sherlock2017")
    return recording


def test_published_counts(published):
    assert len(published.subjects) == 17
    assert len(published.stimuli) == 1000
    kept = published.samples.groupby("run")["id"].agg(["first", "last"])
    assert kept.to_numpy().tolist() == [["tr0027", "tr0946"], ["tr0973", "tr1925"]]
    with_voxels = [one.name for one in published.subjects if len(voxels_of(one))]
    assert with_voxels == ["s2", "s6", "s12", "s17"]
    assert {len(voxels_of(one)) for one in published.subjects} == {0, 481}
    outside = published.stimuli.index[published.stimuli["sample"] == ""] + 1
    assert {481, 482} < set(outside)
    assert set(outside) == {*range(1, 8), 481, 482, *range(483, 490), *range(972, 1001)}


def test_published_regions_follow_the_film_together(published, mirror):
    for at, (region, value) in enumerate(
        zip(SHERLOCK_REGIONS, (0.93, 0.93, 0.84, 0.73, 0.77, 0.66), strict=True)
    ):
        series = np.stack([one.responses[:, at] for one in published.subjects])
        r = np.corrcoef(series)[np.triu_indices(17, 1)].mean()
        assert spearman_brown(r, 17) == pytest.approx(value, abs=0.02)
        stored = loadmat(mirror / COURSES.format(region))
        others = [np.delete(stored["roitc"], n, axis=1).mean(axis=1) for n in range(17)]
        ours = [np.corrcoef(stored["roitc"][:, n], others[n])[0, 1] for n in range(17)]
        assert_allclose(ours, stored["roicorr"].ravel(), atol=1e-12)


def test_neighbours_are_alike_in_no_other_order(published):
    subject = next(one for one in published.subjects if one.name == "s2")
    columns = voxels_of(subject)
    alike = 1 - pdist(subject.responses[:, columns].T, "correlation")
    places = subject.targets.loc[columns, ["i", "j", "k"]].to_numpy(float)
    assert spearmanr(pdist(places), alike)[0] < -0.5
    wrong = places[np.lexsort(places.T[::-1])]
    assert spearmanr(pdist(wrong), alike)[0] > -0.2


def test_the_mean_voxel_is_the_region(published):
    subject = next(one for one in published.subjects if one.name == "s17")
    mean = subject.responses[:, voxels_of(subject)].mean(axis=1)
    region = subject.responses[:, SHERLOCK_REGIONS.index("pmc_nn")]
    assert np.corrcoef(mean, region)[0, 1] > 0.999


def test_speech_is_heard_when_it_is_on_and_not_later(published):
    """What early auditory cortex hears is there without a lag; with a lag, less of it is."""
    heard = np.mean([one.responses[:, 0] for one in published.subjects], axis=0)
    speech = published.nuisance[["speech"]].to_numpy()
    rows, found = word_rows(published.stimuli), {}
    for name, shifted, delay in (("here", 4.5, 0), ("later", 4.5, 3), ("convolved", 0.0, 0)):
        line = dataclasses.replace(published.timeline, shifted=shifted)
        series = aligner(line, rows, "glover", [delay], centre=False)(speech)[:, 0]
        found[name] = np.corrcoef(series, heard)[0, 1]
    assert found["here"] == pytest.approx(0.54, abs=0.03)
    assert max(found["later"], found["convolved"]) < found["here"] - 0.15


def test_published_annotations(published):
    features = published.features.set_index("id")
    assert features["Speech/any"].sum() == 698
    assert features["Music/any"].sum() == 590
    assert features["Visual/outdoor"].sum() == 264
    assert features["Visual/words_on_screen"].sum() == 37
    assert features["Speech/John"].sum() == 190
    assert "Characters/Nobody" in features
    assert features["Emotion/arousal"].between(1, 5).all()
    assert features["Emotion/valence"].between(-1, 1).all()
