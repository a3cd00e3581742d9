"""Grayordinates are written back as CIFTI, whatever below the cortex was studied."""

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.dense_labels import read_dlabel
from stages.prepare.series.grayordinates import axis_places
from stages.share.dense_maps import dense_axis
from tests.share.conftest import LAYERS, PEOPLE, REGIONS
from tests.share.test_vertex_maps import SIDES, arrays, story, vertices
from tests.share.validators import bids_errors

SIZE = 32492
CORTEX = {"L": "CIFTI_STRUCTURE_CORTEX_LEFT", "R": "CIFTI_STRUCTURE_CORTEX_RIGHT"}
BELOW = ("CIFTI_STRUCTURE_PUTAMEN_LEFT",) * 3 + ("CIFTI_STRUCTURE_BRAIN_STEM",) * 2
NAMED = "task-story_space-fsLR_den-32k"


def dense(name, rng, *, cortex=True):
    """Forty vertices of either side, three voxels of the putamen and two of the brain stem."""
    one = vertices(name, rng, SIZE, voxels=True)
    structures = [CORTEX[side] for side in SIDES for _ in range(40)] + list(BELOW)
    table = one.targets.assign(structure=structures)
    table.loc[80:, "region"] = [*REGIONS[:3], *REGIONS[:2]]
    kept = slice(None if cortex else 80, None)
    table = table[kept].reset_index(drop=True)
    return replace(one, targets=table, responses=one.responses[:, kept])


def file(folder, name, rest):
    label = name.replace("_", "")
    return nibabel.load(folder / f"sub-{label}/func/sub-{label}_{NAMED}_{rest}")


def at(axis, row):
    """Which column of CIFTI a target is, by going through all of them."""
    for column, (kind, where, structure) in enumerate(axis):
        if structure == row["structure"] and (
            row["id"] == f"{row['hemisphere']}-{where:05d}"
            if kind == "CIFTI_MODEL_TYPE_SURFACE"
            else row["id"] == "-".join(map(str, where))
        ):
            return column
    raise AssertionError(row)


def test_every_target_has_its_score_in_its_structure(tmp_path, rng):
    subjects = [dense(name, rng) for name in PEOPLE]
    folder, _, tables = story(tmp_path, subjects, "fsLR", rng)
    for one in subjects:
        image = file(folder, one.name, "desc-encodeMinilm_statmap.dscalar.nii")
        assert image.nifti_header.get_intent()[0] == "ConnDenseScalar"
        names, axis = (image.header.get_axis(k) for k in (0, 1))
        assert list(names.name) == [f"r, {layer}" for layer in LAYERS]
        assert dict(axis.nvertices) == dict.fromkeys(CORTEX.values(), SIZE)
        assert axis.volume_shape == one.shape
        np.testing.assert_array_equal(axis.affine, one.affine)
        columns = [at(axis, row) for row in one.targets.to_dict("records")]
        assert sorted(columns) == list(range(85))
        rows = tables["encode"]
        rows = rows[(rows["subject"] == one.name) & (rows["model"] == "minilm")]
        rows = rows[(rows["kind"] == "hidden") & (rows["metric"] == "r")]
        for layer, found in zip(LAYERS, image.get_fdata(), strict=True):
            scores = rows[rows["layer"] == layer].set_index("region")["score"]
            expected = one.targets["region"].map(scores).fillna(0).to_numpy(np.float32)
            np.testing.assert_array_equal(found[columns].astype(np.float32), expected)
            assert (found[columns[80:]] != 0).all()
            # The cortex is that of the surface files beside it.
            rest = ("story", "space-fsLR_den-32k_desc-encodeMinilm_statmap.func.gii")
            for structure, columns_of, part in axis.iter_structures():
                side = {name: side for side, name in CORTEX.items()}.get(structure)
                if side:
                    mesh = arrays(folder, one.name, side, rest)[f"r, {layer}"]
                    np.testing.assert_array_equal(mesh[part.vertex], found[columns_of])


def test_regions_are_read_back_as_an_atlas(tmp_path, rng):
    subjects = [dense(name, rng) for name in PEOPLE]
    folder, _, _ = story(tmp_path, subjects, "fsLR", rng)
    for one in subjects:
        image = file(folder, one.name, "desc-regions_dseg.dlabel.nii")
        assert image.nifti_header.get_intent()[0] == "ConnDenseLabel"
        atlas = read_dlabel(Path(image.get_filename()), "fsLR")
        named = atlas.label(axis_places(image.header.get_axis(1), "here"))
        assert named["region"].tolist() == one.targets["region"].tolist()


def test_voxels_alone_are_no_volume_of_the_recording(tmp_path, rng):
    subjects = [dense(name, rng, cortex=False) for name in PEOPLE]
    folder, _, _ = story(tmp_path, subjects, "fsLR", rng)
    for one in subjects:
        for rest in ("encodeMinilm_statmap.dscalar.nii", "regions_dseg.dlabel.nii"):
            axis = file(folder, one.name, f"desc-{rest}").header.get_axis(1)
            assert list(axis.name) == list(BELOW)
            assert axis.voxel.tolist() == [[1, 2, k] for k in range(5)]
    assert not list(folder.rglob("*.gii"))
    assert not list(folder.rglob("*.nii.gz"))


def test_vertices_alone_need_no_grid(rng):
    one = dense("subject_1", rng)
    on_mesh = one.targets["i"].isna()
    cortex = replace(one, targets=one.targets[on_mesh], affine=None, shape=None)
    axis = dense_axis(cortex, SIZE)
    assert len(axis) == 80
    assert axis.volume_shape is None


def test_wrong_grayordinates_are_refused(rng):
    one = dense("subject_1", rng)
    mixed = one.targets.iloc[[0, 84, 1]].reset_index(drop=True)
    with pytest.raises(InputError, match="structure in several pieces in subject subject_1"):
        dense_axis(replace(one, targets=mixed), SIZE)
    with pytest.raises(InputError, match=r"voxel outside the volume .*expected \(9, 8, 4\)"):
        dense_axis(replace(one, shape=(9, 8, 4)), SIZE)


def test_the_validator_of_bids_finds_no_error(tmp_path, rng):
    subjects = [dense(name, rng) for name in PEOPLE]
    assert not bids_errors(story(tmp_path, subjects, "fsLR", rng)[0])
