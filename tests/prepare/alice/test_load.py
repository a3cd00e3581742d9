import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.names.story_regions import ALICE_REGIONS
from stages.core.recording.checks import check_recording
from stages.core.recording.types import Cleaning
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.core.time.cleaning import clean
from stages.prepare.alice.load import (
    load_alice,
    prepare_subject,
    read_time_courses,
    scan_table,
    signal_change,
    word_table,
)
from tests.conftest import PROJECT

RAW = PROJECT / "data" / "raw" / "alice"
CLEANING = Cleaning(detrend=True, high_pass=128.0, standardize=True)


@pytest.fixture
def files(mirror, monkeypatch):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    return fetch(RAW)


def test_published_recording(files, prepare, caplog):
    recording = load_alice(files, prepare(high_pass=128.0))
    check_recording(recording, "alice")
    names = [subject.name for subject in recording.subjects]
    assert (len(names), names[0], names[-1]) == (28, "s18", "group")
    assert "s33" not in names
    assert "s33 excluded: 6 of 6 targets constant within a run: LATL, RATL" in caplog.text
    assert {subject.responses.shape for subject in recording.subjects} == {(362, 6)}
    assert recording.subjects[0].targets["hemisphere"].tolist() == list("LRLLLL")
    words = recording.stimuli
    assert words["text"].tolist()[:4] == ["Alice", "was", "beginning", "to"]
    assert words.loc[0, ["onset", "sample"]].tolist() == [pytest.approx(20.0589, abs=1e-4), "t0000"]
    # The whole TextGrid has 2,127 words; a mirror may hold a copy that ends 24 words earlier.
    assert len(words) in (2103, 2127)
    assert (words["sample"] != "").all()
    assert not words["text"].str.contains(r"^sp$|^$|\s").any()
    assert len(recording.sources) == 29


def test_published_values_are_cleaned_as_core_does_it(files, prepare):
    recording = load_alice(files, prepare(high_pass=128.0, subjects=["s22"]))
    raw = np.loadtxt(files["alice2016/roi_10mm/s22-timecourses.txt"])
    expected = clean(raw, np.zeros(362), 2.0, CLEANING)
    np.testing.assert_allclose(recording.subjects[0].responses, expected, rtol=1e-4, atol=1e-5)
    assert [one.name for one in recording.subjects] == ["s22"]  # of one person there is no average


def test_unknown_subject(files, prepare):
    with pytest.raises(InputError, match=r"unknown subject in .*got 's19'\. Did you mean"):
        load_alice(files, prepare(subjects=["s19"]))


def test_only_the_corrupt_subject(files, prepare):
    with pytest.raises(InputError, match="no usable subject in alice"):
        load_alice(files, prepare(subjects=["s33"]))


def test_no_smoothing(prepare):
    with pytest.raises(InputError, match=r"no voxels to smooth in .*expected 0 for alice"):
        load_alice({}, prepare(smoothing=6.0))


def test_scans_begin_at_twenty_seconds():
    samples = scan_table()
    assert len(samples) == 362
    assert samples["onset"].iloc[[0, 1, 361]].tolist() == [20.0, 22.0, 742.0]


def test_words_outside_the_scans_have_no_sample():
    words = pd.DataFrame(
        {"text": list("abcd"), "onset": [19.9, 20.0, 743.9, 744.0], "duration": 0.2}
    )
    assert word_table(words, scan_table())["sample"].tolist() == ["", "t0000", "t0361", ""]


def test_constant_region_is_dropped_by_name(rng, caplog):
    caplog.set_level("INFO")
    courses = rng.normal(100, 1, (362, 6))
    courses[:, 3] = 100.0
    subject = prepare_subject("s18", courses, CLEANING)
    assert subject.targets["region"].tolist() == [name for name in ALICE_REGIONS if name != "LIPL"]
    assert caplog.messages == ["s18: 1 of 6 targets dropped, constant within a run: LIPL"]


@pytest.mark.parametrize("shape", [(361, 6), (362, 5)])
def test_time_courses_of_another_shape(tmp_path, shape):
    np.savetxt(tmp_path / "s18.txt", np.zeros(shape))
    with pytest.raises(InputError, match=r"wrong shape in .*s18\.txt: expected \(362, 6\), got"):
        read_time_courses(tmp_path / "s18.txt")


def test_time_courses_that_are_text(tmp_path):
    (tmp_path / "s18.txt").write_text("404: Not Found")
    with pytest.raises(InputError, match=r"unreadable time courses in .*s18\.txt"):
        read_time_courses(tmp_path / "s18.txt")


def test_the_group_averages_per_cent_signal_change(files, mirror, prepare):
    """By hand, over 27 people: raw courses over their mean, averaged, cleaned."""
    folder = mirror / "alice2016" / "roi_10mm"
    courses = [np.loadtxt(path) for path in sorted(folder.glob("*.txt")) if "s33" not in path.name]
    change = np.mean([100 * (raw / raw.mean(axis=0) - 1) for raw in courses], axis=0)
    params = prepare(high_pass=128.0)
    group = load_alice(files, params).subjects[-1]
    expected = clean(change, np.ones(362), 2.0, Cleaning(params.detrend, 128.0, True))
    assert group.name == "group"
    assert_allclose(group.responses, expected, atol=1e-4)


def test_a_region_that_a_subject_lacks_is_averaged_over_the_others():
    rng = np.random.default_rng(0)
    raw = {name: rng.uniform(90, 110, (362, 6)) for name in ("a", "b")}
    cleaning = Cleaning(True, 0.0, True)
    subjects = [prepare_subject(name, values, cleaning) for name, values in raw.items()]
    raw["b"][:, 2] = 7.0
    subjects[1] = prepare_subject("b", raw["b"], cleaning)
    average = signal_change(subjects, raw)
    change = {name: 100 * (values / values.mean(axis=0) - 1) for name, values in raw.items()}
    assert_allclose(average[:, 2], change["a"][:, 2])
    assert_allclose(average[:, 4], (change["a"][:, 4] + change["b"][:, 4]) / 2)


def test_a_region_that_nobody_has_is_constant(rng):
    courses = rng.uniform(90, 110, (362, 6))
    courses[:, 1] = 3.0
    subject = prepare_subject("a", courses, CLEANING)
    average = signal_change([subject], {"a": courses})
    assert not average[:, 1].any()
    assert_allclose(average[:, 0], 100 * (courses[:, 0] / courses[:, 0].mean() - 1))


def test_a_file_of_one_line_is_told_as_one_row(tmp_path):
    (tmp_path / "s18.txt").write_text("1 2 3 4 5 6")
    with pytest.raises(InputError, match=r"got \(1, 6\)"):
        read_time_courses(tmp_path / "s18.txt")
