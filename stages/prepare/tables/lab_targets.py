"""What the columns of a laboratory's responses are: regions, hemispheres, ceilings."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.recording.types import TARGET_COLUMNS
from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.tables import check_unique
from stages.prepare.tables.lab_cells import read_lab_table
from stages.prepare.tables.lab_responses import Measured
from stages.prepare.usable_targets import NAMED, target_table

logger = logging.getLogger("concord.prepare")

SIDES = ("L", "R", "")
ALL = "all"  # what tables of results call the mean over regions


def read_targets(path: Path) -> pd.DataFrame:
    """Read `targets`: id and region, and hemisphere and ceiling if they are known.

    Raises
    ------
    InputError
        If an id is there twice, or a hemisphere or ceiling cannot be one.
    """
    table = read_lab_table(path, ("id", "region"), ("hemisphere", "ceiling"))
    ids, regions = table.texts("id"), table.texts("region")
    check_unique(pd.Series(ids, dtype=str), path)
    has = table.cells.columns
    sides = list(table.cells["hemisphere"]) if "hemisphere" in has else [""] * len(ids)
    for row, (side, region) in enumerate(zip(sides, regions, strict=True)):
        if side not in SIDES:
            where = table.place(row, "hemisphere")
            raise InputError("hemisphere", where=where, expected="L, R or nothing", got=repr(side))
        if region == ALL:
            where = table.place(row, "region")
            raise InputError("name of a region", where=where, got=f"{ALL!r}, the mean over regions")
    found = target_table(ids, regions, sides)
    if "ceiling" in has:
        found["ceiling"] = table.numbers("ceiling", gaps=True)
        beyond = ~(found["ceiling"].isna() | found["ceiling"].between(0, 1))
        for place in np.flatnonzero(beyond):
            where, got = table.place(int(place), "ceiling"), found["ceiling"][place]
            raise InputError("ceiling", where=where, expected="a correlation, 0 to 1", got=got)
    return found


def describe_targets(
    people: Mapping[str, Measured],
    shared: tuple[Path, pd.DataFrame] | None,
    own: Mapping[str, tuple[Path, pd.DataFrame]],
) -> dict[str, tuple[Measured, pd.DataFrame]]:
    """Bring everybody's columns into the order of their table of targets.

    Without such a table a target is a region of its own, and everybody must have the same.

    Parameters
    ----------
    people : mapping of str to Measured
    shared : (Path, DataFrame) or None
        The table of everybody who has none.
    own : mapping of str to (Path, DataFrame)
        Tables of single subjects.

    Raises
    ------
    InputError
        If columns are in no table, or people have other columns where there is none.
    """
    found, first = {}, None
    for name, measured in people.items():
        path_and_table = own.get(name, shared)
        if path_and_table is not None:
            found[name] = _in_order(name, measured, *path_and_table)
            continue
        if measured.names is None:
            expected = "an array `targets`, or a file targets.csv"
            raise InputError("targets without names", where=measured.path, expected=expected)
        first = first or measured
        _check_same(measured, first)
        found[name] = _in_order(name, measured, measured.path, _regions(first))
    return found


def _regions(measured: Measured) -> pd.DataFrame:
    names = measured.names or []
    if ALL in names:
        got = f"{ALL!r}, the mean over regions"
        raise InputError("name of a region", where=measured.path, got=got)
    return target_table(names, names, [""] * len(names))


def _check_same(measured: Measured, first: Measured) -> None:
    """Raise `InputError` if two people have other targets."""
    odd = sorted(set(measured.names or ()) ^ set(first.names or ()))
    if odd:
        do = "Without a targets.csv everybody must have the same columns."
        got = f"{odd[0]!r} in one of them only"
        where = f"{first.path} and {measured.path}"
        raise InputError("unequal targets", where=where, got=got, do=do)


def _in_order(
    subject: str, measured: Measured, path: Path, table: pd.DataFrame
) -> tuple[Measured, pd.DataFrame]:
    """Sort the columns of one subject as their targets; those that are lacking are logged."""
    known = list(table["id"])
    names = measured.names
    if names is None:
        if measured.series.shape[1] != len(known):
            got = f"{measured.series.shape[1]} columns in {measured.path}"
            raise InputError("unequal targets", where=path, expected=len(known), got=got)
        return measured, table
    for name in names:
        if name not in set(known):
            do = did_you_mean(name, known)
            raise InputError(
                "target in no table of targets", where=measured.path, got=repr(name), do=do
            )
    _log_lacking(subject, [name for name in known if name not in set(names)], len(known))
    place = {name: column for column, name in enumerate(names)}
    kept = [name in place for name in known]
    columns = [place[name] for name in known if name in place]
    own = table[kept].reset_index(drop=True)[list(TARGET_COLUMNS)]
    return replace(measured, series=measured.series[:, columns], names=list(own["id"])), own


def _log_lacking(subject: str, lacking: Sequence[str], n_targets: int) -> None:
    if lacking:
        more = ", …" if len(lacking) > NAMED else ""
        logger.warning(
            "%s lacks %d of %d targets: %s%s",
            *(subject, len(lacking), n_targets, ", ".join(lacking[:NAMED]), more),
        )
