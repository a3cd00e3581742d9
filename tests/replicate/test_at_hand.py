import json

import pytest

from stages.core.run.errors import InputError
from stages.core.run.fetch import cached, read_sources
from stages.core.run.files import sha256
from stages.replicate.all_sources import ORIGINS
from stages.replicate.at_hand import at_hand
from tests.replicate.conftest import RAW

NAMES = [*(origin.name for origin in ORIGINS), "brainalign"]


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A source of two files in a mirror folder."""
    mirror, folder = tmp_path / "mirror", tmp_path / "raw" / "made"
    folder.mkdir(parents=True)
    files = {}
    for name in ("made/a.csv", "made/b.csv"):
        path = mirror / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        files[name] = {"path": name, "sha256": sha256(path)}
    listed = {"repository": "o/made", "revision": "0" * 40, "files": files}
    (folder / "sources.json").write_text(json.dumps(listed))
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    monkeypatch.setenv("CONCORD_CACHE", str(tmp_path / "cache"))
    return folder, mirror


def test_files_of_the_mirror(source):
    folder, mirror = source
    files, missing = at_hand(folder, "made/more.tsv")
    assert files == {name: mirror / name for name in ("made/a.csv", "made/b.csv")}
    assert missing == ""


@pytest.mark.parametrize("place", ["mirror", "folder"])
def test_a_file_without_a_public_source(source, place):
    folder, mirror = source
    path = mirror / "made/more.tsv" if place == "mirror" else folder / "more.tsv"
    path.write_text("more")
    assert at_hand(folder, "made/more.tsv")[0]["made/more.tsv"] == path


def test_the_first_that_the_mirror_lacks(source):
    folder, mirror = source
    (mirror / "made/b.csv").unlink()
    assert at_hand(folder) == ({}, "made/b.csv")


def test_no_mirror_and_no_network(source, monkeypatch):
    monkeypatch.delenv("CONCORD_DATA_MIRROR")
    monkeypatch.setenv("CONCORD_GITHUB_RAW", "http://127.0.0.1:9")
    assert at_hand(source[0]) == ({}, "made/a.csv")


def test_the_first_that_was_never_fetched(source, monkeypatch):
    folder, mirror = source
    sources = read_sources(folder / "sources.json")
    fetched = cached(sources, sources.files[0])
    fetched.parent.mkdir(parents=True)
    fetched.write_bytes((mirror / "made/a.csv").read_bytes())
    monkeypatch.delenv("CONCORD_DATA_MIRROR")
    monkeypatch.setenv("CONCORD_GITHUB_RAW", "http://127.0.0.1:9")
    assert at_hand(folder) == ({}, "made/b.csv")


def test_a_changed_file_is_never_taken_for_missing(source):
    folder, mirror = source
    (mirror / "made/b.csv").write_text("changed")
    with pytest.raises(InputError, match="wrong checksum in .*made/b.csv"):
        at_hand(folder)


@pytest.mark.parametrize("name", NAMES)
def test_committed_sources_are_pinned(name):
    sources = read_sources(RAW / name / "sources.json")
    assert len(sources.revision) == 40
    assert sources.files
    assert all(len(source.sha256) == 64 for source in sources.files)


@pytest.mark.parametrize("name", NAMES)
def test_the_mirror_has_every_file(name, mirror, monkeypatch):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    files, missing = at_hand(RAW / name)
    assert missing == ""
    assert files
