import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from stages.core.run.errors import InputError
from stages.share.__main__ import main
from stages.share.provenance_crate import CONFORMS_TO, describe_runs
from stages.share.run_lock import read_lock
from tests.conftest import PROJECT

LOCK = """
schema: '2.0'
stages:
  check:
    cmd: python -m stages.check
    deps:
    - path: stages/check
      hash: md5
      md5: 40e7.dir
      size: 723
      nfiles: 2
    outs:
    - path: data/results/checked
      hash: md5
      md5: abc
      size: 3
  encode@mini lm+untrained:
    cmd: [python first, python second]
    deps:
    - path: data/results/checked
      hash: md5
      md5: abc
      size: 3
    - path: data/a b/ünï#1.txt
    params:
      params.yaml:
        encode.regions: all
        folds: {scheme: auto, gap: 8}
    outs:
    - path: data/results/encode/mini lm+untrained.parquet
      hash: md5
      md5: def
      size: 17
"""


@pytest.fixture
def lock(tmp_path):
    (tmp_path / "dvc.lock").write_text(LOCK)
    return tmp_path / "dvc.lock"


@pytest.fixture
def graph(lock):
    return {one["@id"]: one for one in describe_runs(read_lock(lock), "2026-01-31", "")["@graph"]}


def links(value):
    """Every link below a value."""
    if isinstance(value, dict):
        return {value["@id"]} if set(value) == {"@id"} else set().union(*map(links, value.values()))
    return set().union(*map(links, value)) if isinstance(value, list) else set()


def test_every_stage_is_an_action_from_what_it_read_to_what_it_made(graph):
    action = graph["#run/encode@mini%20lm+untrained"]
    assert action["@type"] == "CreateAction"
    assert action["description"] == "python first && python second"
    read = [unquote(one["@id"]) for one in action["object"]]
    assert read[:2] == ["data/results/checked", "data/a b/ünï#1.txt"]
    assert [graph[one["@id"]]["value"] for one in action["object"][2:]] == [
        '"all"',
        '{"gap": 8, "scheme": "auto"}',
    ]
    (made,) = action["result"]
    assert unquote(made["@id"]) == "data/results/encode/mini lm+untrained.parquet"
    assert graph[made["@id"]]["identifier"] == "md5:def"
    assert graph[made["@id"]]["contentSize"] == "17"
    assert graph[action["instrument"]["@id"]]["softwareVersion"]
    folder = graph["stages/check/"]
    assert folder["@type"] == "Dataset"
    assert folder["identifier"] == "md5:40e7.dir"
    assert "identifier" not in graph["data/a%20b/%C3%BCn%C3%AF%231.txt"]


def test_every_link_leads_somewhere_and_every_file_is_a_part(graph):
    known = {*graph, CONFORMS_TO, "http://schema.org/CompletedActionStatus"}
    assert links(list(graph.values())) <= known
    files = {name for name, one in graph.items() if one["@type"] in ("File", "Dataset")} - {"./"}
    assert {one["@id"] for one in graph["./"]["hasPart"]} == files
    actions = {name for name, one in graph.items() if one["@type"] == "CreateAction"}
    assert {one["@id"] for one in graph["./"]["mentions"]} == actions
    assert graph["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert graph["./"]["license"]


@pytest.mark.parametrize("path", ["../up", "/etc/passwd", "a/../../b", "C:\\a", "' '", "s3://b/k"])
def test_a_path_outside_the_project_is_refused(tmp_path, path):
    (tmp_path / "dvc.lock").write_text(LOCK.replace("data/results/checked", path))
    with pytest.raises(InputError, match="path outside the project"):
        read_lock(tmp_path / "dvc.lock")


@pytest.mark.parametrize(
    "text", ["", "a", "stages: 3", "stages: {a: 3}", "stages: {a: {}}", "[", "other: {}", "\0"]
)
def test_what_is_no_lock_is_refused(tmp_path, text):
    (tmp_path / "dvc.lock").write_text(text)
    with pytest.raises(InputError):
        read_lock(tmp_path / "dvc.lock")
    with pytest.raises(InputError, match="not found"):
        read_lock(tmp_path / "absent")


def test_the_lock_of_this_project_is_described(tmp_path):
    terms = "https://creativecommons.org/publicdomain/zero/1.0/"
    words = ["--lock", str(PROJECT / "dvc.lock"), "--out", str(tmp_path / "crate.json")]
    answer = CliRunner().invoke(main, ["crate", *words, "--license", terms])
    assert answer.exit_code == 0, answer.output
    graph = json.loads((tmp_path / "crate.json").read_text())["@graph"]
    names = [one["@id"] for one in graph]
    assert len(names) == len(set(names))
    assert "#run/encode@minilm" in names
    assert links(graph) <= {*names, CONFORMS_TO, "http://schema.org/CompletedActionStatus"}
    assert terms in names


def materialise(content, folder):
    """Write a crate with empty files for all that it names."""
    for one in content["@graph"]:
        place = folder / unquote(one["@id"])
        if one["@type"] == "Dataset":
            place.mkdir(parents=True, exist_ok=True)
        elif one["@type"] == "File":
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("x")
    (folder / "ro-crate-metadata.json").write_text(json.dumps(content))


def test_rocrate_reads_it(lock, tmp_path):
    rocrate = pytest.importorskip("rocrate.rocrate", reason="rocrate is not installed")
    materialise(describe_runs(read_lock(lock), "2026-01-31", ""), tmp_path / "crate")
    crate = rocrate.ROCrate(tmp_path / "crate")
    actions = [one for one in crate.get_entities() if one.type == "CreateAction"]
    assert {one["name"] for one in actions} == {"check", "encode@mini lm+untrained"}
    assert crate.root_dataset["datePublished"].startswith("2026-01-31")
    assert {one.id for one in crate.data_entities} >= {"stages/check/", "data/results/checked"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its own use of rdflib
def test_roc_validator_finds_no_required_fault(lock, tmp_path):
    reason = "roc-validator is not installed (it wants an older rich than is pinned)"
    services = pytest.importorskip("rocrate_validator.services", reason=reason)
    models = pytest.importorskip("rocrate_validator.models", reason=reason)
    import rocrate

    # The context lies on the Web; the words of it that rocrate ships serve offline.
    words = json.loads((Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_text())
    content = describe_runs(read_lock(lock), "2026-01-31", "")
    found = []
    for name, given in (("good", content), ("bad", json.loads(json.dumps(content)))):
        if name == "bad":
            del given["@graph"][1]["datePublished"]
        materialise(given | {"@context": words["@context"]}, tmp_path / name)
        asked = services.ValidationSettings(
            rocrate_uri=str(tmp_path / name),
            profile_identifier="ro-crate-1.1",
            requirement_severity=models.Severity.REQUIRED,
            offline=True,
        )
        found.append([issue.message for issue in services.validate(asked).get_issues()])
    assert not found[0]
    assert "datePublished" in found[1][0]
