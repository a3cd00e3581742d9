"""The scores of a family: two tables per member, kept as they come, put together at the end.

They have the columns of the results and of scores without each piece of the stimuli and, from `of`
(the family) to `seen`, what places the member in its training.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.results.left_out_scores import COLUMNS as LEFT_OUT
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.results import COLUMNS, records, results_table
from stages.core.run.digests import known_sha256
from stages.core.run.files import require_file, sha256
from stages.core.run.progress import progress
from stages.core.run.settings import read_settings
from stages.core.run.tables import read_table, write_table

PLACED = ("of", "member", "size", "seed", "weights", "step", "seen")
FAMILY_COLUMNS = (*COLUMNS, *PLACED)
PIECE_COLUMNS = (*LEFT_OUT, *PLACED)
Scored = tuple[pd.DataFrame, pd.DataFrame]
# Raised by hand when the same layers and responses begin to give other scores, so that tables of
# an unfinished run of before are not gone on with.
SCORES = 9


def score_members(
    members: pd.DataFrame,
    folder: Path,
    score: Callable[[Path], Scored],
    **content: Any,
) -> Scored:
    """Score every member of a family, going on with what an interrupted run has finished.

    Parameters
    ----------
    members : DataFrame
        Rows of `members.parquet`, without those that are left out.
    folder : Path
        Of the family: a folder of activations per member.
    score : callable
        From a member's folder to its results table, and its table of
        `stages.core.results.left_out_scores`.
    **content
        All else that determines the scores: settings, and the recording's `folder_digest`.

    Returns
    -------
    DataFrame, DataFrame
        Columns `FAMILY_COLUMNS`, and `PIECE_COLUMNS`.

    Raises
    ------
    InputError
        If a member's layers are missing.
    """
    nowhere = dict.fromkeys(("family", *PLACED[1:]), "")
    found = [
        (row, _kept(folder / row["member"], score, content))
        for row in progress(records(members), f"family {folder.name}")
    ] or [(nowhere, (results_table([]), jackknife_table([])))]
    scores, without = (
        pd.concat([_placed(both[at], row) for row, both in found], ignore_index=True)
        for at in (0, 1)
    )
    return scores, without


def _kept(member: Path, score: Callable[[Path], Scored], content: dict[str, Any]) -> Scored:
    """Score a member, or read what was scored before of the same layers."""
    layers = sha256(
        require_file(member / "activations.json", "Run `dvc repro data/training/dvc.yaml`.")
    )
    everything = json.dumps(content | {"layers": layers, "version": SCORES}, sort_keys=True)
    name = hashlib.sha256(everything.encode()).hexdigest()
    path = read_settings().scratch / "scores" / f"{name}.parquet"
    pieces = path.with_suffix(".pieces.parquet")
    if not path.exists():
        scores, without = score(member)
        write_table(pieces, without)
        write_table(path, scores)
    return read_table(path, COLUMNS, "Remove it."), read_table(pieces, [*LEFT_OUT], "Remove it.")


def _placed(table: pd.DataFrame, row: dict[str, Any]) -> pd.DataFrame:
    place = {name: row[name] for name in PLACED[1:]}
    return table.assign(of=row["family"], **place)


def folder_digest(folder: Path) -> str:
    """SHA-256 of the names and contents of all files in a folder."""
    return hashlib.sha256("".join(_lines(folder)).encode()).hexdigest()


def _lines(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield f"{known_sha256(path)}  {path.relative_to(folder)}\n"
