"""Futrell et al. (2021): Natural Stories, counted."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from stages.core.results.replications import RECOMPUTED
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.replicate.published_targets import Found, Target

TOKENS = "naturalstories/all_stories.tok"
TIMES = "naturalstories/processed_wordinfo.tsv"
OBTAIN = "Restore the file from where it was fetched."
END = re.compile(r"([.?!]'?|;')$")
NO_END = "Mr."
READERS = "naturalstories_RTS/processed_RTs"
TARGETS = (
    Target("words", "10256", 0.0),
    Target("stories", "10", 0.0),
    Target("sentences", "481", 0.0, RECOMPUTED),
    Target("words with a mean reading time", "10256", 0.0, RECOMPUTED),
    Target("readers of a word, mean", "80", 5.0, note="about 80"),
    Target("readers", "180", 0.0, needs=READERS),
)


def derive_natural_stories(files: Mapping[str, Path]) -> dict[str, Found]:
    """Count words, stories and sentences, and average how many people read a word.

    Raises
    ------
    InputError
        If a file is unreadable.
    """
    words = read_words(files[TOKENS])
    counts = [_number(row[3], files[TIMES]) for row in _rows(files[TIMES], 8)]
    stories: dict[str, list[str]] = {}
    for word, _, item in words:
        stories.setdefault(item, []).append(word)
    sentences = sum(count_sentences(story) for story in stories.values())
    n = len(words)
    return {
        "words": Found(n, n=n),
        "stories": Found(len(stories), n=n),
        "sentences": Found(sentences, n=n),
        "words with a mean reading time": Found(len(counts), n=n),
        "readers of a word, mean": Found(sum(counts) / len(counts), n=len(counts)),
    }


def count_sentences(words: Sequence[str]) -> int:
    """Count the sentences of a story.

    One ends at a word that ends in . ? ! or one of .' ?' !' ;' unless the next begins with a small
    letter or it is `Mr.`; and with the story.
    """
    ends = 0
    for word, following in zip(words, [*words[1:], ""], strict=True):
        stops = END.search(word) is not None and word != NO_END
        ends += following == "" or (stops and not following[0].islower())
    return ends


def read_words(path: Path) -> list[tuple[str, str, str]]:
    """Read word, zone and story, in order of story and zone."""
    rows = [(word, zone, item) for word, zone, item in _rows(path, 3)]
    return sorted(rows, key=lambda row: (_number(row[2], path), _number(row[1], path)))


def _number(text: str, where: Path) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise InputError("not a number", where=where, got=repr(text), do=OBTAIN) from error


def _rows(path: Path, width: int) -> list[list[str]]:
    """Fields of a table that uses quotation marks as letters."""
    lines = require_file(path, OBTAIN).read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines if line]
    wrong = next((row for row in rows if len(row) != width), None)
    if wrong is not None or not rows:
        raise InputError("unreadable table", where=path, expected=f"{width} fields", got=wrong)
    return rows
