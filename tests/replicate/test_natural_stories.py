import pytest

from stages.core.run.errors import InputError
from stages.replicate.natural_stories import (
    TIMES,
    TOKENS,
    count_sentences,
    derive_natural_stories,
    read_words,
)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("He ran. She sat. So", 3),
        ("He ran. She sat.", 2),
        ("Why? he asked! They know", 2),
        ("'Go.' The 'end?' of 'it!' Then such;' It was", 4),
        ("Mr. Fox ran; It sat", 1),
        ("He ran... 9 times", 2),
        ("one", 1),
    ],
)
def test_sentences_of_a_story(text, n):
    assert count_sentences(text.split()) == n


@pytest.fixture
def files(tmp_path):
    words = tmp_path / "words.tok"
    rows = [
        "word\tzone\titem",
        "She\t10\t2",
        "ran.\t2\t10",
        "He\t1\t10",
        '"It\t2\t2',
        "",
        "was.\t11\t2",
    ]
    words.write_text("\n".join(rows) + "\n")
    times = tmp_path / "times.tsv"
    lines = ["\t".join(["a", "b", "c", str(n), "e", "f", "g", "h"]) for n in (80, 90, 70)]
    times.write_text("\n".join(["header", *lines]) + "\n")
    return {TOKENS: words, TIMES: times}


def test_words_are_in_the_order_of_numbers(files):
    assert [word for word, _, _ in read_words(files[TOKENS])] == [
        '"It',
        "She",
        "was.",
        "He",
        "ran.",
    ]


def test_words_stories_sentences_and_readers_are_counted(files):
    found = derive_natural_stories(files)
    assert {name: one.value for name, one in found.items()} == {
        "words": 5, "stories": 2, "sentences": 2, "words with a mean reading time": 3,
        "readers of a word, mean": 80,
    }  # fmt: skip
    assert [one.n for one in found.values()] == [5, 5, 5, 5, 3]


def test_other_tables_are_refused(files):
    for name, wrong, message in (
        (TOKENS, "h\na\tb\n", "unreadable table .*expected 3 fields"),
        (TOKENS, "header\n", "unreadable table"),
        (TOKENS, "h\na\tx\t1\n", "not a number .*'x'"),
        (TIMES, "h\n" + "\t".join("abcdefgh") + "\n", "not a number .*'d'"),
    ):
        before = files[name].read_text()
        files[name].write_text(wrong)
        with pytest.raises(InputError, match=message):
            derive_natural_stories(files)
        files[name].write_text(before)
