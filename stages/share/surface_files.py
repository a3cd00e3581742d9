"""Values of regions on the cortical surface: GIFTI of each hemisphere, and CIFTI of parcels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from nibabel import cifti2, gifti
from numpy.typing import NDArray

from stages.core.names.vocabulary import HEMISPHERES
from stages.core.pictures.surfaces import Mesh
from stages.share.saved_images import save_image

ANATOMY = {"left": "CortexLeft", "right": "CortexRight"}
STRUCTURES = {"left": "CIFTI_STRUCTURE_CORTEX_LEFT", "right": "CIFTI_STRUCTURE_CORTEX_RIGHT"}
LETTERS = {"left": "L", "right": "R"}
UNLABELLED = (0, "???")


def on_vertices(
    labels: pd.DataFrame, hemisphere: str, size: int, values: Mapping[str, float]
) -> NDArray[np.float32]:
    """Give every vertex its region's value, 0 where it has none.

    Parameters
    ----------
    labels : DataFrame
        Columns hemisphere, vertex, region.
    hemisphere : {"left", "right"}
    size : int
        Vertices of the hemisphere.
    values : mapping of str to float
        By region.
    """
    own = labels[(labels["hemisphere"] == hemisphere) & labels["region"].isin(list(values))]
    found = np.zeros(size, dtype=np.float32)
    found[own["vertex"].to_numpy(np.intp)] = own["region"].map(dict(values)).to_numpy(np.float32)
    return found


def write_metrics(path: Path, hemisphere: str, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Write maps of a hemisphere as `.func.gii`, named."""
    made = [
        gifti.GiftiDataArray(
            values,
            intent="NIFTI_INTENT_NONE",
            datatype="NIFTI_TYPE_FLOAT32",
            meta=gifti.GiftiMetaData({"Name": name}),
        )
        for name, values in arrays.items()
    ]
    save_image(gifti.GiftiImage(meta=_side(hemisphere), darrays=made), path, ".func.gii")


def write_parcellation(
    path: Path, hemisphere: str, labels: pd.DataFrame, size: int, numbers: Mapping[str, int]
) -> None:
    """Write which region every vertex belongs to as `.label.gii`."""
    keys = on_vertices(labels, hemisphere, size, {n: float(k) for n, k in numbers.items()})
    table = gifti.GiftiLabelTable()
    for key, (name, colour) in label_colours(numbers).items():
        entry = gifti.GiftiLabel(key, *colour)
        entry.label = name
        table.labels.append(entry)
    array = gifti.GiftiDataArray(
        keys.astype(np.int32), intent="NIFTI_INTENT_LABEL", datatype="NIFTI_TYPE_INT32"
    )
    made = gifti.GiftiImage(meta=_side(hemisphere), labeltable=table, darrays=[array])
    save_image(made, path, ".label.gii")


def label_colours(numbers: Mapping[str, int]) -> dict[int, tuple[str, tuple[float, ...]]]:
    """Give every number its name and a colour, and 0 those of what is in no region."""
    named = {UNLABELLED[1]: UNLABELLED[0], **numbers}
    return {key: (name, tuple(_colour(key))) for name, key in named.items()}


def write_mesh(path: Path, hemisphere: str, mesh: Mesh) -> None:
    """Write the surface of a hemisphere as `.surf.gii`."""
    meta = gifti.GiftiMetaData(
        {
            "AnatomicalStructurePrimary": ANATOMY[hemisphere],
            "GeometricType": "Inflated",
        }
    )
    points = gifti.GiftiDataArray(
        mesh.coordinates, intent="NIFTI_INTENT_POINTSET", datatype="NIFTI_TYPE_FLOAT32", meta=meta
    )
    faces = gifti.GiftiDataArray(
        mesh.faces, intent="NIFTI_INTENT_TRIANGLE", datatype="NIFTI_TYPE_INT32"
    )
    save_image(gifti.GiftiImage(meta=_side(hemisphere), darrays=[points, faces]), path, ".surf.gii")


def write_parcels(
    path: Path, labels: pd.DataFrame, sizes: Mapping[str, int], scores: pd.DataFrame
) -> None:
    """Write maps of regions as `.pscalar.nii`.

    Parameters
    ----------
    path : Path
    labels : DataFrame
        Columns hemisphere, vertex, region.
    sizes : mapping of str to int
        Vertices of each hemisphere.
    scores : DataFrame, shape (n_maps, n_regions)
        Index: names of the maps; columns: regions that have a vertex.
    """
    vertices = [_vertices(labels[labels["region"] == region]) for region in scores.columns]
    parcels = cifti2.ParcelsAxis(
        list(scores.columns),
        [np.empty((0, 3), dtype=np.int64)] * len(vertices),
        vertices,
        nvertices={STRUCTURES[side]: sizes[side] for side in HEMISPHERES},
    )
    maps = cifti2.ScalarAxis([str(name) for name in scores.index])
    image = cifti2.Cifti2Image(scores.to_numpy(np.float32), header=(maps, parcels))
    image.nifti_header.set_intent("ConnParcelScalr")
    image.update_headers()
    save_image(image, path, ".pscalar.nii")


def _vertices(labels: pd.DataFrame) -> dict[str, NDArray[np.int64]]:
    found = {
        STRUCTURES[str(side)]: np.sort(rows["vertex"].to_numpy(np.int64))
        for side, rows in labels.groupby("hemisphere", sort=False)
    }
    return dict(sorted(found.items()))


def _side(hemisphere: str) -> gifti.GiftiMetaData:
    return gifti.GiftiMetaData({"AnatomicalStructurePrimary": ANATOMY[hemisphere]})


def _colour(key: int) -> Sequence[float]:
    """Choose a colour by a number: hues a golden section apart, and nothing for 0."""
    if key == 0:
        return 0.0, 0.0, 0.0, 0.0
    hue = 6.0 * ((key * 0.6180339887) % 1.0)
    red, green, blue = (
        min(max(abs((hue + turn) % 6.0 - 3.0) - 1.0, 0.0), 1.0) for turn in (0.0, 4.0, 2.0)
    )
    return red, green, blue, 1.0
