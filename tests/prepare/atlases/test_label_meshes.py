import nibabel
import numpy as np
import pandas as pd
import pytest
from nibabel.freesurfer import write_annot

from stages.core.run.errors import InputError
from stages.prepare.atlases.label_meshes import hemisphere_pair
from stages.prepare.atlases.named_atlases import load_atlas
from stages.prepare.series.grayordinates import axis_places
from stages.prepare.series.measured_places import Places, vertex_table
from tests.prepare.series.made_images import LAS, SHAPE, grayordinates, write_mask

COLOURS = np.array([[0, 0, 0, 0], [200, 10, 0, 0], [10, 20, 30, 0], [7, 7, 7, 0]])
KEYS = np.array([0, 1, 2, 1, 3, 3, 0, 2, 2, 1])


def on_mesh(left=10, right=10):
    tables = [vertex_table("L", np.arange(left)), vertex_table("R", np.arange(right))]
    return Places("surface", pd.concat(tables, ignore_index=True), vertices={"L": left, "R": right})


def write_labels(path, keys, names, anatomy=None):
    table = nibabel.gifti.GiftiLabelTable()
    for key, name in names.items():
        label = nibabel.gifti.GiftiLabel(key, 1, 0, 0, 1)
        label.label = name
        table.labels.append(label)
    data = nibabel.gifti.GiftiDataArray(
        np.asarray(keys, dtype=np.int32), "NIFTI_INTENT_LABEL", "NIFTI_TYPE_INT32"
    )
    meta = {} if anatomy is None else {"AnatomicalStructurePrimary": anatomy}
    image = nibabel.GiftiImage(
        darrays=[data], labeltable=table, meta=nibabel.gifti.GiftiMetaData(meta)
    )
    nibabel.save(image, path)
    return path


NAMES = {0: "???", 1: "V1", 2: "STG", 3: "Medial_Wall", 4: "Nowhere"}


def test_labels_of_gifti(tmp_path, caplog):
    name = "tpl-fsaverage5_hemi-{}_atlas-Made_dseg.label.gii"
    write_labels(tmp_path / name.format("L"), KEYS, NAMES, "CortexLeft")
    write_labels(tmp_path / name.format("R"), KEYS[::-1], {1: "V1", 2: "IFG", 9: "x"})
    for where in (".", name.format("L"), name.format("R")):
        atlas = load_atlas(where, tmp_path)
        named = atlas.label(on_mesh())
        left = ["", "V1", "STG", "V1", "", "", "", "STG", "STG", "V1"]
        right = ["V1", "IFG", "IFG", "", "", "", "V1", "IFG", "V1", ""]
        assert named["region"].tolist() == left + right
        assert named["hemisphere"].tolist() == ["L"] * 10 + ["R"] * 10
        assert atlas.space == "fsaverage5"
        assert atlas.regions["region"].tolist() == ["V1", "STG", "V1", "IFG"]
    assert "L_atlas-Made_dseg.label.gii: regions without a voxel or vertex: Nowhere" in caplog.text
    assert (
        "R_atlas-Made_dseg.label.gii: labels without a name, outside every region: 3" in caplog.text
    )


def test_a_hemisphere_may_have_no_region(tmp_path):
    write_labels(tmp_path / "a.L.label.gii", KEYS, NAMES)
    write_labels(tmp_path / "a.R.label.gii", KEYS * 0, NAMES)
    named = load_atlas("a.L.label.gii", tmp_path).label(on_mesh())
    assert set(named["region"][10:]) == {""}
    write_labels(tmp_path / "a.L.label.gii", KEYS * 0, NAMES)
    with pytest.raises(InputError, match="no region with a name"):
        load_atlas("a.L.label.gii", tmp_path)


def test_annotations_of_freesurfer(tmp_path):
    labels = KEYS.copy()
    labels[3] = -1
    names = ["unknown", "V1", "STG", "corpus"]
    for side, sign in (("lh", 1), ("rh", -1)):
        write_annot(tmp_path / f"{side}.made.annot", labels[::sign], COLOURS, names)
    atlas = load_atlas("rh.made.annot", tmp_path)
    numbers, _, texts = nibabel.freesurfer.read_annot(tmp_path / "lh.made.annot")
    expected = ["" if n < 1 else texts[n].decode() for n in numbers]
    named = atlas.label(on_mesh())
    assert named["region"].tolist() == expected + expected[::-1]
    assert (expected[3], expected[4]) == ("", "corpus")


def test_a_colour_that_the_table_lacks_is_no_region(tmp_path, caplog):
    for side in ("lh", "rh"):
        path = tmp_path / f"{side}.made.annot"
        write_annot(path, KEYS, COLOURS, ["unknown", "V1", "STG", "corpus"])
        data = bytearray(path.read_bytes())
        code = int(COLOURS[2] @ [1, 256, 65536, 0])
        at = 4 + 8 * 2 + 4  # the code of vertex 2
        assert int.from_bytes(data[at : at + 4], "big") == code
        data[at : at + 4] = (code + 1).to_bytes(4, "big")
        path.write_bytes(data)
    named = load_atlas("lh.made.annot", tmp_path).label(on_mesh())
    assert named["region"][:4].tolist() == ["", "V1", "", "V1"]
    assert f"labels without a name, outside every region: {code + 1}" in caplog.text


def test_finer_meshes_of_fsaverage_begin_with_the_coarser(tmp_path, rng):
    labels = rng.integers(0, 4, 2562)
    for side in ("lh", "rh"):
        write_annot(tmp_path / f"{side}.a.annot", labels, COLOURS, ["unknown", "a", "b", "c"])
    atlas = load_atlas("lh.a.annot", tmp_path)
    named = atlas.label(on_mesh(642, 642))
    expected = np.array(["", "a", "b", "c"])[labels[:642]].tolist()
    assert named["region"].tolist() == expected * 2
    with pytest.raises(InputError, match="another mesh .*, L: expected 10242 vertices, got 2562"):
        atlas.label(on_mesh(10242, 10242))
    with pytest.raises(InputError, match="another mesh .*expected 641"):
        atlas.label(on_mesh(641, 641))
    with pytest.raises(InputError, match="another kind .*expected an atlas of a volume"):
        atlas.label(Places("volume", on_mesh().table, LAS, SHAPE))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("lh.aparc.annot", "rh.aparc.annot"),
        ("tpl-a_hemi-L_den-32k_dseg.label.gii", "tpl-a_hemi-R_den-32k_dseg.label.gii"),
        ("Q1.L.areas.label.gii", "Q1.R.areas.label.gii"),
    ],
)
def test_pairs_by_name(tmp_path, name, other):
    pair = (tmp_path / name, tmp_path / other)
    assert hemisphere_pair(pair[0]) == hemisphere_pair(pair[1]) == pair


def test_wrong_files(tmp_path):
    write_labels(tmp_path / "hemi-L.label.gii", KEYS, NAMES, "CortexRight")
    with pytest.raises(InputError, match="hemisphere not known"):
        hemisphere_pair(tmp_path / "areas.label.gii")
    with pytest.raises(InputError, match="other hemisphere"):
        load_atlas("hemi-L.label.gii", tmp_path)
    write_labels(tmp_path / "hemi-L.label.gii", KEYS, NAMES)
    with pytest.raises(InputError, match="file not found .*hemi-R.label.gii"):
        load_atlas("hemi-L.label.gii", tmp_path)
    (tmp_path / "lh.a.annot").write_bytes(b"\0\0\0\5abc")
    with pytest.raises(InputError, match="truncated or unreadable image"):
        load_atlas("lh.a.annot", tmp_path)
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(InputError, match="not an atlas .*expected .nii.gz"):
        load_atlas("a.txt", tmp_path)


def write_dlabel(path, keys, axis, names, n_maps=1):
    label = nibabel.cifti2.LabelAxis(
        [f"map {n}" for n in range(n_maps)],
        [{key: (name, (1, 0, 0, 1)) for key, name in names.items()}] * n_maps,
    )
    values = np.tile(np.asarray(keys, dtype=np.float32), (n_maps, 1))
    nibabel.save(nibabel.Cifti2Image(values, (label, axis)), path)


def test_labels_of_grayordinates_go_by_structure_and_vertex(tmp_path, caplog):
    path = tmp_path / "tpl-fsLR_den-32k_atlas-A_dseg.dlabel.nii"
    axis = grayordinates(left=(0, 1, 2, 9), right=(1, 2, 3))
    keys = [1, 0, 2, 1, 4, 4, 77, 5, 5, 6, 6, 6]
    names = {0: "???", 1: "L_V1", 2: "L_STG", 4: "R_V1", 5: "putamen_left", 6: "stem", 8: "none"}
    write_dlabel(path, keys, axis, names)
    atlas = load_atlas(path.name, tmp_path)
    named = atlas.label(axis_places(grayordinates(), "here"))
    assert named["region"].tolist() == [
        *("L_V1", "L_STG", "", "L_V1"),
        *("R_V1", "R_V1", ""),
        *("putamen_left", "putamen_left", "stem", "stem", "stem"),
    ]
    assert named["hemisphere"].tolist() == ["L"] * 4 + ["R"] * 3 + ["L"] * 2 + [""] * 3
    assert atlas.space == "fsLR"
    assert "outside every region: 77" in caplog.text
    assert "without a voxel or vertex: none" in caplog.text
    assert atlas.label(on_mesh())["region"][9] == "L_V1"  # func.gii of the same mesh
    write_dlabel(path, keys, axis, names, n_maps=2)
    with pytest.raises(InputError, match="not labels of grayordinates .*got 2, LabelAxis"):
        load_atlas(path.name, tmp_path)
    write_mask(tmp_path / "b.dlabel.nii")
    with pytest.raises(InputError, match="not grayordinates"):
        load_atlas("b.dlabel.nii", tmp_path)


def test_voxels_of_other_structures_are_never_mixed(tmp_path):
    axis = nibabel.cifti2.BrainModelAxis
    mask = np.zeros(SHAPE, dtype=bool)
    mask[2, 2, 2] = True
    thalamus = axis.from_mask(mask, name="CIFTI_STRUCTURE_THALAMUS_LEFT", affine=LAS)
    caudate = axis.from_mask(mask, name="CIFTI_STRUCTURE_CAUDATE_LEFT", affine=LAS)
    write_dlabel(tmp_path / "a.dlabel.nii", [1], thalamus, {1: "thalamus"})
    atlas = load_atlas("a.dlabel.nii", tmp_path)
    assert atlas.label(axis_places(thalamus, "x"))["region"].tolist() == ["thalamus"]
    assert atlas.label(axis_places(caudate, "x"))["region"].tolist() == [""]
