import numpy as np
import pandas as pd
import pytest

from stages.core.recording.checks import check_recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.prepare.naturalstories import (
    READING_TIMES,
    WORDS,
    has_reading_times,
    join_words,
    load_naturalstories,
    noise_ceiling,
    read_rows,
)
from tests.conftest import PROJECT

RAW = PROJECT / "data" / "raw" / "naturalstories"
STATISTICS = ["nItem", "meanItemRT", "sdItemRT"]


@pytest.fixture
def files(tmp_path):
    """Two stories of three words, in the format and the disorder of the release."""
    words, times = tmp_path / "all_stories.tok", tmp_path / "processed_wordinfo.tsv"
    words.write_text(
        'word\tzone\titem\nIf\t1\t1\n"null\t2\t1\nNA\t3\t1\nOne\t1\t2\nday,\t2\t2\nhe\t3\t2\n'
    )
    times.write_text(
        "word\tzone\titem\tnItem\tmeanItemRT\tsdItemRT\tgmeanItemRT\tgsdItemRT\n"
        'NA\t3\t1\t80\t300\t100\t290\t1.4\n"null\t2\t1\t80\t400\t120\t390\t1.4\n'
        "If\t1\t1\t80\t500\t200\t480\t1.4\nhe\t3\t2\t80\t320\t100\t300\t1.4\n"
        "One\t1\t2\t80\t450\t150\t420\t1.4\nday,\t2\t2\t1\t\tNA\t\t\n"
    )
    return {WORDS: words, READING_TIMES: times}


def replace(path, old, new):
    content = path.read_text()
    assert content.count(old) == 1
    path.write_text(content.replace(old, new))


def test_published_recording(mirror, monkeypatch, prepare, caplog):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    caplog.set_level("INFO")
    recording = load_naturalstories(fetch(RAW), prepare())
    check_recording(recording, "naturalstories")
    assert (recording.kind, recording.tr, recording.cleaning) == ("events", None, None)
    assert len(recording.stimuli) == len(recording.samples) == 10256
    assert recording.stimuli["run"].unique().tolist() == [str(n) for n in range(1, 11)]
    assert recording.stimuli["text"].tolist()[:4] == ["If", "you", "were", "to"]
    (group,) = recording.subjects
    assert group.targets["region"].tolist() == ["reading_time"]
    assert 0.85 < group.targets.loc[0, "ceiling"] < 0.92
    assert group.responses.min() > np.log(200)
    nuisance = recording.nuisance
    assert nuisance["position"].max() == 1098
    within = nuisance["position"] > 0
    slower = np.corrcoef(group.responses[within, 0], nuisance["word_length"][within])[0, 1]
    assert slower > 0.1
    assert not caplog.messages


def test_small_recording(files, prepare, caplog):
    caplog.set_level("INFO")
    recording = load_naturalstories(files, prepare(subjects=["group"]))
    check_recording(recording, "naturalstories")
    assert recording.stimuli["id"].tolist() == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3"]
    assert recording.stimuli["text"].tolist() == ["If", '"null', "NA", "One", "day,", "he"]
    assert recording.stimuli["onset"].tolist() == [0, 1, 2, 0, 1, 2]
    assert recording.stimuli["sample"].tolist() == ["1.1", "1.2", "1.3", "2.1", "", "2.3"]
    assert recording.samples["id"].tolist() == ["1.1", "1.2", "1.3", "2.1", "2.3"]
    expected = np.log([500, 400, 300, 450, 320])
    np.testing.assert_allclose(recording.subjects[0].responses[:, 0], expected, rtol=1e-6)
    assert recording.nuisance["position"].tolist() == [0, 1, 2, 0, 1, 2]
    assert "1 of 6 words are no samples, timed on fewer than two readers: 2.2 day," in caplog.text
    assert sorted(recording.sources) == sorted([WORDS, READING_TIMES])


def test_words_that_nobody_was_timed_on(caplog):
    caplog.set_level("INFO")
    words = pd.DataFrame({"word": ["w"] * 9, "item": 1, "zone": range(1, 10)})
    times = pd.DataFrame(
        {"nItem": np.nan, "meanItemRT": np.nan, "sdItemRT": np.nan}, index=range(9)
    )
    assert not has_reading_times(words.join(times)).any()
    assert caplog.messages[0].endswith("1.8 w, …")


def test_words_differ(files, prepare):
    replace(files[READING_TIMES], "One\t1\t2", "Once\t1\t2")
    with pytest.raises(
        InputError, match=r"words differ in .*story 2, word 1 \('One'\): expected 'One', got 'Once'"
    ):
        load_naturalstories(files, prepare())


def test_word_without_a_text(files, prepare):
    replace(files[WORDS], "he\t3\t2\n", "")
    with pytest.raises(InputError, match=r"word without a text in .*got story 2, word 3"):
        load_naturalstories(files, prepare())


def test_word_missing_in_between(files, prepare):
    replace(files[WORDS], "day,\t2\t2\n", "")
    with pytest.raises(InputError, match=r"words out of order in .*got story 2, word 3 \('he'\)"):
        load_naturalstories(files, prepare())


def test_duplicate_word(files, prepare):
    replace(files[WORDS], "he\t3\t2\n", "he\t3\t2\nhe\t3\t2\n")
    with pytest.raises(InputError, match=r"duplicate word in .*got story 2, word 3 \('he'\)"):
        load_naturalstories(files, prepare())


def test_column_missing(files):
    replace(files[READING_TIMES], "meanItemRT\ts", "mean\ts")
    with pytest.raises(InputError, match=r"column missing in .*expected meanItemRT, got"):
        read_rows(files[READING_TIMES], STATISTICS)


def test_numbers_expected(files):
    replace(files[READING_TIMES], "80\t300", "80\tthree hundred")
    with pytest.raises(InputError, match=r"wrong type in .*column meanItemRT: expected numbers"):
        read_rows(files[READING_TIMES], STATISTICS)


@pytest.mark.parametrize("odd", ["0\t100", "1e9\t100", "inf\t100", "300\tinf", "300\t1e9", "3\t1"])
def test_a_time_in_which_nobody_reads(files, prepare, odd):
    """One such word would turn the ceiling to nothing."""
    replace(files[READING_TIMES], "80\t300\t100", f"80\t{odd}")
    with pytest.raises(InputError, match=r"no reading time in .*story 1, word 3 .*50 to 20000 ms"):
        load_naturalstories(files, prepare())


def test_joined_by_position_and_not_by_row(files):
    joined = join_words(read_rows(files[WORDS], []), read_rows(files[READING_TIMES], STATISTICS))
    assert joined["meanItemRT"].tolist()[:4] == [500, 400, 300, 450]


def test_no_smoothing(files, prepare):
    with pytest.raises(InputError, match=r"no voxels to smooth in .*expected 0 for naturalstories"):
        load_naturalstories(files, prepare(smoothing=6.0))


def test_the_only_subject_is_the_group(files, prepare):
    with pytest.raises(InputError, match=r"unknown subject in .*got 's1'\. Known: group"):
        load_naturalstories(files, prepare(subjects=["s1"]))


def test_ceiling_is_the_correlation_with_the_noiseless_times(rng):
    n_words, n_readers = 4000, 30
    truth = 5.7 + 0.1 * rng.standard_normal(n_words) + np.repeat([0, 0.3], n_words // 2)
    times = np.exp(truth[:, None] + 0.4 * rng.standard_normal((n_words, n_readers)))
    words = pd.DataFrame(
        {
            "item": np.repeat([1, 2], n_words // 2),
            "nItem": n_readers,
            "meanItemRT": times.mean(axis=1),
            "sdItemRT": times.std(axis=1, ddof=1),
        }
    )
    log_mean = np.log(words["meanItemRT"])
    halves = slice(0, n_words // 2), slice(n_words // 2, n_words)
    best = np.mean([np.corrcoef(log_mean[half], truth[half])[0, 1] for half in halves])
    assert noise_ceiling(words) == pytest.approx(best, abs=0.01)


def test_a_word_that_all_read_alike_hardly_moves_the_ceiling(rng):
    """A spread of 0 is one that few readers may have."""
    words = pd.DataFrame({"item": 1, "nItem": 30, "meanItemRT": rng.uniform(250, 450, 1000)})
    words["sdItemRT"] = 0.4 * words["meanItemRT"]
    before = noise_ceiling(words)
    words.loc[7, "sdItemRT"] = 0.0
    assert has_reading_times(words).all()
    assert 0.9 < before < noise_ceiling(words) < before + 0.001


def test_ceiling_of_noise_is_zero(rng):
    times = np.exp(5.7 + 0.4 * rng.standard_normal((300, 5)))
    words = pd.DataFrame(
        {"item": 1, "nItem": 2, "meanItemRT": times.mean(axis=1), "sdItemRT": times.std(axis=1)}
    )
    assert noise_ceiling(words) == 0.0
