"""The text whose words are predicted: the beginning of WikiText-2's test text."""

import re
from itertools import islice
from pathlib import Path

from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch

FILE = "test.txt"


def read_beginning(folder: Path, words: int) -> str:
    """Fetch the text, and read as many words of it, with all that is between them.

    Parameters
    ----------
    folder : Path
        With the `sources.json` of the text.
    words : int

    Raises
    ------
    InputError
        If the text cannot be had, or is shorter.
    """
    files = {Path(name).name: path for name, path in fetch(folder).items()}
    if FILE not in files:
        raise InputError("no text", where=folder / "sources.json", expected=FILE, got=list(files))
    return beginning(files[FILE].read_text(encoding="utf-8"), words)


def beginning(text: str, words: int) -> str:
    """Cut a text after so many words.

    Raises
    ------
    InputError
        If it has fewer.
    """
    ends = [match.end() for match in islice(re.finditer(r"\S+", text), words)]
    if len(ends) < words:
        raise InputError(
            "text too short", where="params.yaml: predict.words", expected=words, got=len(ends)
        )
    return text[: ends[-1]]
