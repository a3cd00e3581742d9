import numpy as np
import pandas as pd
import pytest

from stages.core.nets.text_tokens import Encoded
from stages.core.run.errors import InputError
from stages.extract.words import run_windows as module
from stages.extract.words.run_windows import run_windows


@pytest.fixture
def letters(monkeypatch):
    """A tokenizer whose tokens are letters, by their places; with a first token, or without."""

    def set_up(first=None, *, special=0):
        def encode(tokenizer, texts):
            found = []
            for text in texts:
                n = len(text)
                ids = [*[900] * special, *range(n)]
                offsets = [(0, 0)] * special + [(at, at + 1) for at in range(n)]
                told = np.array([True] * special + [False] * n)
                inputs = {"input_ids": ids, "attention_mask": [1] * len(ids)}
                found.append(Encoded(inputs, told, np.array(offsets)))
            return found

        monkeypatch.setattr(module, "encode", encode)
        monkeypatch.setattr(module, "first_token", lambda tokenizer: first)

    return set_up


def passages(n, *, size=1, run="1"):
    """Passages of so many letters each, one after the other, of a text of `n` letters."""
    rows = [
        {"id": f"{run}-{at}", "text": "x" * (at + size), "start": at, "stop": at + size, "run": run}
        for at in range(0, n - size + 1, size)
    ]
    return pd.DataFrame(rows)


def seen(windows, begun=0):
    """By passage, the first token that it sees and its own."""
    found = {}
    for window in windows:
        ids = window.inputs["input_ids"]
        for row, focus in zip(window.rows, window.focus, strict=True):
            found[int(row)] = (ids[begun], [ids[at] for at in focus])
    return found


@pytest.mark.parametrize("longest", [6, 7, 10, 11])
def test_each_passage_sees_most_before_it(letters, longest):
    """By looking at all windows, each half of one further, and the last at the end."""
    letters()
    windows = run_windows(None, passages(25), longest)
    starts = [*range(0, 25 - longest, longest // 2), 25 - longest]
    expected = {
        at: (max((s for s in starts if s <= at < s + longest), key=lambda s: at - s), [at])
        for at in range(25)
    }
    assert seen(windows) == expected
    assert all(len(window.inputs["input_ids"]) == longest for window in windows)


def test_a_short_run_is_one_window(letters):
    letters()
    for n in (1, 5):
        (window,) = run_windows(None, passages(n), 5)
        assert window.inputs["input_ids"] == list(range(n))
        assert window.rows.tolist() == list(range(n))


def test_a_first_token_is_put_before_every_window(letters):
    letters(first=777)
    windows = run_windows(None, passages(9), 5)
    assert all(window.inputs["input_ids"][0] == 777 for window in windows)
    assert all(window.inputs["attention_mask"] == [1] * 5 for window in windows)
    starts = {at: first for at, (first, _) in seen(windows, begun=1).items()}
    assert starts == {0: 0, 1: 0, 2: 0, 3: 0, 4: 2, 5: 2, 6: 4, 7: 4, 8: 5}
    assert {at: own for at, (_, own) in seen(windows).items()} == {at: [at] for at in range(9)}
    letters(first=777, special=1)
    assert run_windows(None, passages(3), 5)[0].inputs["input_ids"] == [900, 0, 1, 2]


def test_passages_of_several_tokens_and_runs(letters):
    letters()
    both = pd.concat([passages(8, size=2), passages(4, size=2, run="2")])
    windows = run_windows(None, both, 6)
    found = seen(windows)
    assert {row: own for row, (_, own) in found.items()} == {
        0: [0, 1], 1: [2, 3], 2: [4, 5], 3: [6, 7], 4: [0, 1], 5: [2, 3],
    }  # fmt: skip
    assert windows[-1].inputs["input_ids"] == [0, 1, 2, 3]


def test_a_passage_longer_than_a_window_can_hold_is_refused(letters):
    letters()
    assert len(run_windows(None, passages(9, size=3), 6)) == 2
    with pytest.raises(InputError, match="expected at most 3 tokens, got 5"):
        run_windows(None, passages(15, size=5), 6)


def test_a_passage_without_a_token_is_named(letters):
    letters()
    rows = passages(4)
    rows.loc[2, ["start", "stop"]] = [1, 1]
    with pytest.raises(InputError, match="stimuli, 1-2: got ''"):
        run_windows(None, rows, 10)
