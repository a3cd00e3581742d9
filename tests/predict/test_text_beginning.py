"""The beginning of a text, cut after so many words."""

import pytest

from stages.core.run.errors import InputError
from stages.predict import text_beginning
from stages.predict.text_beginning import beginning, read_beginning

TEXT = " \n One  two\nthree , four\n"


@pytest.mark.parametrize(
    ("words", "expected"), [(1, " \n One"), (3, " \n One  two\nthree"), (5, TEXT[:-1])]
)
def test_words_and_what_is_between_them(words, expected):
    assert beginning(TEXT, words) == expected


def test_a_text_that_is_too_short():
    with pytest.raises(
        InputError, match="text too short in params.yaml: predict.words: expected 6, got 5"
    ):
        beginning(TEXT, 6)


def test_the_text_among_what_was_fetched(tmp_path, monkeypatch):
    path = tmp_path / "renamed"
    path.write_text("ä b c", encoding="utf-8")
    monkeypatch.setattr(
        text_beginning, "fetch", lambda folder: {"wiki/test.txt": path, "x.txt": folder}
    )
    assert read_beginning(tmp_path, 2) == "ä b"
    monkeypatch.setattr(text_beginning, "fetch", lambda folder: {"x.txt": folder})
    with pytest.raises(
        InputError, match=r"no text in .*sources.json: expected test.txt, got \['x.txt'\]"
    ):
        read_beginning(tmp_path, 2)
