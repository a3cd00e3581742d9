"""Static word vectors: one per word form, whatever stands around it.

Files of GloVe and of word2vec's text format: a word and its numbers per line, apart by blanks;
word2vec's begin with a line that says how many words and numbers there are.
"""

import re
import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.core.run.files import require_file

Vector = NDArray[np.float32]

PUNCTUATION = string.punctuation + "“”‘’«»…–—"
EXPECTED = "a text file of word2vec or GloVe: a word and its numbers per line"


@dataclass(frozen=True)
class WordVectors:
    """Vectors of some words.

    Attributes
    ----------
    vectors : dict of str to ndarray of float32, shape (units,)
    units : int
    revision : str
        Digest of the file that they come from.
    """

    vectors: dict[str, Vector]
    units: int
    revision: str

    def find(self, word: str) -> Vector | None:
        """Vector of the first form of a word that there is, or None; see `forms`."""
        return next((self.vectors[form] for form in forms(word) if form in self.vectors), None)


def forms(word: str) -> list[str]:
    """How a word is looked for: as it is, without punctuation, and each in lower case."""
    bare = word.strip(PUNCTUATION)
    return [form for form in dict.fromkeys((word, bare, word.lower(), bare.lower())) if form]


def read_text_vectors(path: Path, wanted: Collection[str]) -> tuple[dict[str, Vector], int]:
    """Read the vectors of the words wanted, the first of a word that comes twice.

    Parameters
    ----------
    path : Path
    wanted : collection of str

    Returns
    -------
    vectors : dict of str to ndarray of float32, shape (units,)
    units : int

    Raises
    ------
    InputError
        If the file is missing, is no such file, or ends early; naming the line.
    """
    require_file(path, "Name a file of word vectors: static:FILE.")
    words = frozenset(wanted)
    vectors: dict[str, Vector] = {}
    units = announced = number = 0
    for number, line in enumerate(_lines(path), 1):
        header = re.fullmatch(r"(\d+) (\d+)", line) if number == 1 else None
        if header:
            announced, units = int(header[1]), int(header[2])
            continue
        units = units or line.count(" ")
        if units < 2 or line.count(" ") < units:
            raise _wrong(path, number, f"{units or 'some'} numbers", line)
        # Some of GloVe's words have blanks in them.
        word = line[: line.index(" ")] if line.count(" ") == units else line.rsplit(" ", units)[0]
        if word in words and word not in vectors:
            vectors[word] = _numbers(path, number, line, units)
    if not number or (announced and number - 1 != announced):
        expected = f"{announced} words" if announced else "a word"
        raise InputError("file cut short", where=path, expected=expected, got=max(number - 1, 0))
    return vectors, units


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", newline="\n") as stream:
            for line in stream:
                yield line.rstrip(" \r\n")
    except UnicodeDecodeError as error:
        raise InputError("unreadable word vectors", where=path, expected=EXPECTED, got=error) from (
            error
        )


def _numbers(path: Path, number: int, line: str, units: int) -> Vector:
    try:
        values = np.array(line.rsplit(" ", units)[1:], dtype=np.float64)
    except ValueError as error:
        raise _wrong(path, number, f"{units} numbers", line) from error
    if not (np.abs(values) <= np.finfo(np.float32).max).all():
        raise _wrong(path, number, "numbers that are finite", line)
    return values.astype(np.float32)


def _wrong(path: Path, number: int, expected: str, line: str) -> InputError:
    shown = line if len(line) <= 40 else f"{line[:40]}…"
    where = f"{path}, line {number}"
    return InputError(
        "wrong word vectors", where=where, expected=f"a word and {expected}", got=repr(shown)
    )
