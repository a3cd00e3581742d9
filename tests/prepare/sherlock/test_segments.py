import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.sherlock import segments
from stages.prepare.sherlock.annotations import segment_features, segment_nuisance
from stages.prepare.sherlock.film_recording import scan_table
from stages.prepare.sherlock.segments import read_segments, segment_stimuli, shared_beginning
from tests.prepare.sherlock.film_release import SCANS, TR, save_segments, segment_rows


@pytest.fixture
def rows():
    return segment_rows()


@pytest.fixture
def table(tmp_path, rows):
    return read_segments(save_segments(tmp_path / "s.xlsx", rows), TR)


def test_seconds_begin_anew_with_every_run(table):
    assert table["run"].unique().tolist() == ["1", "2"]
    assert (table.groupby("run")[segments.START].min() == 0).all()


def test_stimuli(table, caplog):
    caplog.set_level("INFO")
    samples = scan_table(SCANS)
    stimuli = segment_stimuli(table, samples, TR)
    assert stimuli.loc[0, "text"] == "Sherlock walks 1 times."
    assert stimuli.loc[:2, "sample"].tolist() == ["tr0001", "tr0002", "tr0004"]
    assert (stimuli["duration"] >= 1).all()
    assert stimuli.loc[3, "duration"] == 1
    begun = stimuli[stimuli["sample"] != ""].merge(
        samples, left_on="sample", right_on="id", suffixes=("", "_scan")
    )
    late = begun["onset"] - begun["onset_scan"]
    assert late.between(0, TR, inclusive="left").all()
    assert (begun["run"] == begun["run_scan"]).all()
    outside = stimuli[stimuli["sample"] == ""]
    assert (outside["onset"] >= TR * np.array(SCANS)[outside["run"].astype(int) - 1]).all()
    assert 2 <= len(outside) <= 4
    assert f"{len(outside)} of {len(table)} segments begin outside every kept scan: " in caplog.text


def test_features_of_annotations(table):
    features = segment_features(table, [str(number) for number in table[segments.NUMBER]])
    assert features["Speech/any"].tolist()[:3] == [1, 0, 1]
    assert features["Speech/John"].equals(features["Speech/any"])
    assert features["Characters/Nobody"].tolist()[:3] == [0, 1, 0]
    assert features["Visual/Medium"].tolist() == features["Visual/Top"].tolist()
    assert features["Music/any"].tolist()[:4] == [0, 0, 0, 1]
    assert features["Visual/outdoor"].sum() == len(table) // 5
    assert features["Visual/words_on_screen"].sum() == 1
    assert features["Emotion/valence"].tolist()[:2] == [pytest.approx(1 / 3), -1]
    assert features.loc[0, "Emotion/arousal"] == np.mean([2, 3, 4, 5])


def test_annotations_of_few_segments_are_no_features(tmp_path, rows):
    for at, row in enumerate(rows):
        row[segments.SPEAKING] = "Molly, Molly" if at < 19 else "Mike" if at < 39 else None
    table = read_segments(save_segments(tmp_path / "s.xlsx", rows), TR)
    names = segment_features(table, [str(at) for at in range(len(table))]).columns
    assert [name for name in names if name.startswith("Speech/")] == ["Speech/any", "Speech/Mike"]


def test_nuisance(table):
    stimuli = segment_stimuli(table, scan_table(SCANS), TR)
    nuisance = segment_nuisance(table, stimuli)
    assert nuisance["speech"].tolist()[:3] == [1, 0, 1]
    assert (nuisance["words"] == 4).all()
    assert nuisance["seconds"].equals(stimuli["duration"].rename("seconds"))
    assert nuisance["log_frequency"].between(1, 8).all()


@pytest.mark.parametrize(
    ("at", "change", "message"),
    [
        (4, {segments.START: "ten"}, r"wrong type in .*Start Time \(s\): expected numbers"),
        (4, {segments.NUMBER: 7}, "segments out of order"),
        (4, {segments.AROUSAL[0]: None}, "segment without number, time, rating or text"),
        (4, {segments.TEXT: None}, "segment without number, time, rating or text"),
        (4, {segments.FIRST_TR: 9}, "seconds and TRs of a segment differ in .*segment 5"),
        (2, {segments.STOP: 4}, "seconds and TRs of a segment differ in .*segment 3"),
    ],
)
def test_broken_segments_are_refused(tmp_path, rows, at, change, message):
    rows[at] |= change
    with pytest.raises(InputError, match=message):
        read_segments(save_segments(tmp_path / "s.xlsx", rows), TR)


@pytest.fixture
def timed(monkeypatch, tmp_path):
    """Read segments of so many seconds, from and to, whose first TRs are told."""

    def read(*rows):
        table = pd.DataFrame("1", index=range(len(rows)), columns=segments.COLUMNS)
        table[segments.NUMBER] = [str(at) for at in range(1, len(rows) + 1)]
        for name, values in zip(
            (segments.START, segments.STOP, segments.FIRST_TR), zip(*rows, strict=True), strict=True
        ):
            table[name] = [str(value) for value in values]
        monkeypatch.setattr(segments, "read_sheet", lambda *given: table)
        return read_segments(tmp_path / "s.xlsx", 1.5)

    return read


@pytest.mark.parametrize(
    ("second", "got"),
    [
        ((3, 4, 2), ""), ((3.1, 4, 2), "-1.6"), ((1.5, 2, 3), ""), ((1.4, 2, 3), "1.6"),
        ((3, 3, 3), ""), ((3, 2.9, 3), "0.0"),
    ],
)  # fmt: skip
def test_seconds_and_scans_agree_to_a_scan(timed, second, got):
    """Of the second of three segments; the third begins another run, whose scans go on."""
    rows = (0, 1, 1), second, (0, 2, 9)
    if got:
        with pytest.raises(
            InputError, match=f"differ in .*segment 2: .*at most 1.5 s, got {got} s"
        ):
            timed(*rows)
        return
    assert timed(*rows)["run"].tolist() == ["1", "1", "2"]


def test_segments_last_a_second_at_least_and_some_outside_are_named(timed, caplog):
    caplog.set_level("INFO")
    n = segments.NAMED
    for more in (0, 1):
        caplog.clear()
        rows = [
            (0, 0.5, 1),
            (1.5, 4, 2),
            *[(at, at + 1, 1 + at / 1.5) for at in range(3, 3 * (n + 1 + more), 3)],
        ]
        table = timed(*rows)
        samples = pd.DataFrame({"id": ["a", "b"], "run": "1", "onset": [0.0, 1.5]})
        stimuli = segment_stimuli(table, samples, 1.5)
        assert stimuli["sample"].tolist() == ["a", "b"] + [""] * (n + more)
        assert stimuli["duration"].tolist() == [1, 2.5] + [1] * (n + more)
        named = ", ".join(str(at) for at in range(3, n + 3)) + (", …" if more else "")
        told = f"{n + more} of {n + more + 2} segments begin outside every kept scan: {named}"
        assert caplog.messages == [told]


def test_unknown_answers_are_refused(tmp_path, rows):
    rows[4][segments.MUSIC] = "Perhaps"
    table = read_segments(save_segments(tmp_path / "s.xlsx", rows), TR)
    with pytest.raises(InputError, match=r"unknown answer in Music Presence of segment 5.*Perhaps"):
        segment_features(table, list(map(str, range(len(table)))))


def test_an_unknown_valence_is_refused(tmp_path, rows):
    rows[4][segments.VALENCE[0]] = "o"
    table = read_segments(save_segments(tmp_path / "s.xlsx", rows), TR)
    with pytest.raises(
        InputError, match=r"unknown answer in Valence - Rater 1 of segment 5.*got o"
    ):
        segment_features(table, list(map(str, range(len(table)))))


def test_a_column_missing(tmp_path, rows):
    path = save_segments(
        tmp_path / "s.xlsx",
        [
            {name.replace("Focus", "x").replace("Presence", "y"): v for name, v in row.items()}
            for row in rows
        ],
    )
    with pytest.raises(InputError, match=r"column missing in .*expected Music Presence"):
        read_segments(path, TR)


def test_segments_of_no_scan(table):
    with pytest.raises(InputError, match=r"run that is not there.*got 2"):
        segment_stimuli(table, scan_table((30,)), TR)


def test_what_every_run_begins_with_is_found(tmp_path, rows):
    first = [at for at, row in enumerate(rows) if row[segments.START] == 0]
    for text in range(3):
        for at in first:
            rows[at + text][segments.TEXT] = f"cartoon {text}{' ' * at}"
    rows[first[1] + 2][segments.STOP] -= 1
    rows[5][segments.TEXT] = rows[first[1] + 5][segments.TEXT] = "alike, but not at the beginning"
    table = read_segments(save_segments(tmp_path / "s.xlsx", rows), TR)
    found = shared_beginning(table)
    assert found.to_dict() == {"1": rows[2][segments.STOP], "2": rows[first[1] + 2][segments.STOP]}
    assert found["1"] != found["2"]
    assert shared_beginning(table[table["run"] == "1"]).to_dict() == {"1": 0.0}


def test_runs_that_begin_otherwise_share_nothing(table):
    assert shared_beginning(table).to_dict() == {"1": 0.0, "2": 0.0}
