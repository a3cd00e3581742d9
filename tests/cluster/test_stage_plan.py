"""What would run, against what DVC then does."""

import re
import shutil
import subprocess
import sys

import pytest

from stages.cluster.stage_plan import CACHED, FOLLOWS, RUNS, plan_stages, tell_plan
from tests.cluster.small_repository import environment, make_repository

# Reads a part of what another makes, and a folder to which two add; one result is Git's.
FLOW = """
stages:
  first:
    cmd: mkdir -p first/inner && cp in first/inner/a && cp in first/b
    deps: [in]
    outs: [first]
  part:
    cmd: cat first/inner/a > parts/p; echo 1 > count.json
    deps: [first/inner]
    outs: [parts/p]
    metrics: [{count.json: {cache: false}}]
  other:
    cmd: cat first/b > parts/o
    deps: [first/b]
    params: [k]
    outs: [parts/o]
  both:
    cmd: cat parts/p parts/o > both
    deps: [parts]
    outs: [both]
  apart:
    cmd: cat parts/p > apart
    deps: [parts/p]
    outs: [apart]
  checkpoints:
    cmd: cat in >> checkpoints
    deps: [in]
    outs: [{checkpoints: {persist: true}}]
"""
NEEDS = {
    "first": frozenset(),
    "part": frozenset({"first"}),
    "other": frozenset({"first"}),
    "both": frozenset({"part", "other"}),
    "apart": frozenset({"part"}),
    "checkpoints": frozenset(),
}
FROM_CACHE = {
    **dict.fromkeys(("first", "part", "other", "apart"), CACHED),
    "both": FOLLOWS,
    "checkpoints": RUNS,
}


@pytest.mark.slow
def test_the_plan_is_what_dvc_does(tmp_path, monkeypatch):
    repository = make_repository(tmp_path, FLOW)
    monkeypatch.chdir(repository)
    for name, text in environment(tmp_path).items():
        monkeypatch.setenv(name, text)
    (repository / "parts").mkdir()
    set_parameter(repository, 1)
    assert plan_stages(NEEDS) == {
        **dict.fromkeys(("first", "checkpoints"), RUNS),
        **dict.fromkeys(("part", "other", "both", "apart"), FOLLOWS),
    }
    assert ran() == set(NEEDS)
    # A clone that has nothing but the cache, and dvc.lock or not.
    lock = (repository / "dvc.lock").read_text()
    lose(repository)
    assert plan_stages(NEEDS) == FROM_CACHE
    (repository / "dvc.lock").write_text(lock)
    assert plan_stages(NEEDS) == FROM_CACHE
    set_parameter(repository, 2)
    assert plan_stages(NEEDS) == {**FROM_CACHE, "other": RUNS}
    assert ran() == {"other", "checkpoints"}, "what both reads is as it was"


def set_parameter(repository, k):
    (repository / "params.yaml").write_text(f"k: {k}\n")


def lose(repository):
    """Remove all that was made, but the cache."""
    for made in ("first", "parts"):
        shutil.rmtree(repository / made)
    for made in ("both", "apart", "count.json", "checkpoints", "dvc.lock"):
        (repository / made).unlink()
    (repository / "parts").mkdir()


def ran():
    """Let DVC bring all up to date; the stages whose commands it ran."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "repro"], capture_output=True, text=True, check=True
    )
    return set(re.findall(r"Running stage '([^']+)'", done.stdout))


def test_a_line_for_each_stage_and_one_for_all(monkeypatch):
    states = {"a": RUNS, "b": CACHED, "c": FOLLOWS, "d": FOLLOWS}
    monkeypatch.setattr("stages.cluster.stage_plan.plan_stages", lambda needs: states)
    assert tell_plan({}).splitlines() == [
        "runs     a",
        "cached   b",
        "follows  c",
        "follows  d",
        "4 stages are not up to date: 1 runs, 1 cached, 2 follows",
    ]
