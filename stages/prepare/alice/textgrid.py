"""Word intervals of a Praat TextGrid in the long text format."""

import logging
import re
from pathlib import Path

import pandas as pd

from stages.core.run.errors import InputError

logger = logging.getLogger("concord.prepare")

# Labels that mean that nobody speaks.
SILENCES = ("", "sp")
_SECONDS = r"(\d+\.?\d*)"
_INTERVAL = re.compile(
    rf"intervals \[(\d+)\]:\s+xmin = {_SECONDS}\s+xmax = {_SECONDS}\s+"
    r'text = "((?:[^"]|"")*)"\s*$',
    re.MULTILINE,
)
_TIERS = re.compile(r"^\s*size = (\d+)\s*$", re.MULTILINE)
_COUNT = re.compile(r"intervals: size = (\d+)")


def read_textgrid(path: Path) -> pd.DataFrame:
    """Read the intervals of a TextGrid with one tier.

    A file that lacks its end gives the intervals it has, with a warning.

    Returns
    -------
    DataFrame
        Columns text (without surrounding spaces), onset and offset in seconds.

    Raises
    ------
    InputError
        If it is no such TextGrid, or its intervals are out of order.
    """
    content = path.read_text(encoding="utf-8", errors="replace")
    tiers, count = _TIERS.search(content), _COUNT.search(content)
    if '"TextGrid"' not in content or tiers is None or tiers[1] != "1" or count is None:
        raise InputError("unreadable TextGrid", where=path, expected="one tier of intervals")
    intervals = [
        (int(number), text.replace('""', '"').strip(), float(start), float(end))
        for number, start, end, text in _INTERVAL.findall(content)
    ]
    table = pd.DataFrame(intervals, columns=["number", "text", "onset", "offset"])
    if len(table) < int(count[1]):
        logger.warning(
            "%s: %d of %s intervals there, none after %g s: later words are unknown",
            *(path, len(table), count[1], table["offset"].max()),
        )
    wrong = (
        (table["number"] != table.index + 1)
        | (table["offset"] <= table["onset"])
        | (table["onset"] < table["offset"].shift())
    )
    if wrong.any():
        raise InputError(
            "intervals out of order", where=f"{path}, number {int(wrong.argmax()) + 1}"
        )
    return table.drop(columns="number")


def spoken_words(intervals: pd.DataFrame) -> pd.DataFrame:
    """Words among the intervals: all that are not silence, columns text, onset, duration."""
    words = intervals[~intervals["text"].isin(SILENCES)].reset_index(drop=True)
    return pd.DataFrame(
        {
            "text": words["text"],
            "onset": words["onset"],
            "duration": words["offset"] - words["onset"],
        }
    )
