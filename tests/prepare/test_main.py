import shutil

import pytest
from click.testing import CliRunner

from stages.core.recording.recording_files import read_recording
from stages.prepare.__main__ import main
from tests.conftest import PROJECT


@pytest.fixture
def run(tmp_path):
    """Run the command on a dataset, with the committed parameters."""

    def run_dataset(dataset, raw, changes=(), **environment):
        params = tmp_path / "params.yaml"
        content = (PROJECT / "params.yaml").read_text()
        for old, new in {"dataset: simulated": f"dataset: {dataset}", **dict(changes)}.items():
            assert old in content
            content = content.replace(old, new)
        params.write_text(content)
        command = ["story", "--raw", raw, "--out", tmp_path / "out", "--params", params]
        return CliRunner().invoke(main, [str(word) for word in command], env=environment)

    return run_dataset


def test_release(run, release, tmp_path):
    result = run("simulated", release, {"high_pass: 128.0": "high_pass: 0.0"})
    assert result.exit_code == 0, result.output
    recording = read_recording(tmp_path / "out")
    assert recording.dataset == "simulated"
    assert len(recording.samples) == 19


@pytest.mark.parametrize(("dataset", "n_samples"), [("alice", 362), ("naturalstories", 10256)])
def test_public_data(run, mirror, tmp_path, dataset, n_samples):
    result = run(dataset, PROJECT / "data" / "raw" / dataset, CONCORD_DATA_MIRROR=str(mirror))
    assert result.exit_code == 0, result.output
    assert len(read_recording(tmp_path / "out").samples) == n_samples


def test_error_is_the_last_line(run, release, tmp_path):
    shutil.move(release / "subject_1.mat", release / "subject_one.mat")
    result = run("wehbe", release)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("error: unknown file in")
    assert not (tmp_path / "out").exists()
