"""The laboratory's runs on meshes of ten vertices and as grayordinates."""

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.mesh_labels import MeshLabels
from stages.prepare.atlases.named_atlases import load_atlas
from stages.prepare.atlases.region_atlas import Atlas
from stages.prepare.bids.bids_recording import load_bids, named_places
from stages.prepare.series.grayordinates import axis_places
from stages.prepare.series.measured_places import Places, vertex_table
from tests.prepare.atlases.test_label_meshes import write_dlabel, write_labels
from tests.prepare.bids.lab import N_VOLUMES, SPACE, drive, make_lab, story
from tests.prepare.series.made_images import (
    LAS,
    SHAPE,
    grayordinates,
    write_cifti,
    write_surface,
)

NAMES = {0: "???", 1: "Left_A", 2: "Other"}
HEARD = {"01": {1: "a", 2: "b", 10: "c"}, "02": {1: "c", 10: "a"}, "03": {1: "a", 2: "b", 10: "c"}}


def series(path, n_places, planted):
    """Noise at places, and in those planted what the words of the run drive."""
    entities = dict(part.split("-") for part in path.name.split("_")[:4])
    subject, run = entities["sub"], int(entities["run"])
    rng = np.random.default_rng([int(subject), run])
    values = 1000 + rng.normal(size=(n_places, N_VOLUMES))
    values[planted] += 1.5 * drive(story(HEARD[subject][run]))
    return values[:, : N_VOLUMES - ((subject, run) == ("03", 2))]


@pytest.fixture(scope="module")
def surfaces(tmp_path_factory):
    root = make_lab(tmp_path_factory.mktemp("surfaces"))
    for path in list(root.rglob(f"*_space-{SPACE}_desc-preproc_bold.nii.gz")):
        stem = path.name.partition("_space")[0]
        for hemi, planted in (("L", [1, 2, 3]), ("R", [])):
            file = path.with_name(f"{stem}_hemi-{hemi}_space-fsaverage5_bold.func.gii")
            write_surface(file, series(path, 10, planted), step=2000)
        about = path.with_name(f"{stem}_hemi-L_space-fsaverage5_bold.json")
        about.write_text('{"RepetitionTime": 2, "StartTime": 0.95}')
        axis = grayordinates()
        file = path.with_name(f"{stem}_space-fsLR_den-91k_bold.dtseries.nii")
        write_cifti(file, series(path, len(axis), [0, 1]).T, axis)
        file.with_name(file.name.replace("dtseries.nii", "json")).write_text('{"StartTime": 0.95}')
    for hemi, keys in (("L", [0, 1, 1, 1, 2, 2, 2, 0, 0, 0]), ("R", [2] * 10)):
        write_labels(root / f"hemi-{hemi}_space-fsaverage5_dseg.label.gii", keys, NAMES)
    write_dlabel(root / "a.dlabel.nii", [1, 1, 2, 2, 2, 2, 2, *[0] * 5], grayordinates(), NAMES)
    return root


def correlation(subject, columns):
    course = np.concatenate([drive(story(name))[2:] for name in "ac"])
    return np.corrcoef(course, subject.responses[:, columns].mean(axis=1))[0, 1]


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        (
            {"space": "fsaverage5", "atlas": "hemi-L_space-fsaverage5_dseg.label.gii"},
            ["L-00001", "L-00002", "L-00003"],
        ),
        (
            {"space": "fsLR", "atlas": "a.dlabel.nii", "select": {"den": "91k"}},
            ["L-00000", "L-00002"],
        ),
    ],
)
def test_the_planted_vertices_are_found(surfaces, prepare, settings, change, ids):
    found = load_bids(surfaces, prepare, settings.model_copy(update=change))
    assert [one.name for one in found.subjects] == ["sub-01", "sub-02", "sub-03"]
    for subject in found.subjects:
        table = subject.targets
        planted = (table["region"] == "Left_A").to_numpy()
        assert table["id"][planted].tolist() == ids
        assert (table["hemisphere"][planted] == "L").all()
        assert set(table["hemisphere"]) == {"L", "R"}
        assert ("structure" in table) is (change["space"] == "fsLR")
        order = found.samples["run"].map({"1": 0, "3": 1}).to_numpy()
        assert (np.diff(order) >= 0).all()
        assert correlation(subject, planted) > 0.5
        assert abs(correlation(subject, ~planted)) < 0.3


@pytest.mark.parametrize(
    ("space", "told"), [("fsaverage3", False), ("fsaverage", False), ("fsLR", True), ("L", True)]
)
def test_coarser_meshes_of_fsaverage_are_in_its_space(settings, caplog, space, told):
    vertices = {"L": 642}
    places = Places("surface", vertex_table("L", np.arange(642)), vertices=vertices)
    regions = pd.DataFrame({"region": ["A"], "hemisphere": ["L"]})
    labels = MeshLabels({"L": np.zeros(642, dtype=np.int32)})
    atlas = Atlas("made", "fsaverage", regions, labels, ())
    table = named_places(places, atlas, settings.model_copy(update={"space": space}), "sub-01")
    assert (table["region"] == "A").all()
    assert ("some mm apart" in caplog.text) is told


def test_meshes_are_not_smoothed(surfaces, prepare, settings):
    smooth = prepare.model_copy(update={"smoothing": 4.0})
    change = {"space": "fsaverage5", "atlas": "hemi-L_space-fsaverage5_dseg.label.gii"}
    with pytest.raises(InputError, match="only volumes are smoothed .*expected 0 for surface"):
        load_bids(surfaces, smooth, settings.model_copy(update=change))


def test_an_atlas_of_a_volume_names_no_vertex(surfaces, prepare, settings):
    with pytest.raises(InputError, match="atlas of another kind"):
        load_bids(surfaces, prepare, settings.model_copy(update={"space": "fsaverage5"}))


def test_runs_of_other_meshes(surfaces, prepare, settings):
    path = next(surfaces.rglob("sub-02*run-10*hemi-R*func.gii"))
    whole = nib.load(path)
    write_surface(path, series(path, 12, []))
    change = {"space": "fsaverage5", "atlas": "hemi-L_space-fsaverage5_dseg.label.gii"}
    try:
        with pytest.raises(
            InputError, match="runs on different meshes in .*expected 12 vertices, got 10"
        ):
            load_bids(surfaces, prepare, settings.model_copy(update=change))
    finally:
        nib.save(whole, path)


def below(root, *, shift=0, space="MNI152NLin6Asym"):
    """A volume of labels of half the size of a voxel: the left putamen of `grayordinates`."""
    labels = np.zeros(2 * np.array(SHAPE), dtype=np.int16)
    labels[5 + shift : 8 + shift, 3:8, 1:4] = 7
    half = LAS @ np.diag([0.5, 0.5, 0.5, 1])
    name = f"tpl-{space}_atlas-Below_dseg"
    nib.save(nib.Nifti1Image(labels, half), root / f"{name}.nii.gz")
    (root / f"{name}.tsv").write_text("index\tname\n7\tPutamen\n")
    return f"{name}.nii.gz"


def test_a_volume_names_the_voxels_of_grayordinates(tmp_path, settings, caplog):
    atlas = load_atlas(below(tmp_path), tmp_path)
    change = settings.model_copy(update={"space": "fsLR"})
    table = named_places(axis_places(grayordinates(), "here"), atlas, change, "sub-01")
    inside = table["region"] == "Putamen"
    assert table["id"][inside].tolist() == ["3-2-1", "3-3-1"]
    assert set(table["structure"][inside]) == {"CIFTI_STRUCTURE_PUTAMEN_LEFT"}
    assert (table["region"][~inside] == "").all()
    assert "sub-01: 17 % of places are in a region of the atlas" in caplog.text
    assert "sub-01: none of 7 vertices is in a region, and all are left out" in caplog.text
    assert "some mm apart" not in caplog.text
    other = load_atlas(below(tmp_path, space="MNI152NLin2009cAsym"), tmp_path)
    named_places(axis_places(grayordinates(), "here"), other, change, "sub-01")
    assert "MNI152NLin2009cAsym, images of MNI152NLin6Asym: some mm apart" in caplog.text
    moved = load_atlas(below(tmp_path, shift=-4), tmp_path)
    with pytest.raises(InputError, match="atlas names no place of sub-01"):
        named_places(axis_places(grayordinates(), "here"), moved, change, "sub-01")


def test_voxels_that_an_atlas_of_the_cortex_leaves_out_are_told(tmp_path, settings, caplog):
    for hemi in "LR":
        keys = [0, 1, 1, 1, 2, 2, 2, 0, 0, 2]
        write_labels(tmp_path / f"hemi-{hemi}_space-fsLR_dseg.label.gii", keys, NAMES)
    atlas = load_atlas("hemi-L_space-fsLR_dseg.label.gii", tmp_path)
    change = settings.model_copy(update={"space": "fsLR"})
    table = named_places(axis_places(grayordinates(), "here"), atlas, change, "sub-01")
    assert (table["region"][7:] == "").all()
    told = "sub-01: none of 5 voxels below the cortex is in a region, and all are left out"
    assert told in caplog.text
    caplog.clear()
    write_dlabel(tmp_path / "b.dlabel.nii", [1] * 8 + [0] * 4, grayordinates(), NAMES)
    atlas = load_atlas("b.dlabel.nii", tmp_path)
    named_places(axis_places(grayordinates(), "here"), atlas, change, "sub-01")
    assert "left out" not in caplog.text
    assert "of places" not in caplog.text


def test_what_is_planted_below_the_cortex_is_found(surfaces, prepare, settings):
    """The same runs, with other voxels driven, by an atlas in a volume."""
    files = sorted(surfaces.rglob("*.dtseries.nii"))
    whole = {path: path.read_bytes() for path in files}
    axis = grayordinates()
    for path in files:
        write_cifti(path, series(path, len(axis), [7, 8]).T, axis)
    change = {"space": "fsLR", "select": {"den": "91k"}, "atlas": below(surfaces)}
    try:
        found = load_bids(surfaces, prepare, settings.model_copy(update=change))
    finally:
        for path, content in whole.items():
            path.write_bytes(content)
    for subject in found.subjects:
        assert subject.targets["id"].tolist() == ["3-2-1", "3-3-1"]
        assert correlation(subject, [True, True]) > 0.5
