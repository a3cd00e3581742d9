from pathlib import Path

import pytest

from stages.prepare.bids.entities import acquisition_order, parse_name, spelled, walk


def test_names_are_read_entity_by_entity():
    file = parse_name(Path("a/sub-01_ses-02_task-story_run-002_desc-preproc_bold.nii.gz"))
    assert file.entities == {
        "sub": "01", "ses": "02", "task": "story", "run": "2", "desc": "preproc",
    }  # fmt: skip
    assert (file.suffix, file.extension) == ("bold", ".nii.gz")
    assert file.written["run"] == "002"
    assert file.acquisition == ("01", "02", "story", "", "", "", "2")
    old = parse_name(Path("sub-1_desc-old.tsv"))
    assert (old.suffix, old.entities) == ("", {"sub": "1", "desc": "old"})
    assert parse_name(Path("sub-1_echo-01_run-x1_bold.nii")).entities["echo"] == "1"


@pytest.mark.parametrize(
    "name", ["bold.nii", "sub_bold.nii", "sub-1_bold", "sub-1__bold.nii", "README.md"]
)
def test_other_names_are_none(name):
    assert parse_name(Path(name)) is None


def test_entities_are_wanted_or_must_be_absent():
    file = parse_name(Path("sub-1_task-a_bold.nii"))
    assert file.has({})
    assert file.has({"task": "a", "run": ""})
    assert not file.has({"task": "b"})
    assert not file.has({"task": ""})
    other = parse_name(Path("task-a_bold.json"))
    assert other.belongs_to(file)
    assert not file.belongs_to(other)
    assert file.belongs_to(file)


def test_acquisitions_are_in_the_order_of_numbers_and_texts():
    names = ["sub-2_task-a_run-10", "sub-2_task-a_run-9", "sub-10_task-a", "sub-2_task-a"]
    files = sorted((parse_name(Path(f"{name}_bold.nii")) for name in names), key=acquisition_order)
    assert [file.path.name[:-9] for file in files] == [
        "sub-10_task-a", "sub-2_task-a", "sub-2_task-a_run-9", "sub-2_task-a_run-10",
    ]  # fmt: skip


def test_entities_are_spelled_with_those_of_an_acquisition_first():
    given = {"space": "MNI", "run": "2", "desc": "x", "sub": "1", "task": "a"}
    assert spelled(given) == "sub-1_task-a_run-2_desc-x_space-MNI"


def test_folders_that_hold_no_series_are_not_looked_into(tmp_path):
    for folder in (
        "sub-1/func", ".git", "figures", "log", "logs", "sourcedata", "code", "freesurfer",
        "derivatives/x", "logbook",
    ):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "sub-1_bold.nii").touch()
    (tmp_path / "sub-1" / "func" / "sub-1_a-1_bold.nii").touch()
    (tmp_path / "notes.txt").touch()

    def found(**how):
        return [str(file.path.relative_to(tmp_path).parent) for file in walk(tmp_path, **how)]

    assert found() == ["derivatives/x", "logbook", "sub-1/func", "sub-1/func"]
    assert found(below=False) == ["logbook", "sub-1/func", "sub-1/func"]
    names = [file.path.name for file in walk(tmp_path / "sub-1")]
    assert names == ["sub-1_a-1_bold.nii", "sub-1_bold.nii"]
