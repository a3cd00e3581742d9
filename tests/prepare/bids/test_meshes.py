"""The laboratory's runs on meshes of ten vertices and as grayordinates."""

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.mesh_labels import MeshLabels
from stages.prepare.atlases.region_atlas import Atlas
from stages.prepare.bids.bids_recording import load_bids, named_places
from stages.prepare.series.measured_places import Places, vertex_table
from tests.prepare.atlases.test_label_meshes import write_dlabel, write_labels
from tests.prepare.bids.lab import N_VOLUMES, SPACE, drive, make_lab, story
from tests.prepare.series.made_images import grayordinates, write_cifti, write_surface

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
