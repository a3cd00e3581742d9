"""The regions of an atlas: their names, their hemispheres, and what a label without a name is."""

import logging
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError

logger = logging.getLogger("concord.prepare")

REGION_COLUMNS = ("region", "hemisphere")
# Row of what is in no region.
NOWHERE = -1
# Names, without case, that stand for no region, and a part of such names.
NO_REGION = (
    "",
    "n/a",
    "???",
    "l_???",
    "r_???",
    "background",
    "unknown",
    "not_labelled",
    "unlabeled",
)
MEDIAL_WALL = "medialwall"
# A hemisphere is a word of a name, or one letter at either end of it.
WORD = re.compile(r"(?:^|[_\-. ])(lh|rh|left|right)(?=$|[_\-. ])", re.IGNORECASE)
LETTER = re.compile(r"^([lr])[_\-. ]|[_\-. ]([lr])$", re.IGNORECASE)
CAMEL = re.compile(r"^(Left|Right)(?=[A-Z0-9])|(?<=[a-z0-9])(Left|Right)$")
# How a table's column names hemispheres.
COLUMN = {"l": "L", "lh": "L", "left": "L", "r": "R", "rh": "R", "right": "R"}
NAMED = 8
# How far a label may lie from a whole number.
WHOLE = 1e-3


def region_table(
    names: Mapping[int, str], hemispheres: Mapping[int, str], where: object
) -> pd.DataFrame:
    """Make the table of regions.

    Parameters
    ----------
    names : dict of int to str
        By number; those that stand for no region are left out.
    hemispheres : dict of int to str
        As given beside them, `L` or `R`; where absent, the name may say it.
    where : object

    Returns
    -------
    DataFrame
        Columns `REGION_COLUMNS`, the index being the number; a hemisphere not known is empty.

    Raises
    ------
    InputError
        If two regions of one hemisphere have one name.
    """
    kept = {number: name.strip() for number, name in names.items() if is_region(name)}
    table = pd.DataFrame({"region": kept.values()}, index=list(kept), dtype=str)
    table["hemisphere"] = [
        hemispheres.get(number) or named_side(name) for number, name in kept.items()
    ]
    twice = table.duplicated(keep=False)
    if twice.any():
        name = table["region"][twice].iloc[0]
        numbers = " and ".join(map(str, table.index[twice & (table["region"] == name)]))
        got = f"{name!r} of {numbers}"
        raise InputError("two regions of one name", where=where, got=got)
    return table


def is_region(name: str) -> bool:
    """Whether a name is a region's, and not of the background or the medial wall."""
    folded = name.strip().casefold()
    letters = "".join(character for character in folded if character.isalpha())
    return folded not in NO_REGION and MEDIAL_WALL not in letters


def named_side(name: str) -> str:
    """Hemisphere, `L` or `R`, that a name says; empty where it says none or both."""
    found = {text[0].upper() for text in WORD.findall(name)}
    if not found:
        groups = [*LETTER.findall(name), *CAMEL.findall(name)]
        found = {text[0].upper() for pair in groups for text in pair if text}
    return found.pop() if len(found) == 1 else ""


def column_side(text: str) -> str:
    """Hemisphere, `L` or `R`, that a column says; empty where it says anything else."""
    return COLUMN.get(text.strip().casefold(), "")


def rows_of(labels: NDArray[np.generic], table: pd.DataFrame, where: object) -> NDArray[np.int32]:
    """Replace every label by the row of its region.

    Parameters
    ----------
    labels : ndarray of numbers, any shape
        Whole numbers, though they may be stored as others.
    table : DataFrame
        As from `region_table`.
    where : object

    Returns
    -------
    ndarray of int32, as the labels
        Rows of the table, or `NOWHERE`.

    Raises
    ------
    InputError
        If a label is no whole number.
    """
    found, inverse = np.unique(labels, return_inverse=True)
    whole = np.round(found.astype(float))
    with np.errstate(invalid="ignore"):
        wrong = found[~(np.abs(found - whole) <= WHOLE)]
    if len(wrong):
        do = "Labels that were interpolated are none: take the nearest neighbour."
        raise InputError("label that is no whole number", where=where, got=f"{wrong[0]:g}", do=do)
    numbers = whole.astype(np.int64)
    rows = table.index.get_indexer(numbers).astype(np.int32)
    return rows[inverse].reshape(labels.shape)


def check_any(table: pd.DataFrame, where: object) -> None:
    """Raise `InputError` if no label has a name."""
    if table.empty:
        raise InputError("no region with a name", where=where)


def check_sides(
    table: pd.DataFrame, share: Mapping[str, NDArray[np.float64]], where: object
) -> None:
    """Warn of regions most of which lies on the other side than they are said to be on.

    Parameters
    ----------
    table : DataFrame
        Regions, with the hemisphere that is given, if any.
    share : mapping of str to ndarray, shape (n_regions,)
        Of the voxels of a region, those in the hemisphere `L`, and in `R`.
    where : object

    Raises
    ------
    InputError
        If that is half or more of those that are said to be on a side: the image is mirrored, or
        its axes or affine are those of another.
    """
    given = table["hemisphere"].to_numpy(str)
    beyond = share["R"] - share["L"]
    other = ((given == "L") & (beyond > 0)) | ((given == "R") & (beyond < 0))
    if not other.any():
        return
    named, n_sided = some(table.loc[other, "region"].tolist()), int((given != "").sum())
    if 2 * other.sum() >= n_sided:
        raise InputError(
            "regions in the other hemisphere",
            where=where,
            expected="regions on the side that their names say",
            got=f"{other.sum()} of {n_sided} on the other: {named}",
            do="Is the image mirrored? Compare its axes and affine with the original.",
        )
    logger.warning("%s: regions that lie in the other hemisphere: %s", where, named)


def warn_unnamed(numbers: Sequence[int], where: object) -> None:
    """Warn of labels that no row names, which lie outside every region."""
    if len(numbers):
        logger.warning("%s: labels without a name, outside every region: %s", where, some(numbers))


def warn_empty(names: Sequence[str], where: object) -> None:
    """Warn of regions that have no voxel or vertex."""
    if len(names):
        logger.warning("%s: regions without a voxel or vertex: %s", where, some(names))


def some(found: Sequence[object] | NDArray[np.int64]) -> str:
    """List the first of what was found, and say how many there are."""
    more = f", … ({len(found)} in all)" if len(found) > NAMED else ""
    return ", ".join(str(one) for one in found[:NAMED]) + more
