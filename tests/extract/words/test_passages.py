import logging

import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.extract.words.passages import make_passages


@pytest.fixture
def stimuli():
    return pd.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e", "f"],
            "text": ["Harry", "had", "never", "+", "believed", "…"],
            "run": ["1", "1", "1", "1", "2", "2"],
            "onset": [20.0, 20.5, 21.0, 22.0, 40.0, 41.0],
            "duration": [0.5, 0.5, 1.0, 0.5, 1.0, 0.25],
            "sample": ["", "t1", "t1", "t2", "t9", "t9"],
        }
    )


def test_contexts_by_hand(stimuli):
    passages = make_passages(stimuli, "context", 3)
    assert list(passages["text"]) == [
        "Harry",
        "Harry had",
        "Harry had never",
        "had never +",
        "believed",
        "believed …",
    ]
    focus = [row.text[row.start : row.stop] for row in passages.itertuples()]
    assert focus == list(stimuli["text"])
    for column in ("id", "sample", "run", "onset"):
        assert list(passages[column]) == list(stimuli[column])
    assert list(passages["offset"]) == [20.5, 21.0, 22.0, 22.5, 41.0, 41.25]


def test_context_of_one_is_the_word_alone(stimuli):
    passages = make_passages(stimuli, "context", 1)
    assert list(passages["text"]) == list(stimuli["text"])
    assert (passages["start"] == 0).all()


def sentences():
    texts = ["A dog barked.", "It was late.", "Nobody came to see it.", "Then silence."]
    times = {"onset": [0.0, 1.0, 2.0, 3.0], "duration": 1.0, "sample": list("abcd")}
    return pd.DataFrame({"id": list("abcd"), "text": texts, "run": list("1112"), **times})


def test_stimuli_of_several_words_are_shown_whole_after_words_that_fit():
    passages = make_passages(sentences(), "context", 7)
    assert list(passages["text"]) == [
        "A dog barked.",
        "A dog barked. It was late.",
        "was late. Nobody came to see it.",
        "Then silence.",
    ]
    focus = [row.text[row.start : row.stop] for row in passages.itertuples()]
    assert focus == list(sentences()["text"])
    alone = make_passages(sentences(), "context", 1)
    assert list(alone["text"]) == list(sentences()["text"])


def test_a_context_of_nothing_is_all_of_the_run():
    passages = make_passages(sentences(), "context", 0)
    assert passages["text"].iloc[2] == "A dog barked. It was late. Nobody came to see it."
    assert passages["text"].iloc[3] == "Then silence."


def test_interleaved_runs_keep_their_own_words(stimuli):
    mixed = stimuli.iloc[[0, 4, 1, 5]]
    texts = make_passages(mixed, "context", 9)["text"]
    assert list(texts) == ["Harry", "believed", "Harry had", "believed …"]


def test_windows_by_hand(stimuli, caplog):
    with caplog.at_level(logging.INFO, "concord.extract"):
        passages = make_passages(stimuli, "window", 3)
    assert list(passages["id"]) == list(passages["sample"]) == ["t1", "t2", "t9"]
    assert list(passages["text"]) == ["had never", "+", "believed …"]
    assert list(passages["run"]) == ["1", "1", "2"]
    assert list(passages["onset"]) == [20.5, 22.0, 40.0]
    assert list(passages["offset"]) == [22.0, 22.5, 41.25]
    assert list(passages["start"]) == [0, 0, 0]
    assert list(passages["stop"]) == [9, 1, 10]
    assert "skipped 1 of 6 words" in caplog.text


def test_windows_need_trs(stimuli):
    stimuli["sample"] = stimuli["id"]
    with pytest.raises(InputError, match=r"windows need TRs.*extract\.presentation to context"):
        make_passages(stimuli, "window", 3)


@pytest.mark.parametrize("presentation", ["context", "window"])
def test_no_passage(stimuli, presentation):
    stimuli["sample"] = ""
    with pytest.raises(InputError, match="no passage"):
        make_passages(stimuli.iloc[: 0 if presentation == "context" else 6], presentation, 3)
