"""Word intervals of a Praat TextGrid, of its long or its short text format.

Both formats hold the same values in the same order; the long one names each. Reading the values
alone reads both.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import require_file
from stages.prepare.encodings import decoded

logger = logging.getLogger("concord.prepare")

# Labels that mean that nobody speaks: those of Praat's users, and of common aligners.
SILENCES = ("", "sp", "sil", "SIL", "#", "<eps>")
_NOISE = re.compile(r"\{.*\}")
# A text with the quotation mark that ends it, a flag, or a number that is no index in brackets.
_VALUE = re.compile(
    r'"((?:[^"]|"")*)("?)|(<exists>)|(?<![\w\[.\-])(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w\].])'
)
_CLASSES = ("IntervalTier", "TextTier")
COLUMNS = ["text", "onset", "offset"]

Value = str | float


def read_textgrid(path: Path, tier: str | None = None) -> pd.DataFrame:
    """Read the intervals of a TextGrid.

    A file that lacks its end gives the intervals it has, with a warning.

    Parameters
    ----------
    path : Path
        UTF-8, or UTF-16 as Praat writes what is not English.
    tier : str, optional
        Name of the tier of words; needed where there are several.

    Returns
    -------
    DataFrame
        Columns text (without surrounding spaces), onset and offset in seconds.

    Raises
    ------
    InputError
        If it is no TextGrid, has no such tier, or its intervals are out of order.
    """
    content = require_file(path, "Obtain the file again.").read_bytes()
    values = list(_values(decoded(content, errors="replace")))
    if "<exists>" not in values or "TextGrid" not in values[:2]:
        raise InputError("unreadable TextGrid", where=path, expected="Praat's text format")
    tiers = list(_tiers(values[values.index("<exists>") + 2 :], path))
    name = _choose(tier, [one for one, _ in tiers], path)
    table, count = dict(tiers)[name]
    if len(table) < count:
        logger.warning(
            "%s: %d of %d intervals there, none after %g s: later words are unknown",
            *(path, len(table), count, table["offset"].max()),
        )
    wrong = (table["offset"] <= table["onset"]) | (table["onset"] < table["offset"].shift())
    if wrong.any():
        raise InputError(
            "intervals out of order", where=f"{path}, number {int(wrong.argmax()) + 1}"
        )
    return table


def _values(content: str) -> Iterator[Value]:
    """Yield what stands for a value: texts, numbers and the flag before the tiers."""
    for text, closed, flag, number in _VALUE.findall(content):
        if number:
            yield float(number)
        elif flag or closed:
            yield flag or text.replace('""', '"')


def _tiers(values: Sequence[Value], path: Path) -> Iterator[tuple[str, tuple[pd.DataFrame, int]]]:
    """Cut the values into tiers; yield name, intervals and how many there should be."""
    at = 0
    while at + 4 < len(values) and values[at] in _CLASSES:
        kind, name, count = values[at], str(values[at + 1]), values[at + 4]
        if not isinstance(count, float):
            raise InputError("unreadable TextGrid", where=path, expected="a number of intervals")
        width, at = (3 if kind == "IntervalTier" else 2), at + 5
        there = list(values[at : at + width * int(count)])
        rows = [there[start : start + width] for start in range(0, len(there), width)]
        at += width * int(count)
        if at < len(values) and values[at] not in _CLASSES:
            expected, got = f"{int(count)} in the tier {name!r}", "more"
            raise InputError("other number of intervals", where=path, expected=expected, got=got)
        if kind == "IntervalTier":
            yield name, (_intervals([row for row in rows if len(row) == width], path), int(count))


def _intervals(rows: Sequence[Sequence[Value]], path: Path) -> pd.DataFrame:
    for number, (start, end, text) in enumerate(rows, start=1):
        if not (isinstance(start, float) and isinstance(end, float) and isinstance(text, str)):
            where = f"{path}, number {number}"
            raise InputError("unreadable TextGrid", where=where, expected="two times and a text")
    table = [(str(text).strip(), start, end) for start, end, text in rows]
    return pd.DataFrame(table, columns=COLUMNS)


def _choose(tier: str | None, names: Sequence[str], path: Path) -> str:
    if len(names) == 1:
        return names[0]
    if tier is None or names.count(tier) != 1:
        do = did_you_mean(tier or "", names) if names else None
        expected = "one tier of intervals" if tier is None else f"a tier {tier!r} of intervals"
        got = ", ".join(map(repr, names)) or "none"
        raise InputError("no such tier", where=path, expected=expected, got=got, do=do)
    return tier


def spoken_words(intervals: pd.DataFrame) -> pd.DataFrame:
    """Words among the intervals: all that are not silence, columns text, onset, duration."""
    silent = intervals["text"].isin(SILENCES) | intervals["text"].str.fullmatch(_NOISE)
    words = intervals[~silent].reset_index(drop=True)
    return pd.DataFrame(
        {
            "text": words["text"],
            "onset": words["onset"],
            "duration": words["offset"] - words["onset"],
        }
    )
