import subprocess
import sys

import pandas as pd
import pytest

from stages.core.run.tables import write_table
from stages.survey.roll import roll_call
from tests.conftest import PROJECT

FINE = {
    "model": "tiny",
    "string": "hf:org/tiny",
    "modality": "language",
    "architecture": "tiny",
    "seed": None,
    "trained": True,
    "parameters": 12345678.0,
    "layers": 7,
    "width": 384,
    "error": "",
}
BAD = FINE | {
    "model": "broken",
    "string": "timm:resnet_nought",
    "modality": "",
    "parameters": float("nan"),
    "layers": 0,
    "error": "no such model on the hub in resnet_nought",
}


def test_every_model_has_its_line():
    lines = roll_call(pd.DataFrame([FINE, BAD]))
    assert [failed for _, failed in lines] == [False, False, True]
    heading, fine, bad = (line for line, _ in lines)
    assert fine.index("12,345,678") == heading.index("parameters")
    assert fine.split() == ["tiny", "hf:org/tiny", "language", "12,345,678", "7"]
    assert bad.index("failed: no such model") == fine.index("language")
    # What went wrong does not push the numbers of the others aside.
    assert heading.index("parameters") == fine.index("language") + len("language  ")


def test_of_no_models_the_headings_are_left():
    heading = "model  string  modality  parameters  layers"
    assert roll_call(pd.DataFrame([FINE]).iloc[:0]) == [(heading, False)]


@pytest.mark.parametrize(("models", "code"), [([FINE], 0), ([FINE, BAD], 1)])
def test_a_failed_model_fails_the_roll_call(tmp_path, models, code):
    write_table(tmp_path / "models.parquet", pd.DataFrame(models).astype({"seed": "Int64"}))
    command = [sys.executable, "-m", "stages.survey", "roll"]
    options = ["--models", str(tmp_path / "models.parquet"), "--out", str(tmp_path / "roll.txt")]
    options += ["--zoo", "zoo", "--extract", "extract_scene"]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, cwd=PROJECT, check=False
    )
    assert done.returncode == code
    assert "12,345,678" in done.stderr
    assert (tmp_path / "roll.txt").exists() == (code == 0)
    if code:
        last = done.stderr.splitlines()[-1]
        assert last.startswith("error: models that could not be run")
        assert "got broken" in last
        assert "extract_scene@NAME" in last
