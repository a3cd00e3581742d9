"""The tutorials do what they say: their blocks, in order, in a folder of their own."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dvc.utils.hydra import apply_overrides

from stages.core.params.read import read_params
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.time.cleaning import clean
from tests.conftest import PROJECT
from tests.pages import indented

TUTORIALS = PROJECT / "docs" / "tutorials"
WORDS = ["the", "old", "witch", "flew", "over", "a", "quiet", "village"]
RUNS = np.repeat(["1", "2", "3"], 30)
SMALL = ["chance.draws=50", "encode.downsample=window", "story.extract.context=5"]
APPLY = ["git", "apply"]
PYTHON = [sys.executable, "-c"]


def run_tutorial(name, folder, code):
    """Run the blocks of a tutorial, diffs applied; returns what they said."""
    text = (TUTORIALS / name).read_text()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    settings = {"PATH": path, "PYTHONPATH": str(code), "CONCORD_JOBS": "1"}
    said = []
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        words = {"bash": ["bash", "-euc", block], "python": [*PYTHON, block], "diff": APPLY}
        done = subprocess.run(
            words[language],
            input=block if language == "diff" else None,
            cwd=folder,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout)
    return said


def write_story(folder, rng):
    """Write a recording of words, whose region A answers to `witch` and B to nothing."""
    n, ids = len(RUNS), [f"t{k:02d}" for k in range(len(RUNS))]
    onset = np.tile(np.arange(30.0) * 2, 3)
    texts = rng.choice(WORDS, n)
    stimuli = pd.DataFrame({"id": [f"w{k:02d}" for k in range(n)], "text": texts, "run": RUNS})
    stimuli = stimuli.assign(onset=onset, duration=1.0, sample=ids)
    cleaning = Cleaning(False, 0.0, True)
    drive = np.repeat([[3.0, 0.0]], 5, axis=1) * (texts == "witch")[:, None]
    values = drive + rng.standard_normal((n, 10))
    targets = pd.DataFrame({"id": [f"v{k}" for k in range(10)], "region": list("AAAAABBBBB")})
    places = {axis: pd.array(range(10), "Int64") for axis in "ijk"}
    targets = targets.assign(hemisphere="", **places, ceiling=np.nan)
    person = Subject("s1", clean(values, RUNS, 2.0, cleaning).astype(np.float32), targets)
    length = stimuli["text"].str.len().astype(float)
    write_recording(
        folder,
        Recording(
            dataset="simulated",
            kind="timeseries",
            tr=2.0,
            cleaning=cleaning,
            stimuli=stimuli,
            samples=pd.DataFrame({"id": ids, "run": RUNS, "onset": onset}),
            subjects=[person],
            nuisance=pd.DataFrame({"id": stimuli["id"], "length": length}),
        ),
    )


@pytest.mark.slow
def test_a_model_is_added(tmp_path, rng):
    write_story(tmp_path / "data" / "prepared" / "simulated", rng)
    shutil.copy(PROJECT / "params.yaml", tmp_path)
    apply_overrides(tmp_path / "params.yaml", SMALL)
    said = run_tutorial("add-a-model.md", tmp_path, PROJECT)
    assert "layer_02 (90, 16)" in said[2]
    found = pd.read_parquet(tmp_path / "mine.parquet")
    chosen = found[(found["kind"] == "nested") & (found["metric"] == "r_partial")]
    score = chosen.set_index("region")["score"]
    assert score["A"] > 0.5 > abs(score["B"])
    assert f"{score['A']:.3f}" in said[3]


@pytest.mark.slow
def test_a_metric_is_added(tmp_path):
    for name in ("stages", "tests/align"):
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=without)
    for name in ("tests/conftest.py", "tests/browser.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    said = run_tutorial("add-a-metric.md", tmp_path, tmp_path)
    assert re.search(r"^\d+ passed", said[-2], re.MULTILINE)
    assert "jaccard" not in (PROJECT / "stages/align/routines/neighbour_sets.py").read_text()


@pytest.mark.parametrize("page", sorted(TUTORIALS.glob("*.md")), ids=lambda page: page.stem)
def test_every_setting_of_a_tutorial_is_one_that_params_yaml_takes(tmp_path, page):
    text = page.read_text()
    lines = [line for block in indented(text) for line in block] + text.splitlines()
    found = [line for line in lines if line.strip().startswith("dvc exp run")]
    assert found
    for line in found:
        words = shlex.split(line, comments=True)
        settings = [words[place + 1] for place, word in enumerate(words) if word == "-S"]
        shutil.copy(PROJECT / "params.yaml", tmp_path / "params.yaml")
        apply_overrides(tmp_path / "params.yaml", settings)
        if "jaccard_knn" not in line:
            read_params(tmp_path / "params.yaml")
