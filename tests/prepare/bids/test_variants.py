"""The laboratory in the spellings of other pipelines: what is read is the same."""

import gzip
import logging
import shutil

import nibabel as nib
import numpy as np
import pytest

from stages.core.params.read import read_params
from stages.prepare.bids.bids_recording import load_bids
from tests.conftest import PROJECT
from tests.prepare.bids.lab import AFFINE, SPACE, atlas_labels

SERIES = f"_space-{SPACE}_desc-preproc_bold.nii.gz"
TURN = np.deg2rad(12)


@pytest.fixture(scope="module")
def prepared(lab):
    """The laboratory as it is."""
    params = read_params(PROJECT / "params.yaml")
    settings = params.bids.model_copy(update={"rows": {"trial_type": ["word"]}})
    return load_bids(lab, params.story.prepare, settings)


@pytest.fixture
def copy(lab, tmp_path):
    return shutil.copytree(lab, tmp_path / "copy")


def derived(root):
    return sorted((root / "derivatives/fmriprep").rglob("sub-*_*"))


def unpacked(root):
    for path in derived(root):
        if path.name.endswith(".nii.gz"):
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()


def renamed(root, before, after):
    for path in derived(root):
        path.rename(path.with_name(path.name.replace(before, after)))


VARIANTS = {
    "not compressed": unpacked,
    "confounds of fMRIPrep before 20.2": lambda root: renamed(root, "_timeseries.", "_regressors."),
    "a run with zeros in front": lambda root: renamed(root, "_run-1_", "_run-01_"),
    "an entity that BIDS lacks": lambda root: renamed(root, "_task-", "_hash-3f9c_task-"),
    "without masks": lambda root: [path.unlink() for path in root.rglob("*brain_mask*")],
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_is_read(copy, prepared, prepare, settings, variant):
    VARIANTS[variant](copy)
    found = load_bids(copy, prepare, settings)
    assert [one.name for one in found.subjects] == [one.name for one in prepared.subjects]
    assert found.stimuli.equals(prepared.stimuli)
    assert found.samples.equals(prepared.samples)
    for one, other in zip(found.subjects, prepared.subjects, strict=True):
        assert one.targets.equals(other.targets)
        np.testing.assert_array_equal(one.responses, other.responses)


def test_a_voxel_that_is_missing_in_one_run_goes_for_that_person(
    copy, prepared, prepare, settings, caplog
):
    path = next(copy.rglob(f"sub-02_ses-02_task-story_run-10{SERIES}"))
    image = nib.load(path)
    values = image.get_fdata()
    values[2, 3, 3, 40] = np.nan
    nib.save(nib.Nifti1Image(values.astype(np.float32), AFFINE, image.header), path)
    with caplog.at_level(logging.INFO, "concord"):
        found = load_bids(copy, prepare, settings)
    for one, other in zip(found.subjects, prepared.subjects, strict=True):
        kept = other.targets["id"].isin(one.targets["id"]).to_numpy()
        gone = other.targets["id"][~kept].tolist()
        assert gone == (["2-3-3"] if one.name == "sub-02" else [])
        np.testing.assert_array_equal(one.responses, other.responses[:, kept])
    assert "sub-02" in caplog.text


def test_an_oblique_image_of_a_person_s_own_space(copy, prepared, prepare, settings):
    turned = np.eye(4)
    turned[:2, :2] = [[np.cos(TURN), -np.sin(TURN)], [np.sin(TURN), np.cos(TURN)]]
    affine = turned @ AFFINE
    for path in derived(copy):
        if path.name.endswith(".nii.gz"):
            image = nib.load(path)
            image.set_sform(affine, 1)
            image.set_qform(affine, 1)
            nib.save(image, path.with_name("new.nii.gz"))
            path.with_name("new.nii.gz").replace(path)
    renamed(copy, SPACE, "T1w")
    shutil.rmtree(copy / "derivatives/atlases")
    (copy / "derivatives/atlases").mkdir()
    folder = copy / "derivatives/fmriprep"  # which keeps its tables at its root
    (folder / "desc-lab_dseg.tsv").write_text("index\tname\n1\tA\n2\tB\n3\tC\n4\tD\n")
    for number in range(1, 4):
        labels = atlas_labels()
        labels[labels > 0] = (labels[labels > 0] + number) % 4 + 1  # everybody's are others
        own = folder / f"sub-0{number}/anat/sub-0{number}_space-T1w_desc-lab_dseg.nii.gz"
        own.parent.mkdir()
        nib.save(nib.Nifti1Image(labels, affine), own)
    path = "derivatives/fmriprep/sub-{sub}/anat/sub-{sub}_space-T1w_desc-lab_dseg.nii.gz"
    found = load_bids(copy, prepare, settings.model_copy(update={"space": "T1w", "atlas": path}))
    assert sum("/anat/" in name for name in found.sources) == 3
    for number, (one, other) in enumerate(
        zip(found.subjects, prepared.subjects, strict=True), start=1
    ):
        before = other.targets["region"].map(["Left_A", "Right_A", "Left_B", "Right_B"].index)
        expected = [list("ABCD")[(label + 1 + number) % 4] for label in before]
        assert one.targets["region"].tolist() == expected
        np.testing.assert_allclose(one.affine, affine, atol=1e-5)
        assert one.targets["id"].tolist() == other.targets["id"].tolist()
        np.testing.assert_allclose(one.responses, other.responses, atol=1e-5)
        places = one.targets[list("ijk")].to_numpy(float) @ affine[:3, :3].T + affine[:3, 3]
        sides = np.where(places[:, 0] < 0, "L", "R")
        assert (one.targets["hemisphere"].to_numpy() == sides).all()
