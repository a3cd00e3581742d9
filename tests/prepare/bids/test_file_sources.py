import json
import os
import shutil
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from stages.core.run.errors import InputError
from stages.core.run.files import write_json
from stages.core.run.seals import sealed
from stages.prepare.__main__ import main
from stages.prepare.bids.file_sources import changes_since, file_sources
from tests.conftest import PROJECT

NOON = 1_700_000_000


def a_run(root):
    """A run of a series, a mask and a table, and an atlas beside it, each of a few bytes."""
    root.mkdir(exist_ok=True)
    names = ("bold.nii.gz", "mask.nii.gz", "desc-confounds_timeseries.tsv", "atlas.tsv")
    for name in names:
        (root / name).write_text(name)
        os.utime(root / name, (NOON, NOON + 0.7))
    series, mask, confounds, atlas = (root / name for name in names)
    run = SimpleNamespace(
        images=(series,), mask=mask, confounds=confounds, events=None, sidecars=[]
    )
    return run, [atlas, root / "none.json"]


@pytest.fixture
def made(tmp_path):
    """A dataset, and the recording that was made of it."""
    run, others = a_run(tmp_path / "data")

    def describe(kind="timeseries", dataset="bids", **more):
        sources = file_sources([run], tmp_path / "data", others, watched=False) | more
        about = {"dataset": dataset, "kind": kind, "tr": 2.0, "cleaning": None}
        about |= {"sources": sources, "subjects": {}, "files": {}}
        write_json(tmp_path / "made/recording.json", sealed(about))
        return tmp_path / "made", tmp_path / "data"

    return describe


def test_series_have_a_size_and_a_time_and_all_else_a_digest(tmp_path):
    run, others = a_run(tmp_path)
    said = file_sources([run], tmp_path, others, watched=False)
    assert said["bold.nii.gz"] == "11 bytes, modified 2023-11-14T22:13:20Z"
    assert {len(text) for name, text in said.items() if name != "bold.nii.gz"} == {64}
    assert len(said) == 4
    watched = file_sources([run], tmp_path, others, watched=True)
    assert watched == said | {"bold.nii.gz": "11 bytes"}


def test_nothing_of_a_series_is_read(tmp_path, monkeypatch):
    run, others = a_run(tmp_path)
    read = []
    monkeypatch.setattr("stages.prepare.bids.file_sources.sha256", read.append)
    file_sources([run], tmp_path, others, watched=False)
    assert sorted(path.name for path in read) == [
        "atlas.tsv",
        "desc-confounds_timeseries.tsv",
        "mask.nii.gz",
    ]


@pytest.mark.parametrize("kind", ["timeseries", "events"])
def test_what_has_changed_is_told(made, kind):
    recording, root = made(kind, stimuli="0" * 64)
    unchanged = [f"since {recording} was made:", "  none of its 4 files has changed"]
    assert list(changes_since(recording, root)) == unchanged
    (root / "bold.nii.gz").write_text("BOLD.nii.gz")
    os.utime(root / "bold.nii.gz", (NOON, NOON))
    # Of the same size and time: what is said of series cannot tell.
    assert list(changes_since(recording, root)) == unchanged
    os.utime(root / "bold.nii.gz", (NOON, NOON + 1))
    (root / "atlas.tsv").write_text("ATLAS.tsv")
    (root / "mask.nii.gz").unlink()
    stage = "prepare_story" if kind == "timeseries" else "prepare_scene"
    assert list(changes_since(recording, root))[1:] == [
        "  no longer there: mask.nii.gz",
        "  changed: atlas.tsv, bold.nii.gz",
        f"  run `dvc repro --force --single-item {stage}`, then `dvc repro`",
    ]


def test_a_recording_of_the_language_study_is_made_by_a_stage_of_its_own(made, tmp_path):
    recording, root = made()
    moved = tmp_path / "prepared/language/bids"
    shutil.copytree(recording, moved)
    (root / "atlas.tsv").write_text("ATLAS.tsv")
    assert list(changes_since(moved, root))[-1] == (
        "  run `dvc repro --force --single-item data/language/dvc.yaml:prepare_language@bids`, "
        "then `dvc repro data/language/dvc.yaml`"
    )


def test_a_recording_of_something_else(made):
    recording, root = made(dataset="alice")
    with pytest.raises(InputError, match="recording of another dataset .*expected bids, got alice"):
        list(changes_since(recording, root))


def test_look_since(made):
    recording, root = made()
    (root / "bold.nii.gz").write_text("longer than before")
    (recording / "sources.json").write_text(json.dumps({"root": str(root)}))
    params = str(shutil.copy(PROJECT / "params.yaml", recording))
    asked = ["look", str(recording), "--since", str(recording), "--params", params]
    answer = CliRunner().invoke(main, asked)
    assert answer.exit_code == 0, answer.output
    assert "  changed: bold.nii.gz\n" in answer.output
    assert "series" not in answer.output
