import json

import pytest
from dvc_data.hashfile.build import build
from dvc_data.hashfile.db import HashFileDB
from dvc_objects.fs.local import LocalFileSystem

from stages.report.recorded_state import digest_of, recorded_states


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    for name in ("encode.parquet", "survey/b/best.parquet", "survey/a.parquet", "survey/é.parquet"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def by_dvc(path, tmp_path):
    """The digest that DVC itself makes."""
    files = LocalFileSystem()
    store = HashFileDB(files, str(tmp_path / "cache"))
    return build(store, str(path), files, "md5", dry_run=True)[2].hash_info.value


@pytest.mark.parametrize("name", ["encode.parquet", "survey"])
def test_digests_are_those_of_dvc(results, tmp_path, name):
    assert digest_of(results / name) == by_dvc(results / name, tmp_path)


def test_results_of_another_run_are_found_out(results):
    paths = {name: (results / name).as_posix() for name in ("encode.parquet", "survey")}
    outs = [{"path": path, "md5": digest_of(results / name)} for name, path in paths.items()]
    there = [results / name for name in paths]
    stages = json.loads(json.dumps({"survey_story": {"outs": outs}, "check": {}}))

    def states():
        return {one["path"]: one["state"] for one in recorded_states(there, stages)}

    assert states() == dict.fromkeys(paths.values(), "as recorded")
    (results / "survey" / "a.parquet").write_text("another")
    assert states()[paths["survey"]] == "another"
    assert states()[paths["encode.parquet"]] == "as recorded"
    stages["survey_story"]["outs"] = []
    assert set(states().values()) == {"not recorded"}


def test_a_folder_of_outputs_is_told_file_by_file(results):
    known, unknown = results / "survey" / "a.parquet", results / "survey" / "é.parquet"
    outs = [{"path": known.as_posix(), "md5": digest_of(known)}]
    told = recorded_states([results / "survey"], {"one": {"outs": outs}})
    states = {one["path"]: one["state"] for one in told}
    assert states[known.as_posix()] == "as recorded"
    assert states[unknown.as_posix()] == "not recorded"
