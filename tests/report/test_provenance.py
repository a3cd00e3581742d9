import subprocess

import pytest

from stages.core.params.read import read_params
from stages.core.run.errors import InputError
from stages.report.provenance import (
    committed_params,
    differences,
    flat,
    hashes,
    parameters,
    read_stages,
    sources,
    studied,
    versions,
)
from tests.conftest import PROJECT
from tests.report.conftest import LOCK


def test_parameters_are_flattened_and_compared():
    here = flat({"a": {"b": 1, "c": [1, 2]}, "d": "x"})
    assert here == {"a.b": 1, "a.c": [1, 2], "d": "x"}
    there = flat({"a": {"b": 1, "c": [1, 3]}, "e": None})
    assert differences(here, there) == [
        {"key": "a.c", "here": "[1, 2]", "there": "[1, 3]"},
        {"key": "d", "here": "x", "there": None},
        {"key": "e", "here": None, "there": "None"},
    ]
    assert differences(here, here) == []


@pytest.fixture
def committed(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("model: minilm\nfolds: {gap: 8}\n")
    for words in (
        ["init", "--quiet"],
        ["add", "params.yaml"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "a"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    return path


def test_what_differs_from_the_committed_parameters_is_told(committed):
    assert parameters(committed, {})["committed"] == []
    committed.write_text("model: gpt2\nfolds: {gap: 8}\n")
    assert committed_params(committed) == {"model": "minilm", "folds.gap": 8}
    told = parameters(committed, {"check": {"params": {"params.yaml": {"model": "gpt2"}}}})
    assert told["committed"] == [{"key": "model", "here": "gpt2", "there": "minilm"}]
    assert told["run"] == [{"key": "folds.gap", "here": "8", "there": None}]


def test_without_git_or_a_run_nothing_is_told(tmp_path, monkeypatch, committed):
    (tmp_path / "lone").mkdir()
    other = tmp_path / "lone" / "params.yaml"
    other.write_text("model: minilm\n")
    told = parameters(other, {})
    assert told["committed"] is None
    assert told["run"] is None
    monkeypatch.setenv("PATH", "")
    assert committed_params(committed) is None


def test_what_stages_wrote_has_its_digest(tmp_path):
    path = tmp_path / "dvc.lock"
    assert read_stages([path]) == {}
    path.write_text(LOCK)
    expected = {"stage": "check", "path": "data/results/checked", "digest": "md5:0123", "size": 26}
    assert hashes(read_stages([path])) == [expected]


@pytest.mark.parametrize("text", ["stages: 3", "schema: '2.0'", "a: [", "3"])
def test_what_is_no_lock_is_refused(tmp_path, text):
    (tmp_path / "dvc.lock").write_text(text)
    with pytest.raises(InputError, match=r"no lock of DVC in .*dvc.lock"):
        read_stages([tmp_path / "dvc.lock"])


def test_recordings_have_their_source_licence_and_citation():
    alice, own = sources(["alice", "bids"], PROJECT / "data" / "raw")
    assert alice["repository"] == "daandouwe/Thesis"
    assert (alice["licence"], alice["cited"]) == ("CC BY 4.0", ["brennan2016"])
    assert (own["licence"], own["cited"], own["repository"]) == ("your own", [], None)
    params = read_params(PROJECT / "params.yaml")
    assert studied(params)[:2] == ["simulated", "nsd-simulated"]


def test_versions_are_those_that_are_installed():
    known = {one["package"]: one["version"] for one in versions()}
    assert known["numpy"][0].isdigit()
    assert None not in known.values()
