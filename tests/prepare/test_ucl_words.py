"""UCL's sentences: a small table with its traps, and the published one."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.names.story_regions import ERP_COMPONENTS, EYE_TRACKING, READING_TIME
from stages.core.recording.checks import check_recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.prepare.ucl_words import COLUMNS, MEASURES, load_ucl
from tests.conftest import PROJECT

RAW = PROJECT / "data" / "raw" / "ucl2013"
SENTENCES = {1: "None of them laughed.", 2: "He can't go, NA said.", 3: "I ran home."}
ROWS = [(3, 2), (2, 4), (3, 1), (1, 3), (2, 1), (1, 1), (2, 2), (1, 2), (2, 3)]


def make_table():
    """Words in disorder, the first of each sentence lacking."""
    rows = []
    for at, (sentence, place) in enumerate(ROWS):
        words = SENTENCES[sentence].split()
        measured = {column: at + 0.1 * k + 1 for k, column in enumerate(COLUMNS.values())}
        labels = {"sentence": SENTENCES[sentence], "sent_id": sentence, "context_length": place}
        context = " ".join(words[:place])
        rows.append({"item": context, "word": words[place], **labels, **measured, "cloze_s": at})
    return pd.DataFrame(rows)


@pytest.fixture
def save(tmp_path):
    """Write a table."""

    def write(table):
        table.to_csv(tmp_path / "all_measures.csv", index=False)
        return {MEASURES: tmp_path / "all_measures.csv"}

    return write


def test_a_small_table(save, prepare, caplog):
    caplog.set_level("INFO")
    recording = load_ucl(save(make_table()), prepare(subjects=["group"]))
    check_recording(recording, "ucl2013")
    assert (recording.kind, recording.tr, recording.shifted) == ("events", None, 0.0)
    stimuli = recording.stimuli
    assert stimuli["run"].unique().tolist() == ["3", "2", "1"]
    assert stimuli["text"].tolist()[:8] == [
        "I",
        "ran",
        "home.",
        "He",
        "can't",
        "go,",
        "NA",
        "said.",
    ]
    assert stimuli["text"].tolist()[8] == "None"
    assert stimuli["onset"].tolist() == [0, 1, 2, 0, 1, 2, 3, 4, 0, 1, 2, 3]
    assert recording.samples["id"].tolist() == ["3.1", "2.3", "1.1", "1.2"]
    assert stimuli.loc[stimuli["sample"] != "", "sample"].tolist() == ["3.1", "2.3", "1.1", "1.2"]
    (group,) = recording.subjects
    assert group.targets["region"].tolist() == [*ERP_COMPONENTS, *EYE_TRACKING, READING_TIME]
    assert group.targets["ceiling"].isna().all()
    places = np.array(
        [ROWS.index((3, 1)), ROWS.index((2, 3)), ROWS.index((1, 1)), ROWS.index((1, 2))]
    )
    assert_allclose(group.responses[:, 2], places + 1.2, rtol=1e-6)
    assert_allclose(group.responses[:, -1], np.log(places + 2.0), rtol=1e-6)
    names = recording.nuisance.columns.tolist()
    assert names[:5] == ["id", "word_length", "log_frequency", "position", "place_1"]
    first = recording.stimuli["onset"] == 0
    assert list(recording.nuisance["place_1"]) == list(first.astype(float))
    assert "8 of 12 words are no samples: 3 begin a sentence, 5 others hold one of" in caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            (0, "word", "house."),
            r"words of another sentence in .*sentence 3: expected.*home.*house",
        ),
        ((2, "context_length", 4), r"words of another sentence in .*sentence 3"),
        ((2, "sent_id", 1), "words of another sentence"),
        ((3, "N400", np.nan), "unreadable table"),
        ((3, "N400", np.inf), "with gaps"),
        ((3, "N400", "low"), "unreadable table"),
        ((5, "self_paced_reading_time", 0.0), "reading time of no time"),
    ],
)
def test_broken_tables_are_refused(save, prepare, change, message):
    at, column, value = change
    table = make_table().astype({column: object})
    table.loc[at, column] = value
    with pytest.raises(InputError, match=message):
        load_ucl(save(table), prepare())


def test_a_word_or_a_column_that_is_missing(save, prepare):
    with pytest.raises(InputError, match="words of another sentence"):
        load_ucl(save(make_table().drop(index=4)), prepare())
    with pytest.raises(InputError, match=r"unreadable table .*PNP"):
        load_ucl(save(make_table().drop(columns="PNP")), prepare())
    with pytest.raises(InputError, match="table without rows"):
        load_ucl(save(make_table().iloc[:0]), prepare())


def test_parameters_without_a_meaning(save, prepare):
    with pytest.raises(InputError, match="expected 0 for ucl2013"):
        load_ucl(save(make_table()), prepare(smoothing=3.0))
    with pytest.raises(InputError, match=r"unknown subject .*Known: group"):
        load_ucl(save(make_table()), prepare(subjects=["s1"]))


def test_the_published_words(mirror, monkeypatch, prepare, caplog):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    caplog.set_level("INFO")
    recording = load_ucl(fetch(RAW), prepare())
    check_recording(recording, "ucl2013")
    assert (len(recording.stimuli), len(recording.samples)) == (1931, 1487)
    assert "205 begin a sentence, 239 others" in caplog.text
    assert recording.stimuli["run"].nunique() == 205
    assert (recording.stimuli["text"] == "None").sum() == 1
    lengths = recording.stimuli.groupby("run", sort=False).size()
    assert abs(np.corrcoef(lengths, np.arange(205))[0, 1]) < 0.1
    responses = pd.DataFrame(recording.subjects[0].responses.astype(float), columns=list(COLUMNS))
    printed = pd.read_csv(mirror / "ucl2013" / "df_corr.csv", index_col=0)
    names = [name for name in COLUMNS if name != READING_TIME]
    columns = [COLUMNS[name] for name in names]
    assert_allclose(responses[names].corr(), printed.loc[columns, columns], atol=1e-5)
    table = pd.read_csv(mirror / MEASURES, keep_default_na=False)
    table.index = table["sent_id"].astype(str) + "." + table["context_length"].astype(str)
    surprisal = table.loc[recording.samples["id"], "s_GPT2_xl"].to_numpy(float)
    assert np.corrcoef(surprisal, responses["N400"])[0, 1] == pytest.approx(-0.285, abs=1e-3)
    timed = np.exp(responses[READING_TIME])
    assert np.corrcoef(surprisal, timed)[0, 1] == pytest.approx(0.169, abs=1e-3)
