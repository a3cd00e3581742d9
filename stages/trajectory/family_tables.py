"""Reading what was measured of every member of every family."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stages.core.activations.members import read_members, read_performance, usable
from stages.core.results.family_scores import FAMILY_COLUMNS, PIECE_COLUMNS
from stages.core.run.errors import InputError
from stages.core.run.origins import of_family, together
from stages.core.run.tables import read_table
from stages.trajectory.curves.curve_names import RUN

logger = logging.getLogger("concord.trajectory")
PLACE = ["kind", "metric", "layer", "region", "target", "subject"]
OBTAIN = "Run the stage that makes the family's scores."


def read_scores(folder: Path, activations: Path, families: Sequence[str]) -> pd.DataFrame:
    """Read the scores of families, without the members that are left out.

    Parameters
    ----------
    folder : Path
        One table per family, columns `FAMILY_COLUMNS`.
    activations : Path
        `<family>/members.parquet` says which members failed or were set aside.
    families : sequence of str
        Those that are studied: the table of another is not read.

    Raises
    ------
    InputError
        If there is no table, a column is missing, or a member has two scores of one kind.
    """
    parts = []
    for path in _paths(folder, families):
        rows = read_table(path, FAMILY_COLUMNS, OBTAIN)
        kept = rows["member"].isin(usable(read_members(activations / path.stem))["member"])
        if not kept.any():
            logger.warning("%s: left out: no member has scores", path.stem)
            continue
        parts.append(_checked(rows[kept], [*RUN, "step", *PLACE], path))
    if not parts:
        raise InputError("no member has scores", where=folder, do=OBTAIN)
    return pd.concat(parts, ignore_index=True)


def read_pieces(folder: Path, scores: pd.DataFrame) -> pd.DataFrame:
    """Read the scores of the same members without each piece of the stimuli.

    Parameters
    ----------
    folder : Path
        Beside each table of scores, `<family>.pieces.parquet`, columns `PIECE_COLUMNS`.
    scores : DataFrame
        From `read_scores`.

    Raises
    ------
    InputError
        If a table or a column is missing, it is of other layers than the scores, or a member has
        two scores without one piece.
    """
    parts = []
    for family, rows in scores.groupby("of", sort=False):
        path = folder / f"{family}.parquet"
        pieces = path.with_suffix(".pieces.parquet")
        together(path, pieces, do=OBTAIN)
        table = read_table(pieces, PIECE_COLUMNS, OBTAIN)
        kept = table[table["member"].isin(rows["member"])]
        parts.append(_checked(kept, [*RUN, "step", *PLACE, "piece"], pieces))
    return pd.concat(parts, ignore_index=True)


def families_origin(folder: Path, activations: Path, families: Sequence[str]) -> dict[str, str]:
    """Say what the scores of families were made from; parameters are those of `read_scores`.

    Raises
    ------
    InputError
        If they are of different recordings, or of other members than the families now have.
    """
    paths = _paths(folder, families)
    return together(*paths, *(of_family(activations / path.stem) for path in paths), do=OBTAIN)


def _paths(folder: Path, families: Sequence[str]) -> list[Path]:
    paths = [path for path in sorted(folder.glob("*.parquet")) if path.stem in families]
    if not paths:
        raise InputError("no family", where=folder, expected="a table <family>.parquet", do=OBTAIN)
    return paths


def members_of(activations: Path, families: Sequence[str]) -> pd.DataFrame:
    """Read the members of families that were not left out; raises like `read_members`."""
    return pd.concat([usable(read_members(activations / name)) for name in families])


def performance_of(activations: Path, families: Sequence[str]) -> pd.DataFrame:
    """Read the performance of the members of families that were not left out.

    Returns
    -------
    DataFrame
        of, size, seed, weights, step, seen, measure, value.

    Raises
    ------
    InputError
        If a table or column is missing, or a member has two values of one measure.
    """
    parts = []
    for family in families:
        folder = activations / family
        rows = read_performance(folder)
        kept = rows["member"].isin(usable(read_members(folder))["member"])
        rows = rows[kept].rename(columns={"family": "of"})
        parts.append(_checked(rows, [*RUN, "step", "measure"], folder))
    table = pd.concat(parts, ignore_index=True)
    return table[[*RUN, "step", "seen", "measure", "value"]]


def _checked(rows: pd.DataFrame, key: list[str], path: Path) -> pd.DataFrame:
    repeated = rows[key].duplicated()
    if repeated.any():
        got = rows.loc[repeated, "member"].iloc[0]
        raise InputError("two values of one kind", where=path, expected="one a member", got=got)
    wrong = (rows["seen"] < 0) | rows["seen"].isna() | (rows["step"].eq(0) & rows["seen"].ne(0))
    if wrong.any():
        row = rows[wrong].iloc[0]
        where = f"{path}, {row['member']}"
        raise InputError("what was seen is wrong", where=where, expected=">= 0", got=row["seen"])
    return rows
