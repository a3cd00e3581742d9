"""What the published assemblies hold, and what every assembly must."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.story_regions import LANGUAGE_NETWORK
from stages.core.run.errors import InputError
from stages.prepare.assemblies.netcdf import OBTAIN, Assembly


@dataclass(frozen=True)
class Size:
    """Rows, units (each counted once) and people of an assembly; None where it is not known."""

    stimuli: int
    units: int
    people: int | None


# Counted in the published files (Schrimpf et al. 2021), by dataset.
PUBLISHED = {
    "pereira2018-243": Size(627, 13553, 10),
    "pereira2018-384": Size(627, 13553, 10),
    "fedorenko2016": Size(416, 97, 5),
    "blank2014": Size(1317, 60, 5),
    "futrell2018": Size(10256, 180, None),
}

# Sums of all that was measured in a network of Pereira et al. (2018), by network; NaN is nothing.
SUMS = {LANGUAGE_NETWORK: 1935595.263, "auditory": -257124.114}
# Relative difference of sums that are the same, taken in another order and precision.
ROUNDING = 1e-6


def check_size(assembly: Assembly, dataset: str, unit: str, person: str | None = None) -> None:
    """Raise `InputError` unless a published assembly is as large as it was; others may be any.

    Parameters
    ----------
    assembly : Assembly
    dataset : str
    unit, person : str
        Coordinates of the units that name them, and who was measured.
    """
    if dataset not in PUBLISHED:
        return
    units = assembly.units
    people = None if person is None else units[person].nunique()
    found = Size(len(assembly.measured), units[unit].nunique(), people)
    if found != PUBLISHED[dataset]:
        raise InputError(
            "not the published assembly",
            where=assembly.path,
            expected=PUBLISHED[dataset],
            got=found,
        )


def check_sums(assembly: Assembly, dataset: str, network: str) -> None:
    """Raise `InputError` unless the networks of a published assembly sum to what they did.

    Parameters
    ----------
    assembly : Assembly
    dataset : str
        Others than the published ones may sum to anything.
    network : str
        Coordinate of the units that names their network; those without a known sum may be any.
    """
    for name, total in SUMS.items() if dataset in PUBLISHED else ():
        own = assembly.measured[:, (assembly.units[network] == name).to_numpy()]
        found = float(np.nansum(own))
        if own.size and not np.isclose(found, total, rtol=ROUNDING, atol=0.0):
            raise InputError(
                "not the published values",
                where=f"{assembly.path}, network {name}",
                expected=f"values that sum to {total}",
                got=f"{found:.3f}",
                do=OBTAIN,
            )


def require(assembly: Assembly, stimuli: Sequence[str], units: Sequence[str]) -> None:
    """Raise `InputError` unless both dimensions have the coordinates that are needed, all told."""
    for table, names in ((assembly.stimuli, stimuli), (assembly.units, units)):
        absent = [name for name in names if name not in table]
        if absent:
            raise InputError(
                "coordinate missing", where=assembly.path, expected=absent, got=list(table)
            )
        for name in names:
            check_told(table[name], assembly)


def check_told(column: "pd.Series[Any]", assembly: Assembly) -> None:
    """Raise `InputError` if a coordinate is NaN or empty somewhere, and tells nothing of a row."""
    untold = column.isna() | (column.astype(str).str.strip() == "")
    if untold.any():
        raise InputError(
            "coordinate without a value",
            where=f"{assembly.path}, {column.name}",
            got=f"{int(untold.sum())} of {len(column)}, the first at {int(untold.argmax())}",
            do="Name them, or leave these rows or columns out of the file.",
        )


def check_unbroken(assembly: Assembly, run: str, place: str) -> None:
    """Raise `InputError` unless the words of each run are counted on, from 0 or 1.

    A word that the file lacks would stand before no other, though people have read it.

    Parameters
    ----------
    assembly : Assembly
        Ordered by these.
    run, place : str
        Coordinates of the stimuli.
    """
    numbers = pd.to_numeric(assembly.stimuli[place], errors="coerce")
    first = numbers.groupby(assembly.stimuli[run], sort=False).transform("first")
    count = assembly.stimuli.groupby(run, sort=False).cumcount()
    wrong = ~(numbers.eq(first + count) & first.isin([0, 1]))
    if wrong.any():
        row = int(wrong.argmax())
        expected = "0 or 1" if count[row] == 0 else f"{first[row] + count[row]:g}"
        raise InputError(
            "words missing, twice or not counted",
            where=f"{assembly.path}, {run} {assembly.stimuli[run][row]}, {place}",
            expected=expected,
            got=assembly.stimuli[place][row],
        )


def first_of(assembly: Assembly, names: Sequence[str], of: str) -> str:
    """Find which of several names a coordinate has here; files differ.

    Raises
    ------
    InputError
        If it has none of them.
    """
    table = getattr(assembly, of)
    for name in names:
        if name in table:
            return name
    raise InputError(
        "coordinate missing", where=assembly.path, expected=" or ".join(names), got=list(table)
    )


def texts(assembly: Assembly, names: Sequence[str]) -> "pd.Series[str]":
    """Texts of the stimuli, under the first of several names that is there.

    Raises
    ------
    InputError
        If there is none, or it holds numbers.
    """
    name = first_of(assembly, names, "stimuli")
    found = assembly.stimuli[name]
    if pd.api.types.is_numeric_dtype(found):
        where = f"{assembly.path}, {name}"
        raise InputError("no texts", where=where, expected="texts", got=found.dtype, do=OBTAIN)
    return found.map(str)


def check_finite(assembly: Assembly, where: str) -> None:
    """Raise `InputError` if a unit that is used was not measured for a stimulus."""
    bad = ~np.isfinite(assembly.measured)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise InputError(
            "values that are not finite",
            where=f"{assembly.path}, {where}, stimulus {row}, unit {column}",
            got=f"{int(bad.any(axis=0).sum())} of {bad.shape[1]} units",
        )
