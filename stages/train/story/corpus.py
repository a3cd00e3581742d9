"""The text that a language model is trained on, and the part of it that is held out."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.core.run.files import read_utf8
from stages.train.seeded import rng_of

DO = "Name a text file, or a folder of .txt files, in UTF-8."


@dataclass(frozen=True)
class Corpus:
    """A text in two parts.

    Attributes
    ----------
    training, held_out : str
        The first part and the rest, cut between lines.
    digest : str
        SHA-256 of the whole.
    """

    training: str
    held_out: str
    digest: str


def read_text(path: Path) -> str:
    """Read a text file, or all of a folder in the order of their names.

    A folder with a `sources.json` stands for the public files that this lists; see `fetch`.

    Raises
    ------
    InputError
        If there is none, or one is empty or not in UTF-8.
    """
    files = _files(path)
    if not files:
        raise InputError("no text", where=path, expected="files *.txt", got="none", do=DO)
    return "\n".join(read_utf8(file, DO) for file in files)


def _files(path: Path) -> list[Path]:
    if (path / "sources.json").is_file():
        return [file for _, file in sorted(fetch(path).items())]
    return sorted(path.glob("*.txt")) if path.is_dir() else [path]


def split_text(text: str, held_out: float, where: object) -> Corpus:
    """Hold out the last lines of a text, about the part `held_out` of its characters.

    Raises
    ------
    InputError
        If that leaves nothing in one of the parts.
    """
    lines = text.splitlines(keepends=True)
    end, room = len(lines), held_out * len(text)
    while end > 1 and (end == len(lines) or len(lines[end - 1]) <= room):
        end -= 1
        room -= len(lines[end])
    training, rest = "".join(lines[:end]), "".join(lines[end:])
    if not training.split() or not rest.split():
        raise InputError(
            "text too short", where=where, expected="several lines of words", got=len(lines), do=DO
        )
    return Corpus(training, rest, hashlib.sha256(text.encode()).hexdigest())


def shuffle_words(text: str, seed: int) -> str:
    """Put the words of a text in random order, in lines of as many words as before.

    Nothing is left to learn but how often words are used.
    """
    lines = [line.split() for line in text.splitlines()]
    words = [word for line in lines for word in line]
    order = iter(rng_of(seed, len(words)).permutation(len(words)).tolist())
    return "".join(" ".join(words[next(order)] for _ in line) + "\n" for line in lines)
