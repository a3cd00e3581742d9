"""Words of a run from annotations, worked out by hand."""

import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids.word_annotations import annotated_words


def words_of(root, pattern, *events, column="word", rows=None, offset=None):
    """Words of an annotation, for rows of events: onset, type, file."""
    path = root / "events.tsv"
    lines = [f"{onset}\t1\t{kind}\t{file}\n" for onset, kind, file in events]
    path.write_text("onset\tduration\ttrial_type\tstim_file\n" + "".join(lines))
    return annotated_words(
        root,
        pattern,
        column,
        entities={"sub": "1"},
        events=path,
        rows=rows or {},
        offset=offset,
    )[0]


def test_a_stimulus_begins_again_when_its_words_are_over(tmp_path):
    """The last of the words ends at 3.5 s: an event then begins them again, one before does not."""
    (tmp_path / "a.csv").write_text("word,onset,duration\none,0.5,1\ntwo,3,0.5\n")
    events = [(onset, "play", "a.wav") for onset in (0, 2, 3, 3.5, 5, 7)]
    words = words_of(tmp_path, "{stimulus}.csv", *events)
    assert words["onset"].tolist() == [0.5, 3, 4, 6.5, 7.5, 10]
    assert words["text"].tolist() == ["one", "two"] * 3
    assert words.index.tolist() == list(range(6))
    assert words.columns.tolist() == ["text", "onset", "duration"]


def test_words_of_one_onset_stay_in_the_order_of_their_stimuli(tmp_path):
    names = {stem: [f"{stem}{number}" for number in range(40)] for stem in "ab"}
    for stem, texts in names.items():
        lines = [f"{text},{number},0.5\n" for number, text in enumerate(texts)]
        (tmp_path / f"{stem}.csv").write_text("word,onset,duration\n" + "".join(lines))
    words = words_of(tmp_path, "{stimulus}.csv", (1, "x", "a.wav"), (1, "x", "b.wav"))
    expected = [text for pair in zip(*names.values(), strict=True) for text in pair]
    assert words["text"].tolist() == expected


def test_of_events_at_one_time_the_first_in_the_table_says_the_type(tmp_path):
    (tmp_path / "a.csv").write_text("word,onset,duration\none,0,1\n")
    kinds = ["play", *["rest"] * 40]
    events = [(99 - at, "rest", "a.wav") for at in range(40)]
    events += [(2, kind, "a.wav") for kind in kinds] + [(9, "play", "a.wav")]
    assert words_of(tmp_path, "{stimulus}.csv", *events)["onset"].tolist() == [2, 9]


def test_events_need_no_type(tmp_path):
    """Each stimulus begins with its own event."""
    for stem in "ab":
        (tmp_path / f"{stem}.csv").write_text(f"word,onset,duration\n{stem},0,1\n")
    path = tmp_path / "events.tsv"
    path.write_text("onset\tstim_file\n3\ta.wav\n10\tb.wav\n20\ta.wav\n")
    words, files = annotated_words(
        tmp_path, "{stimulus}.csv", "word", entities={}, events=path, rows={}, offset=None
    )
    assert words[["text", "onset"]].to_numpy().tolist() == [["a", 3], ["b", 10], ["a", 20]]
    assert [file.name for file in files] == ["a.csv", "b.csv"]


@pytest.mark.parametrize("column", ["offset", "duration"])
def test_words_end_as_the_table_says(tmp_path, column):
    first, second = {"offset": (1.2, 2.1), "duration": (0.7, 0.1)}[column]
    (tmp_path / "a.csv").write_text(f"word,onset,{column}\none,0.5,{first}\ntwo,2,{second}\n")
    words = words_of(tmp_path, "a.csv", (0, "x", "a.wav"), offset=100.0)
    assert words["duration"].tolist() == pytest.approx([0.7, 0.1])
    assert words["onset"].tolist() == [100.5, 102]


def test_rows_without_a_word_are_left_out(tmp_path):
    """Tables of tabs and of commas alike; blanks around a word are no part of it."""
    rows = [("a", 0), ("n/a", 1), ("", 2), (" b ", 3)]
    for mark, name in (("\t", "a.tsv"), (",", "a.csv")):
        lines = [mark.join(["word", "onset"]), *(mark.join([w, str(at)]) for w, at in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        words = words_of(tmp_path, name, (4, "x", "a.wav"))
        assert words["text"].tolist() == ["a", "b"]
        assert words["onset"].tolist() == [4, 7]


def test_rows_without_a_file_or_a_time_begin_nothing(tmp_path):
    (tmp_path / "a.csv").write_text("word,onset\none,0\n")
    events = [("n/a", "x", "a.wav"), (1, "x", "n/a"), (2, "x", ""), (5, "x", " a.wav ")]
    assert words_of(tmp_path, "{stimulus}.csv", *events)["onset"].tolist() == [5]


def test_a_stimulus_of_many_is_chosen_by_its_rows(tmp_path):
    """It begins with the first event of its file, and only those of that type count as more."""
    (tmp_path / "a.csv").write_text("word,onset,duration\none,0,1\n")
    events = [(0, "story", "b.wav"), (4, "music", "a.wav"), (6, "story", "a.wav")]
    chosen = {"trial_type": ["story"]}
    with pytest.raises(InputError, match=r"several stimuli in one run .*got b.wav, a.wav"):
        words_of(tmp_path, "a.csv", *events, rows=chosen)
    words = words_of(tmp_path, "{stimulus}.csv", *events[1:], rows=chosen)
    assert words["onset"].tolist() == [4]


def test_a_message_names_four_stimuli(tmp_path):
    events = [(number, "x", f"{number}.wav") for number in range(6)]
    with pytest.raises(InputError, match=r"got 0.wav, 1.wav, 2.wav, 3.wav\. Let"):
        words_of(tmp_path, "a.csv", *events)


def test_fields_that_a_run_has_not_are_told(tmp_path):
    with pytest.raises(InputError, match=r"no such field .*expected \['sub'\], got 'ses'"):
        words_of(tmp_path, "{sub}_{ses}.csv", (0, "x", "a.wav"), offset=0.0)
