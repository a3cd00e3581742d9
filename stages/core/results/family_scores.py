"""The scores of a family: one results table per member, kept as they come, put together at the end.

The table has the columns of the results and, from `of` (the family) to `seen`, what places the
member in its training.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.results.results import COLUMNS, records, results_table
from stages.core.run.digests import known_sha256
from stages.core.run.files import require_file, sha256
from stages.core.run.progress import progress
from stages.core.run.settings import read_settings
from stages.core.run.tables import read_table, write_table

PLACED = ("of", "member", "size", "seed", "weights", "step", "seen")
FAMILY_COLUMNS = (*COLUMNS, *PLACED)
# Raised by hand when the same layers and responses begin to give other scores, so that tables of
# an unfinished run of before are not gone on with.
SCORES = 8


def score_members(
    members: pd.DataFrame,
    folder: Path,
    score: Callable[[Path], pd.DataFrame],
    **content: Any,
) -> pd.DataFrame:
    """Score every member of a family, going on with what an interrupted run has finished.

    Parameters
    ----------
    members : DataFrame
        Rows of `members.parquet`, without those that are left out.
    folder : Path
        Of the family: a folder of activations per member.
    score : callable
        From a member's folder to its results table.
    **content
        All else that determines the scores: settings, and the recording's `folder_digest`.

    Returns
    -------
    DataFrame
        Columns `FAMILY_COLUMNS`.

    Raises
    ------
    InputError
        If a member's layers are missing.
    """
    tables = [
        _placed(_kept(folder / row["member"], score, content), row)
        for row in progress(records(members), f"family {folder.name}")
    ]
    empty = _placed(results_table([]), dict.fromkeys(("family", *PLACED[1:]), ""))
    return pd.concat(tables, ignore_index=True) if tables else empty


def _kept(
    member: Path, score: Callable[[Path], pd.DataFrame], content: dict[str, Any]
) -> pd.DataFrame:
    """Score a member, or read what was scored before of the same layers."""
    layers = sha256(
        require_file(member / "activations.json", "Run `dvc repro data/training/dvc.yaml`.")
    )
    everything = json.dumps(content | {"layers": layers, "version": SCORES}, sort_keys=True)
    name = hashlib.sha256(everything.encode()).hexdigest()
    path = read_settings().scratch / "scores" / f"{name}.parquet"
    if not path.exists():
        write_table(path, score(member))
    return read_table(path, COLUMNS, "Remove it.")


def _placed(table: pd.DataFrame, row: dict[str, Any]) -> pd.DataFrame:
    place = {name: row[name] for name in PLACED[1:]}
    return table.assign(of=row["family"], **place)


def folder_digest(folder: Path) -> str:
    """SHA-256 of the names and contents of all files in a folder."""
    return hashlib.sha256("".join(_lines(folder)).encode()).hexdigest()


def _lines(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield f"{known_sha256(path)}  {path.relative_to(folder)}\n"
