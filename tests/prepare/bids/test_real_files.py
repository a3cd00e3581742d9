"""Names and files as other tools write them: fMRIPrep's folder, headers and tables of nibabel's
and nilearn's own tests, which real programs wrote."""

import shutil
from pathlib import Path

import nibabel as nib
import nilearn
import numpy as np
import pandas as pd
import pytest
from nilearn.interfaces.fmriprep import load_confounds

from stages.prepare.atlases.label_meshes import read_gifti
from stages.prepare.bids.confounds import (
    confound_names,
    confound_values,
    count_dummies,
    marked_volumes,
    read_confounds,
)
from stages.prepare.bids.dataset_files import open_dataset
from stages.prepare.bids.find_runs import find_runs
from stages.prepare.series.run_series import header_tr
from stages.prepare.series.vertex_places import open_surface, read_vertices, surface_places
from stages.prepare.series.voxel_places import read_volumes, volume_places
from tests.prepare.bids.lab import SPACE

NIBABEL = Path(nib.__file__).parent
TABLES = Path(nilearn.__file__).parent / "interfaces/fmriprep/data"
# What fMRIPrep 23 to 25 puts beside the series of a run, by all of its options for output.
BESIDE = f"""
desc-brain_mask.nii.gz desc-brain_mask.json desc-coreg_boldref.nii.gz desc-coreg_boldref.json
desc-hmc_boldref.nii.gz desc-hmc_boldref.json desc-preproc_bold.nii.gz desc-preproc_bold.json
from-boldref_to-T1w_mode-image_desc-coreg_xfm.txt from-boldref_to-T1w_mode-image_desc-coreg_xfm.json
from-orig_to-boldref_mode-image_desc-hmc_xfm.txt from-orig_to-boldref_mode-image_desc-hmc_xfm.json
boldmap.nii.gz desc-aparcaseg_dseg.nii.gz space-T1w_desc-aseg_dseg.nii.gz
space-T1w_boldref.nii.gz space-T1w_boldref.json space-T1w_desc-brain_mask.nii.gz
space-T1w_desc-brain_mask.json space-T1w_desc-preproc_bold.nii.gz space-T1w_desc-preproc_bold.json
space-T1w_desc-aparcaseg_dseg.nii.gz
space-{SPACE}_boldref.nii.gz space-{SPACE}_boldref.json
space-{SPACE}_desc-aparcaseg_dseg.nii.gz space-{SPACE}_desc-aseg_dseg.nii.gz
space-MNI152NLin6Asym_res-2_desc-brain_mask.nii.gz
space-MNI152NLin6Asym_res-2_desc-preproc_bold.nii.gz
hemi-L_space-fsaverage5_bold.func.gii hemi-L_space-fsaverage5_bold.json
hemi-R_space-fsaverage5_bold.func.gii hemi-R_space-fsaverage5_bold.json
hemi-L_space-fsnative_bold.func.gii hemi-R_space-fsnative_bold.func.gii
space-fsLR_den-91k_bold.dtseries.nii space-fsLR_den-91k_bold.json
""".split()


@pytest.fixture
def copy(lab, tmp_path):
    """The laboratory, its runs among all that fMRIPrep writes beside them."""
    root = shutil.copytree(lab, tmp_path / "copy")
    for path in root.rglob("*_desc-confounds_timeseries.tsv"):
        stem = path.name.removesuffix("desc-confounds_timeseries.tsv")
        for ending in BESIDE:
            path.with_name(stem + ending).write_text("{}" if ending.endswith("json") else "")
        page = path.parent.parent.parent.parent / f"{stem[:6]}.html"
        page.touch()
    anatomy = root / "derivatives/fmriprep/sub-01/ses-01/anat"
    anatomy.mkdir()
    for name in ("desc-brain_mask.nii.gz", "hemi-L_pial.surf.gii", "label-GM_probseg.nii.gz"):
        (anatomy / f"sub-01_ses-01_{name}").touch()
    return root


def test_a_run_is_found_among_all_that_fmriprep_writes(lab, copy, settings):
    plain, full = (find_runs(open_dataset(at, settings.derivative), settings) for at in (lab, copy))
    assert len(full) == 8
    for one, other in zip(plain, full, strict=True):
        for name in ("images", "mask", "confounds", "events", "raw"):
            told = [getattr(run, name) for run in (one, other)]
            told = [paths if isinstance(paths, tuple) else (paths,) for paths in told]
            assert [path.name for path in told[0]] == [path.name for path in told[1]]
        assert (one.about, one.raw_about) == (other.about, other.raw_about)


@pytest.mark.parametrize(
    ("space", "images", "mask"),
    [
        ("T1w", ["space-T1w_desc-preproc_bold.nii.gz"], "space-T1w_"),
        ("", ["desc-preproc_bold.nii.gz"], ""),
        (
            "MNI152NLin6Asym",
            ["space-MNI152NLin6Asym_res-2_desc-preproc_bold.nii.gz"],
            "space-MNI152NLin6Asym_res-2_",
        ),
        ("fsaverage5", [f"hemi-{side}_space-fsaverage5_bold.func.gii" for side in "LR"], None),
        ("fsLR", ["space-fsLR_den-91k_bold.dtseries.nii"], None),
    ],
)
def test_every_space_of_it_can_be_chosen(copy, settings, space, images, mask):
    settings = settings.model_copy(update={"space": space})
    runs = find_runs(open_dataset(copy, settings.derivative), settings)
    assert len(runs) == 8
    for run in runs:
        stem = run.confounds.name.removesuffix("desc-confounds_timeseries.tsv")
        assert [path.name for path in run.images] == [stem + name for name in images]
        expected = None if mask is None else f"{stem}{mask}desc-brain_mask.nii.gz"
        assert (run.mask and run.mask.name) == expected


@pytest.mark.parametrize("name", ["example4d.nii.gz", "functional.nii"])
def test_volumes_of_scanners(name):
    path = NIBABEL / "tests/data" / name
    places = volume_places([path], [])
    image = nib.load(path)
    expected = image.get_fdata()[tuple(places.voxels.T)].T
    np.testing.assert_allclose(read_volumes(path, places), expected, rtol=1e-6)
    x = (places.voxels @ image.affine[:3, :3].T + image.affine[:3, 3])[:, 0]
    sides = places.table["hemisphere"].to_numpy()
    assert (sides[x < -1] == "L").all()
    assert (sides[x > 1] == "R").all()
    assert header_tr(path) == float(image.header["pixdim"][4])


def test_surfaces_of_freesurfer():
    folder = NIBABEL / "gifti/tests/data"
    pair = (folder / "task.func.gii", folder / "task.func.gii")
    places = surface_places([pair])
    series = read_vertices(pair, places)
    expected = np.array([array.data for array in nib.load(pair[0]).darrays])
    np.testing.assert_array_equal(series[:, :642], expected)
    assert series.shape == (10, 2 * 642)
    assert header_tr(pair) is None  # its TimeStep is 0


def test_labels_of_caret_and_freesurfer():
    folder = NIBABEL / "gifti/tests/data"
    for name, side, n_vertices, first in (
        ("rh.aparc.annot.gii", "R", 151533, "unknown"),
        ("label.gii", "L", 71723, "Positive"),
    ):
        labels, names = read_gifti(folder / name, side)
        assert len(labels) == n_vertices
        assert next(iter(names.values())) == first
        assert set(np.unique(labels)) <= {0, *names}
        assert open_surface(folder / name, side)  # neither says of which hemisphere it is


@pytest.mark.parametrize(
    ("name", "dummies", "marked"),
    [
        ("no_nonsteady_desc-confounds_regressors", 0, 0),
        ("test_desc-confounds_regressors", 1, 1),
        ("test-v21_desc-confounds_timeseries", 3, 26),
    ],
)
def test_confounds_of_fmriprep_20_and_21(tmp_path, name, dummies, marked):
    entity = name[name.index("desc-") :]
    path = tmp_path / f"sub-1_task-rest_{entity}.tsv"
    shutil.copy(TABLES / f"{name}.tsv", path)
    told = TABLES / f"{name}.json"
    if told.exists():
        shutil.copy(told, path.with_suffix(".json"))
    n = len(pd.read_csv(path, sep="\t"))
    table = read_confounds(path, n)
    assert (count_dummies(table), len(marked_volumes(table))) == (dummies, marked)
    names = confound_names(table, path, "compcor" if told.exists() else "motion24")
    found = pd.DataFrame(confound_values(table, path, names, slice(0, n)), columns=names)
    image = tmp_path / f"sub-1_task-rest_space-{SPACE}_desc-preproc_bold.nii.gz"
    image.touch()
    if not told.exists():
        path.with_suffix(".json").write_text("{}")
    strategy = ("motion", "high_pass", "compcor") if told.exists() else ("motion",)
    asked = {"compcor": "anat_combined", "n_compcor": 5} if told.exists() else {}
    expected, _ = load_confounds(
        str(image), strategy=strategy, motion="full", demean=False, **asked
    )
    assert set(names) == {one for one in expected.columns if not one.startswith("cosine")}
    np.testing.assert_allclose(found, expected[names], atol=1e-12)
