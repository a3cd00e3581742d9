"""What came of a command whose input was changed, and how outputs are compared."""

import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.chaos.trial import Ended

KINDS = ("equal", "one line", "explained", "traceback", "silent", "hang", "crash")
GOOD = KINDS[:3]
# How a command ends its line about a table that it does without.
LEFT_OUT = " is not there, and left out"
# What describes where an output came from: it follows the bytes of the input.
PROVENANCE = {
    "sources", "digest", "files", "made_from", "key", "rows_digest", "stimuli_digest", "revision",
}  # fmt: skip


def contents(folder: Path, names: tuple[str, ...], *, exact: bool = False) -> dict[str, str]:
    """Digest every file that was written, by path.

    Parameters
    ----------
    folder : Path
    names : tuple of str
        Outputs, relative to it.
    exact : bool
        Of the bytes, not of what they say but for their provenance.
    """
    found = {}
    for name in names:
        place = folder / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                key = str(path.relative_to(folder))
                found[key] = hashlib.sha256(path.read_bytes()).hexdigest() if exact else said(path)
    return found


def said(path: Path) -> str:
    """Digest what a file says, but for its provenance."""
    if path.suffix == ".json":
        return _hash(json.dumps(_without(json.loads(path.read_text())), sort_keys=True).encode())
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        return _hash(table.to_csv(index=False).encode() + str(dict(table.dtypes)).encode())
    return _hash(path.read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _without(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without(value) for key, value in content.items() if key not in PROVENANCE}
    if isinstance(content, list):
        return [_without(value) for value in content]
    return content


def not_numbers(folder: Path, names: tuple[str, ...]) -> dict[str, int]:
    """Count what is not finite in the tables and tensors that were written, by path and column."""
    found = {}
    for name in names:
        place = folder / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix == ".parquet" and path.is_file():
                table = pd.read_parquet(path).select_dtypes("float")
                for column in table:
                    values = table[column].to_numpy(float, na_value=np.nan)
                    found[f"{path.name} {column}"] = int((~np.isfinite(values)).sum())
    return found


def judge(ended: Ended, *, same: bool, may_differ: bool) -> str:
    """Say what came of it, one of `KINDS`.

    Parameters
    ----------
    ended : Ended
    same : bool
        Whether the outputs say what they would have said.
    may_differ : bool
        Whether the change was of content that nobody could know to be wrong.
    """
    if ended.code is None:
        return "hang"
    if ended.code < 0:
        return "crash"
    if "Traceback (most recent call last)" in ended.said:
        return "traceback"
    if ended.code == 0 and not same and ended.last.startswith("failed: "):
        return "one line"  # recorded, as a zoo's failures are
    if ended.code == 0:
        explained = may_differ or ended.last.endswith(LEFT_OUT)
        return "equal" if same else "explained" if explained else "silent"
    usage = ended.code == 2 and ended.last.startswith("Error: ")
    told = ended.code in (1, 2) and ended.last.startswith("error: ")
    return "one line" if usage or told else "traceback"


class Tally:
    """How often each verdict came, by what was done."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, name: str, verdict: str) -> None:
        """Count a verdict."""
        self._counts[name][verdict] += 1

    @property
    def good(self) -> bool:
        """Whether nothing came that should not."""
        return not any(counts[kind] for counts in self._counts.values() for kind in KINDS[3:])

    def table(self) -> str:
        """Write it as a table."""
        whole = sum(self._counts.values(), Counter())
        rows = [["", *KINDS]]
        for name, counts in (*self._counts.items(), ("in all", whole)):
            rows.append([name, *(str(counts[kind]) for kind in KINDS)])
        return "\n".join(
            f"{name:24}" + "".join(f"{cell:>10}" for cell in cells) for name, *cells in rows
        )
