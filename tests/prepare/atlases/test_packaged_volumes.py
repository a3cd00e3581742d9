import nibabel
import numpy as np
import pandas as pd
import pytest

from stages.core.names.aal import AAL_NAMES
from stages.core.run.errors import InputError
from stages.prepare.atlases.named_atlases import load_atlas
from stages.prepare.series.measured_places import Places, vertex_table, voxel_table

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


def test_other_kinds_are_refused(tmp_path):
    table = pd.concat([vertex_table(side, np.arange(10242)) for side in "LR"], ignore_index=True)
    places = Places("surface", table, vertices={"L": 10242, "R": 10242})
    with pytest.raises(InputError, match="hcp-mmp1, L: expected 10242 vertices, got 32492"):
        load_atlas("hcp-mmp1", tmp_path).label(places)
    with pytest.raises(InputError, match="aal: expected an atlas on the surface"):
        load_atlas("aal", tmp_path).label(places)
