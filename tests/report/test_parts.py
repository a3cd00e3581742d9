"""What a report is made of, and what of it is there."""

import pytest
from ruamel.yaml import YAML

from stages.report.parts import PARTS, called, is_there
from tests.conftest import PROJECT


def test_a_part_is_there_as_a_file_or_a_folder(tmp_path):
    assert not any(is_there(tmp_path, name) for name in PARTS)
    (tmp_path / "encode.parquet").touch()
    (tmp_path / "survey").mkdir()
    (tmp_path / "survey/a.parquet").touch()
    assert [name for name in PARTS if is_there(tmp_path, name)] == ["encode", "survey"]


def test_what_is_there_of_something_else_is_not_what_is_called(tmp_path):
    (tmp_path / "encode.parquet").touch()
    (tmp_path / "probe.parquet").touch()
    roll = {one.pop("name"): one for one in called(tmp_path, {"probe": "alice"})}
    assert list(roll) == list(PARTS)
    assert roll["encode"]["there"]
    assert not roll["probe"]["there"]
    assert not roll["decode"]["there"]
    assert roll["probe"]["what"] == "features in layers (what is there is of alice)"
    assert roll["encode"] == {
        "study": "story",
        "what": "layers beside regions",
        "path": "encode.parquet",
        "command": "dvc repro survey_story",
        "there": True,
    }


@pytest.mark.parametrize("name", PARTS)
def test_its_command_is_of_a_stage_that_there_is(name):
    *begin, target = PARTS[name].command.split()
    assert begin == ["dvc", "repro"]
    file, _, stage = target.rpartition(":")
    stages = YAML(typ="safe").load(PROJECT / (file or "dvc.yaml"))["stages"]
    assert stage in stages
