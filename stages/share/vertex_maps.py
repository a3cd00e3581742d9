"""Values of a person's vertices, where a recording was measured on the surface: GIFTI of each side.

A target of a surface is called by its vertex, `L-01234`. Grayordinates, which have voxels below the
cortex besides, are written as CIFTI too.
"""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import HEMISPHERES
from stages.core.recording.types import Subject
from stages.core.run.errors import InputError
from stages.core.run.files import write_json
from stages.share.dense_maps import dense_axis, write_dense, write_dense_regions
from stages.share.derivative_folder import Derivative
from stages.share.painted_voxels import is_dense
from stages.share.surface_files import LETTERS, write_metrics, write_parcellation

log = logging.getLogger("concord.share")

# Vertices of a hemisphere, by space, and how names of files say so where the space does not.
SIZES = {
    "fsaverage": 163842,
    "fsaverage6": 40962,
    "fsaverage5": 10242,
    "fsaverage4": 2562,
    "fsaverage3": 642,
    "fsLR": 32492,
}
DENSITY = {"fsLR": {"den": "32k"}}
ID = r"([LR])-(\d{5,})"


def vertices_of(subject: Subject) -> pd.DataFrame:
    """Find which targets are vertices.

    Returns
    -------
    DataFrame
        Columns hemisphere (`left` or `right`), vertex (from 0) and region; the index is the row of
        the target. Without rows where none is a vertex.
    """
    found = subject.targets["id"].astype(str).str.extract(f"^{ID}$")
    there = found[0].notna() & subject.targets["i"].isna()
    sides = {LETTERS[side]: side for side in HEMISPHERES}
    return pd.DataFrame(
        {
            "hemisphere": found.loc[there, 0].map(sides),
            "vertex": found.loc[there, 1].astype(np.int64),
            "region": subject.targets.loc[there, "region"],
        }
    )


def write_vertex_regions(made: Derivative, subject: Subject, numbers: Mapping[str, int]) -> bool:
    """Write which region every vertex, and of grayordinates every voxel, belongs to.

    Returns
    -------
    bool
        False, and nothing is written, where no vertex or grayordinate is known.

    Raises
    ------
    InputError
        If a vertex is not on the mesh.
    """
    labels, space, dense = vertices_of(subject), made.space.label, is_dense(subject)
    if labels.empty and not dense:
        return False
    if space not in SIZES:
        log.warning("%s: no maps of vertices: mesh %r is not known", subject.name, space)
        return False
    if (labels["vertex"] >= SIZES[space]).any():
        got = int(labels["vertex"].max())
        where = f"subject {subject.name}"
        raise InputError("vertex not on the mesh", where=where, expected=SIZES[space], got=got)
    desc = made.describe("regions", "Regions of the recording")
    if dense:
        path = made.place(subject.name, "dseg", ".dlabel.nii", **_named(made), desc=desc)
        write_dense_regions(path, dense_axis(subject, SIZES[space]), subject, numbers)
    for side in HEMISPHERES if len(labels) else ():
        path = made.place(subject.name, "dseg", ".label.gii", **_named(made, side), desc=desc)
        write_parcellation(path, side, labels, SIZES[space], numbers)
    return True


def write_vertices(
    made: Derivative,
    subject: Subject,
    maps: Mapping[str, NDArray[np.floating]],
    desc: str,
    text: str,
) -> None:
    """Write maps of all vertices, a file per hemisphere, 0 where nothing is known.

    Of grayordinates, all are in one file besides, `.dscalar.nii`.

    Parameters
    ----------
    made : Derivative
    subject : Subject
        For whom `write_vertex_regions` wrote.
    maps : mapping of str to ndarray, shape (n_targets,)
        By name.
    desc, text : str
        Label, and what it stands for.
    """
    if not maps:
        return
    labels, size = vertices_of(subject), SIZES[made.space.label]
    made.describe(desc, text)
    if is_dense(subject):
        path = made.place(subject.name, "statmap", ".dscalar.nii", **_named(made), desc=desc)
        write_dense(path, dense_axis(subject, size), maps)
    for side in HEMISPHERES if len(labels) else ():
        own = labels[labels["hemisphere"] == side]
        arrays = {}
        for name, values in maps.items():
            array = np.zeros(size, dtype=np.float32)
            array[own["vertex"].to_numpy()] = np.nan_to_num(values[own.index.to_numpy()])
            arrays[name] = array
        path = made.place(subject.name, "statmap", ".func.gii", **_named(made, side), desc=desc)
        write_metrics(path, side, arrays)
    about = {"Description": text, "SpatialReference": made.space.label, "Maps": list(maps)}
    write_json(made.place(subject.name, "statmap", ".json", **_named(made), desc=desc), about)


def _named(made: Derivative, side: str = "") -> dict[str, str]:
    """Name a file of a hemisphere, or of both."""
    space, hemi = made.space.label, {"hemi": LETTERS[side]} if side else {}
    return hemi | {"space": space} | DENSITY.get(space, {})
