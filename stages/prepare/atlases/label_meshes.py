"""Atlases on the surface, a file per hemisphere: `label.gii`, or `annot` of FreeSurfer."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from nibabel.freesurfer import read_annot
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.atlases.mesh_labels import MeshLabels
from stages.prepare.atlases.region_atlas import Atlas, Rows
from stages.prepare.atlases.region_rows import (
    NOWHERE,
    check_any,
    region_table,
    rows_of,
    warn_empty,
    warn_unnamed,
)
from stages.prepare.series.measured_places import SIDES
from stages.prepare.series.opened_images import readable, require_image
from stages.prepare.series.vertex_places import open_surface

# How a file's name says its hemisphere, and what stands there for the other one.
HEMISPHERE = re.compile(r"(?<=hemi-)([LR])(?=[_.])|^(lh|rh)(?=\.)|(?<=\.)([LR])(?=\.)")
OTHER = {"L": "R", "R": "L", "lh": "rh", "rh": "lh"}
# Of the label table of GIFTI, and of the colours of FreeSurfer, what is not labelled.
NO_KEY = 0
# Of a hemisphere: the label of every vertex, the names of labels, and the file.
Annotated = tuple[NDArray[Any], Mapping[int, str], Path]


def hemisphere_pair(path: Path) -> tuple[Path, Path]:
    """Find the files of both hemispheres, left first, by the name of either.

    Raises
    ------
    InputError
        If the name says no hemisphere.
    """
    found = HEMISPHERE.search(path.name)
    if found is None:
        expected = "hemi-L, lh. or .L. in the name"
        raise InputError("hemisphere not known", where=path, expected=expected)
    name = path.name[: found.start()] + OTHER[found.group()] + path.name[found.end() :]
    other = path.with_name(name)
    return (path, other) if found.group() in ("L", "lh") else (other, path)


def read_meshes(path: Path, space: str) -> Atlas:
    """Read an atlas on the surface by the file of either hemisphere.

    Raises
    ------
    InputError
        If one is missing or damaged, or labels and names do not belong together.
    """
    pair = hemisphere_pair(path)
    sides: dict[str, Annotated] = {}
    for side, one in zip(SIDES, pair, strict=True):
        labels, names = read_annotation(one) if one.suffix == ".annot" else read_gifti(one, side)
        sides[side] = labels, names, one
    regions, found = both_sides(sides)
    check_any(regions, path)
    return Atlas(pair[0].name, space, regions, found, pair)


def both_sides(sides: Mapping[str, Annotated]) -> tuple[pd.DataFrame, MeshLabels]:
    """Make one table of the regions of both hemispheres, and say where they lie.

    Raises
    ------
    InputError
        If labels and names do not belong together.
    """
    tables, rows, before = [], dict[str, Rows](), 0
    for side, (labels, names, path) in sides.items():
        table = side_table(labels, names, side, path)
        found = rows_of(labels, table, path)
        rows[side] = np.where(found == NOWHERE, NOWHERE, found + before).astype(np.int32)
        before += len(table)
        tables.append(table)
    return pd.concat(tables, ignore_index=True), MeshLabels(rows)


def side_table(
    labels: NDArray[Any], names: Mapping[int, str], side: str, where: object
) -> pd.DataFrame:
    """Make the table of the regions of a hemisphere, and warn of what does not match."""
    present = set(np.unique(labels).tolist())
    warn_unnamed(sorted(present - set(names) - {NO_KEY, NOWHERE}), where)
    table = region_table(names, dict.fromkeys(names, side), where)
    absent = ~table.index.isin(list(present))
    warn_empty(table["region"][absent].tolist(), where)
    return table[~absent]


def read_annotation(path: Path) -> tuple[NDArray[Any], dict[int, str]]:
    """Read an annotation of FreeSurfer: the code of every vertex, and the names of codes.

    The codes are those of the colours, 0 for none: nibabel's own numbers are wrong where a code
    is not in the table of colours.

    Raises
    ------
    InputError
        If the file is missing or damaged, or two regions have one colour.
    """
    require_image(path)
    with readable(path):
        codes, colours, texts = read_annot(path, orig_ids=True)
        names = [text.decode() for text in texts]
    ids = colours[:, -1].tolist()
    named: dict[int, str] = {}
    for code, name in zip(ids, names, strict=True):
        if code in named and (codes == code).any():
            got = f"{named[code]} and {name}"
            raise InputError("two regions of one colour", where=path, got=got)
        named[code] = name
    named.pop(NO_KEY, None)
    return codes, named


def read_gifti(path: Path, side: str) -> tuple[NDArray[Any], dict[int, str]]:
    """Read labels in GIFTI: the key of every vertex, and the names of keys but 0.

    Raises
    ------
    InputError
        If the file is missing or damaged, of the other hemisphere, or of several maps.
    """
    image = open_surface(path, side)
    maps = [np.asarray(array.data) for array in image.darrays]
    if len(maps) != 1 or maps[0].ndim != 1:
        expected, got = "one label per vertex", [one.shape for one in maps]
        raise InputError("wrong shape", where=path, expected=expected, got=got)
    table = image.labeltable.get_labels_as_dict()
    names = {int(key): str(name or "") for key, name in table.items() if key != NO_KEY}
    return maps[0], names
