"""Where the file of an assembly is taken from, without a network."""

import hashlib
import json

import pytest

from stages.core.run.errors import InputError
from stages.prepare.assemblies import assembly_file as module
from stages.prepare.assemblies.assembly_file import assembly_file

SHA1 = hashlib.sha1(b"some").hexdigest()


@pytest.fixture
def raw(tmp_path, monkeypatch):
    for name in ("CONCORD_DATA_MIRROR", "CONCORD_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONCORD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "retrieve", lambda *asked, **say: (*asked, say))
    (tmp_path / "set").mkdir()
    return tmp_path / "set"


def listed(raw, sha1=SHA1, **more):
    about = {"file": "a.nc", "store": "http://x/y", "sha1": sha1}
    (raw / "assembly.json").write_text(json.dumps(about | more))


def test_a_file_of_one_s_own_needs_no_listing(raw):
    (raw / "mine.nc").write_bytes(b"mine")
    assert assembly_file(raw) == raw / "mine.nc"
    listed(raw)
    with pytest.raises(InputError, match=f"wrong checksum .*expected {SHA1}.*called a.nc of http"):
        assembly_file(raw)
    (raw / "mine.nc").write_bytes(b"some")
    assert assembly_file(raw) == raw / "mine.nc"
    (raw / "b.nc").write_bytes(b"some")
    with pytest.raises(InputError, match="several assemblies"):
        assembly_file(raw)


def test_a_listed_file_is_in_the_mirror_or_in_the_store(raw, tmp_path, monkeypatch):
    listed(raw)
    address, digest, path, _ = assembly_file(raw)
    assert (address, digest) == ("http://x/y/a.nc", f"sha1:{SHA1}")
    assert path.relative_to(tmp_path).as_posix().endswith("assemblies/a.nc")
    monkeypatch.setenv("CONCORD_STORE", "http://z")
    assert assembly_file(raw)[0] == "http://z/a.nc"
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(InputError, match=r"file not found in .*mirror/set/a\.nc"):
        assembly_file(raw)
    (tmp_path / "mirror/set").mkdir(parents=True)
    (tmp_path / "mirror/set/a.nc").write_bytes(b"some")
    assert assembly_file(raw) == tmp_path / "mirror/set/a.nc"


def test_listings_that_are_wrong_or_missing(raw):
    with pytest.raises(InputError, match="Put the dataset's .nc file into"):
        assembly_file(raw)
    listed(raw, other=1)
    with pytest.raises(InputError, match="wrong listing in .*assembly.json"):
        assembly_file(raw)
