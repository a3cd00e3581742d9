"""Surfaces read back by nibabel and nilearn, held against naive loops."""

import nibabel
import numpy as np
import pandas as pd
import pytest
from nilearn.surface import load_surf_data, load_surf_mesh

from stages.core.pictures.surfaces import Mesh
from stages.share.surface_files import (
    on_vertices,
    write_mesh,
    write_metrics,
    write_parcellation,
    write_parcels,
)

SIZES = {"left": 30, "right": 25}
ODD = "<V1> & \"so\" 'on' ]]>"
VALUES = {"FFC": 0.5, ODD: -1 / 3}


@pytest.fixture
def labels(rng):
    """Vertices of both hemispheres, some of no region, one region on the left alone."""
    parts = []
    for side, size in SIZES.items():
        vertices = rng.permutation(size)[:18]
        regions = np.repeat(["FFC", ODD, "aside" if side == "left" else "FFC"], 6)
        parts.append(pd.DataFrame({"hemisphere": side, "vertex": vertices, "region": regions}))
    return pd.concat(parts, ignore_index=True)


def naive(labels, side, values):
    found = np.zeros(SIZES[side], np.float32)
    for row in labels.to_dict("records"):
        if row["hemisphere"] == side and row["region"] in values:
            found[row["vertex"]] = values[row["region"]]
    return found


def test_maps_of_a_hemisphere(labels, tmp_path):
    for side, anatomy in (("left", "CortexLeft"), ("right", "CortexRight")):
        values = on_vertices(labels, side, SIZES[side], VALUES)
        path = tmp_path / f"{side}.func.gii"
        write_metrics(path, side, {"cka": values, ODD: 2 * values})
        image = nibabel.load(path)
        assert image.meta["AnatomicalStructurePrimary"] == anatomy
        assert [array.meta["Name"] for array in image.darrays] == ["cka", ODD]
        expected = naive(labels, side, VALUES)
        np.testing.assert_array_equal(
            load_surf_data(path), np.column_stack([expected, 2 * expected])
        )
        assert image.darrays[0].data.dtype == np.float32
        assert (expected != 0).sum() == (12 if side == "left" else 18)


def test_regions_of_a_hemisphere(labels, tmp_path):
    numbers = {name: k for k, name in enumerate(["FFC", ODD, "aside", "elsewhere"], start=1)}
    for side, size in SIZES.items():
        path = tmp_path / "a.label.gii"
        write_parcellation(path, side, labels, size, numbers)
        image = nibabel.load(path)
        assert image.labeltable.get_labels_as_dict() == {0: "???"} | {
            key: name for name, key in numbers.items()
        }
        np.testing.assert_array_equal(image.darrays[0].data, naive(labels, side, numbers))
        colours = {one.rgba for one in image.labeltable.labels}
        assert len(colours) == 5
        assert all(0 <= part <= 1 for colour in colours for part in colour)


def test_a_mesh(rng, tmp_path):
    points = rng.standard_normal((9, 3)).astype(np.float32)
    faces = rng.permuted(np.tile(np.arange(9), (7, 1)), axis=1)[:, :3].astype(np.int32)
    write_mesh(tmp_path / "a.surf.gii", "right", Mesh(points, faces))
    found = load_surf_mesh(tmp_path / "a.surf.gii")
    np.testing.assert_array_equal(found.coordinates, points)
    np.testing.assert_array_equal(found.faces, faces)
    about = nibabel.load(tmp_path / "a.surf.gii").darrays[0].meta
    assert about["AnatomicalStructurePrimary"] == "CortexRight"


def test_parcels(labels, rng, tmp_path):
    scores = pd.DataFrame(rng.standard_normal((3, 2)), index=["a", "b", ODD], columns=["FFC", ODD])
    write_parcels(tmp_path / "a.pscalar.nii", labels, SIZES, scores)
    image = nibabel.load(tmp_path / "a.pscalar.nii")
    np.testing.assert_array_equal(image.get_fdata(), scores.to_numpy(np.float32))
    assert image.nifti_header.get_intent()[0] == "ConnParcelScalr"
    maps, parcels = image.header.get_axis(0), image.header.get_axis(1)
    assert list(maps.name) == list(scores.index)
    assert list(parcels.name) == list(scores.columns)
    sizes = {name.rpartition("_")[2].lower(): size for name, size in parcels.nvertices.items()}
    assert sizes == SIZES
    for name, vertices in zip(parcels.name, parcels.vertices, strict=True):
        for side in SIZES:
            own = labels[(labels["region"] == name) & (labels["hemisphere"] == side)]
            found = vertices[f"CIFTI_STRUCTURE_CORTEX_{side.upper()}"]
            assert sorted(own["vertex"]) == list(found)
