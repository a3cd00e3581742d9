import nibabel
import numpy as np
import pandas as pd
import pytest
from nilearn.image import resample_to_img

from stages.core.run.errors import InputError
from stages.prepare.atlases.named_atlases import load_atlas
from stages.prepare.atlases.region_atlas import labelled_share, nearest
from stages.prepare.series.measured_places import Places, side_of, to_mm, voxel_table
from tests.prepare.series.made_images import LAS, OBLIQUE

SHAPE = (9, 8, 7)
SMALL = np.array([[-1.3, 0, 0, 18.7], [0, 1.1, 0, -11.2], [0, 0, 0.9, -4.3], [0, 0, 0, 1]])
LABELS = (30, 36, 20)
RAS = np.array([[2.2, 0, 0, -8.1], [0, 2, 0, -9], [0, 0, 2, -4], [0, 0, 0, 1]])


def every_place(affine, shape=SHAPE):
    voxels = np.argwhere(np.ones(shape))
    sides = side_of(to_mm(voxels, affine)[:, 0])
    return Places("volume", voxel_table(voxels, sides), affine, shape)


def write_atlas(folder, labels, table, affine=SMALL, name="tpl-MNI152NLin6Asym_atlas-Made_dseg"):
    folder.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(labels, affine), folder / f"{name}.nii.gz")
    if not isinstance(table, str):
        table = pd.DataFrame(table).to_csv(sep="\t", index=False)
    (folder / f"{name}.tsv").write_text(table)
    return folder / f"{name}.nii.gz"


@pytest.fixture
def labels(rng):
    """Label 1 is left of the midline, 2 right of it, 3 behind on both sides, 9 has no name."""
    labels = np.zeros(LABELS, dtype=np.int16)
    x = to_mm(np.argwhere(labels == 0), SMALL)[:, 0].reshape(LABELS)
    labels[x < -2], labels[x > 2] = 1, 2
    labels[:, :12] = 3
    labels[rng.random(LABELS) < 0.1] = 9
    # Nilearn takes the outer half of the outermost voxels for outside.
    return np.pad(labels[1:-1, 1:-1, 1:-1], 1)


NAMES = {"index": [0, 1, 2, 3, 4], "name": ["Sea", "Front_L", "Front_R", "Behind", "Nowhere_L"]}


def test_labels_without_a_place(tmp_path, labels):
    path = write_atlas(tmp_path, labels, NAMES)
    image = nibabel.Nifti1Image(labels, None)
    image.header["sform_code"] = image.header["qform_code"] = 0
    nibabel.save(image, path)
    with pytest.raises(InputError, match="voxels without a place"):
        load_atlas(str(path), tmp_path)


@pytest.mark.parametrize("affine", [LAS, OBLIQUE, RAS])
def test_places_have_the_nearest_label(tmp_path, labels, affine, caplog):
    path = write_atlas(tmp_path, labels, NAMES)
    places = every_place(affine)
    atlas = load_atlas(str(path), tmp_path)
    named = atlas.label(places)
    bold = nibabel.Nifti1Image(np.zeros(SHAPE), affine)
    image = nibabel.Nifti1Image(labels.astype(np.int32), SMALL)
    expected = resample_to_img(
        image, bold, interpolation="nearest", force_resample=True, copy_header=True
    )
    numbers = np.asarray(expected.dataobj).astype(int).ravel()
    names = dict(zip(NAMES["index"], NAMES["name"], strict=True)) | {0: "", 9: ""}
    assert named["region"].tolist() == [names[number] for number in numbers]
    assert len(set(named["region"])) == 4
    assert labelled_share(named) == np.isin(numbers, [1, 2, 3]).mean()
    own = places.table["hemisphere"]
    said = named["region"].map({"Front_L": "L", "Front_R": "R"})
    assert named["hemisphere"].tolist() == said.fillna(own).tolist()
    assert "labels without a name, outside every region: 9" in caplog.text
    assert "regions without a voxel or vertex: Nowhere_L" in caplog.text
    assert caplog.text.count("outside every region") == 1
    assert atlas.space == "MNI152NLin6Asym"
    assert atlas.regions["region"].tolist() == ["Front_L", "Front_R", "Behind"]
    assert [file.name[-8:] for file in atlas.files] == ["g.nii.gz"[-8:], "dseg.tsv"]


def test_half_way_is_the_higher_index_whatever_the_noise():
    rows = np.arange(5, dtype=np.int32).reshape(5, 1, 1)
    xyz = np.array([[0.5, 0, 0], [1.5 - 1e-9, 0, 0], [1.5 + 1e-9, 0, 0], [1.4, 0, 0], [4.6, 0, 0]])
    assert nearest(rows, np.eye(4), xyz).tolist() == [1, 2, 2, 1, -1]


def test_hemispheres_come_from_the_column_the_name_or_the_place(tmp_path, labels):
    labels[labels == 9] = 0
    table = {
        "index": [1, 2, 3],
        "name": ["One", "Two_L", "Three"],
        "hemisphere": ["n/a", "R", "n/a"],
    }
    atlas = load_atlas(str(write_atlas(tmp_path, labels, table)), tmp_path)
    assert atlas.regions["hemisphere"].tolist() == ["L", "R", ""]
    assert set(atlas.label(every_place(LAS)).query("region == 'Three'")["hemisphere"]) == {"L", "R"}


def test_an_atlas_that_is_mirrored_is_refused(tmp_path, labels):
    mirrored = np.diag([-1.0, 1, 1, 1]) @ SMALL
    path = write_atlas(tmp_path, labels, NAMES, mirrored)
    with pytest.raises(InputError, match=r"2 of 2 on the other: Front_L, Front_R"):
        load_atlas(str(path), tmp_path)


@pytest.mark.parametrize("n_right", [2, 3])
def test_half_of_the_regions_in_the_other_hemisphere_are_too_many(tmp_path, caplog, n_right):
    """Sided regions that lie right: one is called left, and others as they lie."""
    labels = np.zeros((9, 4, 4), dtype=np.int16)
    labels[7, 0, 0] = 1
    labels[[8] * (n_right - 1), 1, range(n_right - 1)] = np.arange(2, n_right + 1)
    names = ["Wrong_L", *(f"Right_{at}_R" for at in range(n_right - 1))]
    table = {"index": np.arange(1, n_right + 1), "name": names}
    path = write_atlas(tmp_path, labels, table, np.diag([1.0, 1, 1, 1]))
    if n_right == 2:
        with pytest.raises(InputError, match=r"1 of 2 on the other: Wrong_L"):
            load_atlas(str(path), tmp_path)
    else:
        load_atlas(str(path), tmp_path)
        assert "regions that lie in the other hemisphere: Wrong_L" in caplog.text


@pytest.mark.parametrize(("side", "x"), [("L", 1.0), ("R", -1.0)])
def test_a_region_across_the_midline_may_be_called_as_it_likes(tmp_path, caplog, side, x):
    """Of ten voxels, five and then six lie on the other side."""
    labels = np.zeros((9, 10, 1), dtype=np.int16)
    affine = np.array([[x, 0, 0, -4 * x], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    labels[0, :5], labels[8, 5:] = 1, 1
    named = {"index": [1], "name": [f"Half_{side}"]}
    path = write_atlas(tmp_path, labels, named, affine)
    assert load_atlas(str(path), tmp_path).regions["hemisphere"].tolist() == [side]
    assert "other hemisphere" not in caplog.text
    labels[0, 4], labels[8, 4] = 0, 1
    path = write_atlas(tmp_path, labels, named, affine)
    with pytest.raises(InputError, match="1 of 1 on the other"):
        load_atlas(str(path), tmp_path)


def test_labels_stored_as_floating_point_are_rounded_and_others_refused(tmp_path, labels):
    path = write_atlas(tmp_path, labels.astype(np.float32) + 1e-4, NAMES)
    whole = load_atlas(str(write_atlas(tmp_path / "b", labels, NAMES)), tmp_path)
    atlas = load_atlas(str(path), tmp_path)
    np.testing.assert_array_equal(atlas.labels.rows, whole.labels.rows)
    for value, message in ((0.4, "label that is no whole number .*got 0.4"), (np.nan, "finite")):
        wrong = labels.astype(np.float32)
        wrong[0, 0, 0] = value
        with pytest.raises(InputError, match=message):
            load_atlas(str(write_atlas(tmp_path, wrong, NAMES)), tmp_path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({**NAMES, "name": ["a", "b", "b", "c", "d"]}, "two regions of one name .*'b' of 1 and 2"),
        ({**NAMES, "index": [0, 1, 1, 2, 3]}, "line 4: expected a new whole number, got '1'"),
        ({**NAMES, "index": [0, 1, "x", 2, 3]}, "line 4: expected a new whole number, got 'x'"),
        ({"index": [1], "label": ["a"]}, "column missing .*expected name, got index, label"),
        ({"index": [7], "name": ["a"]}, "no region with a name"),
        ({"index": [1], "name": ["Unknown"]}, "no region with a name"),
        ("index\tname\n1\ta\n2\tb\tc\td\n", "unreadable table"),
        ("", "empty file"),
    ],
)
def test_wrong_tables(tmp_path, labels, table, message):
    path = write_atlas(tmp_path, labels, table)
    with pytest.raises(InputError, match=message):
        load_atlas(str(path), tmp_path)


def test_names_are_kept_as_they_are(tmp_path, labels):
    table = "\ufeffindex\tname\tcolor\r\n1\tNA\t#1\r\n2\tl'\"aire\t#2\r\n3\t中\t#3\r\n"
    path = write_atlas(tmp_path, labels, "")
    path.with_name(path.name.replace(".nii.gz", ".tsv")).write_bytes(table.encode())
    atlas = load_atlas(str(path), tmp_path)
    assert atlas.regions["region"].tolist() == ["NA", "l'\"aire", "中"]


def test_the_table_may_lie_above_and_say_less(tmp_path, labels):
    deep = tmp_path / "sub-01" / "func"
    path = write_atlas(deep, labels, NAMES, name="sub-01_task-a_desc-aparcaseg_dseg")
    table = path.with_name("sub-01_task-a_desc-aparcaseg_dseg.tsv").read_text()
    path.with_name("sub-01_task-a_desc-aparcaseg_dseg.tsv").unlink()
    with pytest.raises(InputError, match="no table of labels"):
        load_atlas(str(path), tmp_path)
    (tmp_path / "desc-aseg_dseg.tsv").write_text("index\tname\n1\tother\n")
    (tmp_path / "desc-aparcaseg_dseg.tsv").write_text(table)
    atlas = load_atlas("sub-01/func", tmp_path)
    assert atlas.regions["region"].tolist() == NAMES["name"][1:4]
    assert (atlas.space, atlas.files[1].name) == ("", "desc-aparcaseg_dseg.tsv")


def test_which_atlas(tmp_path, labels):
    with pytest.raises(InputError, match="no such atlas .*got 'all'. Did you mean 'aal'"):
        load_atlas("all", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no atlas in .*Name one"):
        load_atlas("empty", tmp_path)
    for name in ("a_dseg", "b_dseg"):
        write_atlas(tmp_path / "two", labels, NAMES, name=name)
    with pytest.raises(InputError, match="several atlases .*got a_dseg.nii.gz, b_dseg.nii.gz"):
        load_atlas("two", tmp_path)
    assert load_atlas("two/a_dseg.nii.gz", tmp_path).name == "a_dseg.nii.gz"


def test_other_images_are_no_atlas_of_labels(tmp_path, labels):
    path = write_atlas(tmp_path, np.stack([labels, labels], axis=-1), NAMES)
    with pytest.raises(InputError, match="wrong shape .*one label per voxel"):
        load_atlas(str(path), tmp_path)
    path.write_text("../.git/annex/objects/x.nii.gz")
    with pytest.raises(InputError, match="datalad get"):
        load_atlas(str(path), tmp_path)
