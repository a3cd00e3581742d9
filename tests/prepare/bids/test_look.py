import json
import shutil

import pytest
from click.testing import CliRunner

from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.prepare.__main__ import main
from stages.prepare.bids.bids_recording import dataset_root
from stages.prepare.bids.look import lines_about
from tests.conftest import PROJECT
from tests.prepare.bids.lab import SPACE


def told(root, settings):
    return "\n".join(lines_about(root, settings, "all"))


def test_all_that_there_is_to_set(lab, settings):
    text = told(lab, settings)
    for line in (
        ".: lab",
        "derivatives/fmriprep: fMRIPrep, by fMRIPrep 23.1.3",
        f"  derivatives/fmriprep: task-story space-{SPACE} desc-preproc _bold.nii.gz: 3 people, "
        "2-3 files each, the first of 80 volumes, 2.0 s each",
        "events: 8 tables with columns onset, duration, trial_type, word",
        "  trial_type: 'fixation', 'word'",
        "confounds: 8 tables, the first of 35 columns",
        f"atlases: derivatives/atlases/tpl-{SPACE}_atlas-Lab_res-1_dseg.nii.gz",
        "  people: sub-01, sub-02, sub-03",
        "  a volume takes 2 s and belongs to 0.95 s after it begins",
        "  first volumes dropped: 2",
    ):
        assert line in text.split("\n")
    assert "brain" not in text
    assert "run 1: 80 volumes, 273 words, " in text


def test_what_is_wrong_is_told_and_the_rest_as_well(lab, settings):
    text = told(lab, settings.model_copy(update={"column": "text"}))
    assert "with bids as it stands in params.yaml:\n  column missing in " in text
    assert "expected 'text', got 'onset', 'duration', 'trial_type', 'word'" in text


def test_a_folder_that_is_none(tmp_path, settings):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match=r"no BIDS dataset in .*expected .* got notes.txt"):
        told(tmp_path, settings)
    with pytest.raises(InputError, match="got nothing"):
        told(tmp_path / "none", settings)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match=r"not a folder in .*notes.txt"):
        dataset_root(tmp_path / "notes.txt")
    with pytest.raises(InputError, match=r"no such folder in .*none"):
        dataset_root(tmp_path / "none")


@pytest.mark.parametrize(
    ("about", "line"),
    [
        ({"Name": "clean", "GeneratedBy": {"Name": "xcp_d", "Version": "0.6"}}, "by xcp_d 0.6"),
        ({"Name": "clean", "GeneratedBy": ["a script", {"Name": "b"}]}, "by a script, b"),
        ({"Name": "clean", "PipelineDescription": {"Name": "fmriprep"}}, "by fmriprep"),
    ],
)
def test_a_folder_of_folders_of_other_tools(tmp_path, settings, about, line):
    folder = tmp_path / "xcp_d/sub-1/func"
    folder.mkdir(parents=True)
    (folder / "sub-1_task-story_space-T1w_desc-denoised_bold.nii.gz").touch()
    (tmp_path / "xcp_d/dataset_description.json").write_text(json.dumps(about))
    (tmp_path / "derivatives/other").mkdir(parents=True)
    text = told(tmp_path, settings)
    assert f"xcp_d: clean, {line}\n" in text
    assert "  xcp_d: task-story space-T1w desc-denoised _bold.nii.gz: 1 people" in text
    assert (
        "got derivatives/other. Set bids.derivative, from the dataset's folder on: `.` is" in text
    )
    shutil.rmtree(tmp_path / "derivatives")
    assert "such as that of fMRIPrep, got no derivatives. Set" in told(tmp_path, settings)
    found = told(tmp_path, settings.model_copy(update={"derivative": "xcp_d"}))
    assert "such folder" not in found


def test_a_derivative_by_itself(lab, settings):
    alone = lab / "derivatives/fmriprep"
    text = told(alone, settings.model_copy(update={"derivative": "."}))
    assert "  .: task-story space-" in text
    assert "  no events for sub-01, ses-01, task-story, run-1: expected an _events.tsv" in text


def test_a_dataset_of_surfaces_without_anything_else(tmp_path, settings):
    folder = tmp_path / "derivatives/fmriprep/sub-1/func"
    folder.mkdir(parents=True)
    for hemi in "LR":
        (folder / f"sub-1_task-story_hemi-{hemi}_space-fsaverage5_bold.func.gii").touch()
    text = told(tmp_path, settings)
    assert ".: no dataset_description.json" in text
    assert "task-story space-fsaverage5 _bold.func.gii: 1 people, 2 files each, surface" in text
    assert "events: none" in text
    assert "confounds: none; set bids.confounds: none" in text
    assert "atlases: none here" in text


def test_the_commands(lab, tmp_path):
    params = tmp_path / "params.yaml"
    text = (PROJECT / "params.yaml").read_text()
    text = text.replace("dataset: simulated", "dataset: bids").replace(
        "rows: {}", "rows: {trial_type: [word]}"
    )
    params.write_text(text)
    answer = CliRunner().invoke(main, ["look", str(lab), "--params", str(params)])
    assert answer.exit_code == 0, answer.output
    assert "people: sub-01, sub-02, sub-03" in answer.output
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "sources.json").write_text(json.dumps({"root": str(lab)}))
    out = tmp_path / "out"
    answer = CliRunner().invoke(
        main, ["story", "--raw", str(folder), "--out", str(out), "--params", str(params)]
    )
    assert answer.exit_code == 0, answer.output
    assert len(read_recording(out).subjects) == 3
    spoilt = shutil.copytree(lab, tmp_path / "spoilt")
    next(spoilt.rglob("sub-03*run-10*events.tsv")).write_text("onset\tword\n1\ta\tb\n")
    answer = CliRunner().invoke(
        main, ["story", "--raw", str(spoilt), "--out", str(out), "--params", str(params)]
    )
    assert answer.exit_code == 2
    assert "broken row in" in answer.output
