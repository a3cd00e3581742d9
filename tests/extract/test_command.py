import subprocess
import sys

import pytest
from click.testing import CliRunner

from stages.core.activations.activations import read_about
from stages.core.recording.types import stimuli_digest
from stages.core.run.tables import write_table
from stages.extract.__main__ import main
from tests.conftest import PROJECT


@pytest.fixture
def run(params_file, tmp_path):
    def invoke(model, stimuli):
        write_table(tmp_path / "stimuli.parquet", stimuli)
        args = ["story", "--params", params_file(model), "--out", tmp_path / "out"]
        args += ["--stimuli", tmp_path / "stimuli.parquet"]
        return CliRunner().invoke(main, [str(arg) for arg in args])

    return invoke


def test_the_folder_is_the_model_s_own(run, tiny, story, tmp_path):
    stimuli = story(12)
    other = tmp_path / "out" / "other" / "layer_00.safetensors"
    other.parent.mkdir(parents=True)
    other.touch()
    assert run(f"file:{tiny('gpt2')}", stimuli).exit_code == 0
    (folder,) = (path for path in (tmp_path / "out").iterdir() if path.name != "other")
    about, _ = read_about(folder, stimuli_digest(stimuli))
    assert about.label == folder.name
    assert other.exists()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("minlm", "Did you mean 'minilm'"),
        ("timm:mixnet_s", "not a language model"),
        ("file:/nonsuch", "folder not found"),
    ],
)
def test_wrong_models(run, story, model, message):
    done = run(model, story(12))
    assert done.exit_code == 2
    assert message in done.stderr.splitlines()[-1]


def test_missing_stimuli(params_file, tmp_path):
    args = ["story", "--params", params_file("minilm"), "--out", tmp_path]
    args += ["--stimuli", tmp_path / "none"]
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    assert done.exit_code == 2
    assert "file not found" in done.stderr
    assert "dvc repro prepare" in done.stderr


def test_help_loads_nothing_heavy():
    code = "import sys, stages.extract.__main__; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert not {"torch", "transformers", "pandas", "numpy"} & set(done.stdout.split())
