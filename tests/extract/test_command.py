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
    def invoke(string, stimuli, model="tiny"):
        write_table(tmp_path / "stimuli.parquet", stimuli)
        args = ["story", "--params", params_file(string), "--out", tmp_path / "out"]
        args += ["--stimuli", tmp_path / "stimuli.parquet", "--model", model]
        return CliRunner().invoke(main, [str(arg) for arg in args])

    return invoke


def test_a_model_and_its_untrained_twin(run, tiny, story, tmp_path):
    stimuli = story(12)
    for model, seed in (("tiny", None), ("tiny+untrained", 0)):
        assert run(f"file:{tiny('gpt2')}", stimuli, model).exit_code == 0
        about, _ = read_about(tmp_path / "out", stimuli_digest(stimuli))
        assert (about.label, about.seed) == (model, seed)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("hf:tiny+untraned", "expected +untrained or +untrained:SEED"),
        ("timm:mixnet_s", "model that reads no words"),
        ("file:/nonsuch", "folder not found"),
    ],
)
def test_wrong_models(run, story, model, message):
    done = run(model, story(12))
    assert done.exit_code == 2
    assert message in done.stderr.splitlines()[-1]


def test_missing_stimuli(params_file, tmp_path):
    args = ["story", "--params", params_file("st:all-MiniLM-L6-v2"), "--out", tmp_path]
    args += ["--stimuli", tmp_path / "alice" / "stimuli.parquet", "--model", "tiny"]
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    assert done.exit_code == 2
    assert "file not found" in done.stderr
    assert "dvc repro prepare_story" in done.stderr


def test_help_loads_nothing_heavy():
    code = "import sys, stages.extract.__main__; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert not {"torch", "transformers", "pandas", "numpy"} & set(done.stdout.split())
