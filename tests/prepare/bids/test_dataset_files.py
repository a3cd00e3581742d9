"""Which file of a dataset is what, by its name alone."""

from pathlib import Path

import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids.dataset_files import is_series, open_dataset, shelves
from stages.prepare.bids.entities import parse_name


def written(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def names(files):
    return [file.path.name for file in files]


@pytest.mark.parametrize(
    ("name", "suffix", "series"),
    [
        ("sub-1_task-a_bold.nii.gz", "bold", True),
        ("sub-1_task-a_bold.nii", "bold", True),
        ("sub-1_task-a_bold.dtseries.nii", "bold", True),
        ("sub-1_task-a_bold.func.gii", "bold", True),
        ("sub-1_task-a_hemi-L.func.gii", "bold", True),
        ("sub-1_task-a_hemi-L.func.gii", "betas", False),
        ("sub-1_task-a_betas.func.gii", "betas", True),
        ("sub-1_task-a_mask.nii.gz", "bold", False),
        ("sub-1_task-a_bold.json", "bold", False),
        ("sub-1_task-a.nii.gz", "bold", False),
    ],
)
def test_series_are_told_by_suffix_and_ending(name, suffix, series):
    assert is_series(parse_name(Path(name)), suffix) is series


def test_files_lie_where_they_belong(tmp_path):
    """Of a derivative in the dataset's own folder nothing is taken for raw."""
    run = "sub-1_task-a_run-1"
    written(
        tmp_path,
        "task-a_bold.json",
        f"sub-1/{run}_bold.nii.gz",
        f"sub-1/{run}_events.tsv",
        f"derivatives/x/sub-1/{run}_desc-preproc_bold.nii.gz",
        f"derivatives/x/sub-1/{run}_hemi-L.func.json",
        f"derivatives/x/sub-1/{run}_desc-confounds_timeseries.tsv",
        "derivatives/y/sub-1/sub-1_task-a_run-2_bold.nii.gz",
        "fmriprep/sub-1/sub-1_task-a_run-1_desc-preproc_bold.nii.gz",
    )
    data = open_dataset(tmp_path, "derivatives/x")
    assert "sub-1_task-a_run-2_bold.nii.gz" not in names([*data.raw, *data.derived])
    assert len(data.derived) == 3
    sorted_files = shelves(data)
    assert names(sorted_files.events) == [f"{run}_events.tsv"]
    assert names(sorted_files.raw_about) == ["task-a_bold.json"]
    assert names(sorted_files.about) == [f"{run}_hemi-L.func.json"]
    (own,) = sorted_files.derived.values()
    assert len(own) == 3
    inside = open_dataset(tmp_path, "fmriprep")
    assert not any("fmriprep" in str(file.path) for file in inside.raw)
    assert len(inside.raw) == 3


def test_a_folder_that_is_not_there_is_told_with_those_that_are(tmp_path):
    with pytest.raises(InputError, match="no such folder in .*got no derivatives"):
        open_dataset(tmp_path, "derivatives/x")
    for name in ("b", "a"):
        (tmp_path / "derivatives" / name).mkdir(parents=True)
    (tmp_path / "derivatives/c").touch()
    with pytest.raises(InputError, match="got derivatives/a, derivatives/b. Set bids.derivative"):
        open_dataset(tmp_path, "derivatives/x")
