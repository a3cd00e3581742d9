"""Tables of labels, `dseg.tsv` of BIDS, and names of files made of entities."""

import csv
import re
from pathlib import Path

import pandas as pd

from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there
from stages.prepare.atlases.region_rows import column_side
from stages.prepare.optional_names import check_spelling

NEEDED = ("index", "name")
# Meshes of which each begins with the vertices of the coarser ones.
MESH = re.compile("fsaverage[3-6]?")
MISSING = ("", "n/a")
DO = "A table of labels has the columns index and name, separated by tabs."


def entities(name: str) -> dict[str, str]:
    """Entities of a file's name, such as `tpl-MNI152NLin6Asym_atlas-AAL_dseg.nii.gz`."""
    parts = name.partition(".")[0].split("_")
    return {key: value for key, sep, value in (part.partition("-") for part in parts) if sep}


def space_of(name: str) -> str:
    """Template or mesh that a file's name says; empty where it says none."""
    found = entities(name)
    return found.get("space") or found.get("tpl", "")


def mesh_family(space: str) -> str:
    """Name the space of which this one has the first vertices: fsaverage for fsaverage5."""
    return "fsaverage" if MESH.fullmatch(space) else space


def find_table(image: Path, top: Path) -> Path:
    """Find the table of an image of labels: in its folder, or above it up to `top`.

    The nearest one counts whose entities are all the image's, and there the one with most; or the
    table of the same name.

    Raises
    ------
    InputError
        If there is none, or two count alike.
    """
    own = entities(image.name)
    stem = image.name.partition(".")[0]
    for folder in _upwards(image.parent, top):
        same = folder / f"{stem}.tsv"
        if lies_there(same):
            return same
        fits: dict[int, list[Path]] = {}
        for path in sorted(folder.glob("*_dseg.tsv")):
            found = entities(path.name)
            if found.items() <= own.items():
                fits.setdefault(len(found), []).append(path)
        if fits:
            best = fits[max(fits)]
            if len(best) > 1:
                got = ", ".join(path.name for path in best)
                raise InputError("several tables of labels", where=image, got=got)
            return best[0]
    raise InputError("no table of labels", where=image, expected=f"{stem}.tsv beside it", do=DO)


def _upwards(folder: Path, top: Path) -> list[Path]:
    """List a folder, and those above it up to `top` where that is one of them."""
    parents = list(folder.parents)
    return [folder, *parents[: parents.index(top) + 1]] if top in parents else [folder]


def read_label_table(path: Path) -> tuple[dict[int, str], dict[int, str]]:
    """Read a table of labels.

    Returns
    -------
    names : dict of int to str
        By label; labels whose name is `n/a` have none.
    hemispheres : dict of int to str
        `L` or `R`, where a column `hemisphere` says so.

    Raises
    ------
    InputError
        If the file is missing or broken, or a label is no whole number or occurs twice.
    """
    table = _read_texts(path)
    names: dict[int, str] = {}
    hemispheres: dict[int, str] = {}
    check_spelling(table.columns, "hemisphere", path)
    texts = table.reindex(columns=[*NEEDED, "hemisphere"], fill_value="")
    for line, (index, name, side) in enumerate(texts.itertuples(index=False), start=2):
        number = _whole(index)
        if number is None or number in names:
            expected = "a new whole number"
            where = f"{path}, line {line}"
            raise InputError("wrong label", where=where, expected=expected, got=repr(index))
        names[number] = "" if name.strip() in MISSING else name.strip()
        if column_side(side):
            hemispheres[number] = column_side(side)
    return {number: name for number, name in names.items() if name}, hemispheres


def _whole(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else None


def _read_texts(path: Path) -> pd.DataFrame:
    table = read_delimited(
        path,
        DO,
        sep="\t",
        dtype=str,
        keep_default_na=False,
        quoting=csv.QUOTE_NONE,
        encoding="utf-8-sig",
    )
    absent = [name for name in NEEDED if name not in table]
    if absent:
        got = ", ".join(table.columns)
        raise InputError("column missing", where=path, expected=absent[0], got=got, do=DO)
    return table.fillna("")
