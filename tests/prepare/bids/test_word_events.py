import logging

import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids.word_annotations import annotated_words
from stages.prepare.bids.word_events import read_word_events

HEAD = "onset\tduration\ttrial_type\t0\n"
GRID = """File type = "ooTextFile"
Object class = "TextGrid"
0
3
<exists>
1
"IntervalTier"
"words"
0
3
2
0
1
"sp"
1
3
"once"
"""


@pytest.fixture
def read(tmp_path):
    def words(rows, chosen=None, column="0", head=HEAD):
        path = tmp_path / "sub-1_task-read_events.tsv"
        path.write_text(head + "".join("\t".join(row) + "\n" for row in rows))
        return read_word_events(path, column, chosen or {})

    return words


def test_words_of_a_column_called_0(read):
    """As bids-examples ds107 and ds051 have them: other rows between, words of one onset."""
    words = read(
        [
            ("0", "1", "Objects", "chair"),
            ("8.2", "0.35", "Words", "mist"),
            ("8.2", "0.35", "Words", "frijol"),
            ("9.0", "n/a", "Words", "n/a"),
            ("9.5", "", "Words", "null"),
        ],
        {"trial_type": ["Words"]},
    )
    assert words["text"].tolist() == ["mist", "frijol", "n/a", "null"]
    assert words["onset"].tolist() == [8.2, 8.2, 9.0, 9.5]
    assert words["duration"].tolist() == pytest.approx([0.35, 0.35, 0.5, 0.35])


def test_without_a_choice_of_rows_all_that_have_a_word(read):
    words = read([("0", "1", "x", "n/a"), ("1", "0", "y", " a "), ("2", "1", "x", "")])
    assert words[["text", "duration"]].to_numpy().tolist() == [["a", 0.0]]


def test_durations_that_are_not_known(read):
    rows = [(onset, "n/a", "w", word) for onset, word in (("0", "a"), ("5", "b"), ("5", "c"))]
    assert read(rows)["duration"].tolist() == [2.0, 2.0, 2.0]
    rows.append(("5.5", "n/a", "w", "d"))
    assert read(rows)["duration"].tolist() == [2.0, 0.5, 0.5, 0.5]
    assert read([("1", "a")], head="onset\t0\n")["duration"].tolist() == [0.0]


def test_words_out_of_order_or_without_a_time(read, caplog):
    with caplog.at_level(logging.INFO, "concord"):
        words = read([("3", "1", "w", "b"), ("n/a", "1", "w", "x"), ("1", "1", "w", "a")])
    assert words["text"].tolist() == ["a", "b"]
    assert "1 words without an onset left out" in caplog.text
    assert "sorted by onset" in caplog.text


@pytest.mark.parametrize(
    ("rows", "chosen", "column", "message"),
    [
        (
            [("1", "1", "Words", "a")],
            {"trial_type": ["word"]},
            "0",
            "word, got 'Words'. Set bids.r",
        ),
        (
            [("1", "1", "Words", "a")],
            {"kind": ["word"]},
            "0",
            "column missing .*'kind', got 'onset'",
        ),
        ([("1", "1", "Words", "a")], {}, "word", "expected 'word', got 'onset'.*Set bids.column"),
        ([("1", "-1", "w", "a")], {}, "0", "negative duration in .*, line 2: got 'a'"),
        ([("1", "1", "w", "a")] * 2, {}, "0", "the same row twice in .*, line 3: got 'a'"),
        ([("x", "1", "w", "a")], {}, "0", "not a number in .*, line 2, onset: got 'x'"),
        ([("n/a", "1", "w", "a")], {}, "0", "no word with an onset"),
        ([("1", "1", "w", "n/a")], {}, "0", "no row is a word in .*got 'n/a'"),
    ],
)
def test_tables_that_are_wrong(read, rows, chosen, column, message):
    with pytest.raises(InputError, match=message):
        read(rows, chosen, column)


@pytest.fixture
def root(tmp_path):
    """A dataset of two annotated recordings, played after music, as in Narratives."""
    (tmp_path / "stimuli").mkdir()
    (tmp_path / "stimuli/pieman_audio.TextGrid").write_text(GRID)
    (tmp_path / "stimuli/black.csv").write_text('word,onset,offset\n"no, never",.5,1\n#,1,\n')
    (tmp_path / "events.tsv").write_text(
        "onset\tduration\ttrial_type\tstim_file\n"
        "4.0\t13.0\tmusic\taudio/pieman_audio.wav\n15.0\t422.0\tstory\taudio/pieman_audio.wav\n"
    )
    return tmp_path


def annotated(root, pattern, column="words", *, offset=None, events=True, rows=None, **entities):
    words, files = annotated_words(
        root,
        pattern,
        column,
        entities={"sub": "1", "task": "pieman"} | entities,
        events=root / "events.tsv" if events else None,
        rows=rows or {},
        offset=offset,
    )
    assert files
    return words


def test_words_begin_with_the_first_event_of_their_file(root):
    for pattern in ("stimuli/{stimulus}.TextGrid", "stimuli/{task}_audio.TextGrid"):
        words = annotated(root, pattern)
        assert words.to_dict("list") == {"text": ["once"], "onset": [5.0], "duration": [2.0]}
    assert annotated(root, "stimuli/{stimulus}.TextGrid", offset=-1.0)["onset"].tolist() == [4.0]
    words = annotated(root, "stimuli/pieman_audio.TextGrid", offset=2.0, events=False)
    assert words["onset"].tolist() == [3.0]


def test_a_table_of_words(root):
    words = annotated(root, "stimuli/black.csv", "word", offset=10.0)
    assert words["text"].tolist() == ["no, never", "#"]
    assert words["onset"].tolist() == [10.5, 11.0]
    assert words["duration"].tolist() == [0.5, 0.5]


def test_two_recordings_in_one_run(root):
    path = root / "events.tsv"
    path.write_text(path.read_text() + "90\t1\tstory\taudio/black.wav\n")
    (root / "stimuli/black.TextGrid").write_text(GRID)
    assert annotated(root, "stimuli/{stimulus}.TextGrid")["onset"].tolist() == [5.0, 91.0]
    with pytest.raises(InputError, match="several stimuli in one run .*with {stimulus}"):
        annotated(root, "stimuli/pieman_audio.TextGrid")


def test_a_recording_that_is_played_again(root):
    (root / "events.tsv").write_text(
        "onset\tduration\ttrial_type\tstim_file\n0\t1\tplay\tpieman_audio.wav\n"
        "2\t1\tplay\tpieman_audio.wav\n20\t1\tplay\tpieman_audio.wav\n"
        "30\t1\trest\tpieman_audio.wav\n40\t1\trest\tfixation.png\n"
    )
    words = annotated(root, "stimuli/{stimulus}.TextGrid", rows={"trial_type": ["play"]})
    assert words["onset"].tolist() == [1.0, 21.0]
    with pytest.raises(InputError, match="no annotation in .*fixation.TextGrid"):
        annotated(root, "stimuli/{stimulus}.TextGrid")


def test_annotations_that_cannot_be_found(root):
    for pattern, message in (
        ("stimuli/{ses}.TextGrid", r"no such field in .*expected \['stimulus', 'sub', 'task'\]"),
        ("stimuli/{words}.TextGrid", "no such field"),
        ("stimuli/{task}.TextGrid", "no annotation in .*pieman.TextGrid"),
    ):
        with pytest.raises(InputError, match=message):
            annotated(root, pattern)
    with pytest.raises(InputError, match="no events to say when .*Set bids.offset"):
        annotated(root, "stimuli/pieman_audio.TextGrid", events=False)
    path = root / "events.tsv"
    path.write_text("onset\tduration\tstim_file\n1\t1\tn/a\n")
    with pytest.raises(InputError, match="no event names a stimulus"):
        annotated(root, "stimuli/pieman_audio.TextGrid")


def test_a_name_from_a_file_is_no_path(root):
    path = root / "events.tsv"
    path.write_text("onset\tduration\tstim_file\n1\t1\t../../../stimuli/pieman_audio.wav\n")
    assert annotated(root, "stimuli/{stimulus}.TextGrid")["text"].tolist() == ["once"]
