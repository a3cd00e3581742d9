import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch, held, read_sources
from tests.conftest import PROJECT

CONTENT = b"0.1 0.2 0.3\n" * 500
DIGEST = hashlib.sha256(CONTENT).hexdigest()
CUT = CONTENT[:4096]
NAME = "alice2016/roi_10mm/s18-timecourses.txt"
PATH = "/owner/name/0123abc/data/10mm/s18.txt"
RAW = PROJECT / "data" / "raw"


@pytest.fixture
def raw(tmp_path):
    """A folder with a sources.json of one file."""
    entry = {"path": "data/10mm/s18.txt", "sha256": DIGEST}
    content = {"repository": "owner/name", "revision": "0123abc", "files": {NAME: entry}}
    (tmp_path / "sources.json").write_text(json.dumps(content))
    return tmp_path


@pytest.fixture
def in_mirror(tmp_path, monkeypatch):
    """Put the file in a mirror."""

    def put(content):
        path = tmp_path / "mirror" / NAME
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return path

    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(tmp_path / "mirror"))
    return put


@pytest.fixture
def served(tmp_path, monkeypatch):
    """What a server on the loopback answers, by path, and the paths asked for."""
    answers, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, length, body = answers.get(self.path, (404, 9, b"Not found"))
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.delenv("CONCORD_DATA_MIRROR", raising=False)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("CONCORD_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("CONCORD_GITHUB_RAW", f"http://127.0.0.1:{server.server_port}")
        yield answers, asked
        server.shutdown()
        thread.join()


def test_from_the_mirror(raw, in_mirror):
    path = in_mirror(CONTENT)
    assert fetch(raw) == {NAME: path}


def test_missing_in_the_mirror(raw, in_mirror):
    with pytest.raises(
        InputError,
        match=r"file not found in .*s18-timecourses\.txt\. Restore it .*CONCORD_DATA_MIRROR",
    ):
        fetch(raw)


def test_wrong_checksum_in_the_mirror(raw, in_mirror):
    in_mirror(CONTENT[:-1])
    with pytest.raises(
        InputError, match=rf"wrong checksum in .*: expected {DIGEST}, got .*Restore"
    ):
        fetch(raw)


def test_pointer_in_the_mirror(raw, in_mirror):
    in_mirror(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError, match="Git-LFS pointer in place of the file"):
        fetch(raw)


def test_a_truncated_copy_in_the_mirror(raw, in_mirror):
    in_mirror(CUT)
    with pytest.raises(InputError, match=r"wrong checksum in .*Restore it in the mirror"):
        fetch(raw)


def test_downloaded_once(raw, served):
    answers, asked = served
    answers[PATH] = (200, len(CONTENT), CONTENT)
    first = fetch(raw)
    assert first[NAME].read_bytes() == CONTENT
    assert fetch(raw) == first
    assert asked == [PATH]


def test_damaged_cache_is_downloaded_again(raw, served):
    answers, asked = served
    answers[PATH] = (200, len(CONTENT), CONTENT)
    fetch(raw)[NAME].write_bytes(CUT)
    assert fetch(raw)[NAME].read_bytes() == CONTENT
    assert len(asked) == 2


def test_wrong_checksum_from_the_server(raw, served):
    served[0][PATH] = (200, 5, b"other")
    with pytest.raises(
        InputError, match=rf"wrong checksum in http.*{PATH}: expected {DIGEST}.*CONCORD_DATA_MIRROR"
    ):
        fetch(raw)
    assert not list(raw.rglob("cache/**/s18.txt"))


def test_truncated_copy_is_not_taken_from_the_server(raw, served):
    served[0][PATH] = (200, len(CUT), CUT)
    with pytest.raises(InputError, match="wrong checksum in http"):
        fetch(raw)


def test_connection_lost_on_the_way(raw, served):
    served[0][PATH] = (200, len(CONTENT), CUT)
    with pytest.raises(InputError, match=r"(cannot download|wrong checksum) in http.*try again"):
        fetch(raw)
    assert not list(raw.rglob("cache/**/s18.txt"))


def test_file_not_on_the_server(raw, served):
    with pytest.raises(InputError, match=r"cannot download in http.*404.*set CONCORD_DATA_MIRROR"):
        fetch(raw)


def test_no_network(raw, served, monkeypatch):
    monkeypatch.setenv("CONCORD_GITHUB_RAW", "http://127.0.0.1:9")
    with pytest.raises(InputError, match=rf"cannot download in http.*Check the network.*{NAME}"):
        fetch(raw)


def test_no_sources(tmp_path):
    with pytest.raises(InputError, match=r"file not found in .*sources\.json.*git checkout"):
        fetch(tmp_path)


@pytest.mark.parametrize(
    "content", [{"repository": "a/b"}, {"repository": "a/b", "revision": "c", "files": {"f": {}}}]
)
def test_wrong_sources(tmp_path, content):
    path = tmp_path / "sources.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"wrong sources in .*sources\.json"):
        read_sources(path)


@pytest.mark.parametrize("dataset", ["alice", "brainalign", "kriegeskorte2008", "naturalstories"])
def test_committed_sources_are_pinned(dataset):
    sources = read_sources(RAW / dataset / "sources.json")
    assert len(sources.revision) == 40
    assert all(len(source.sha256) == 64 for source in sources.files)


def test_held_in_the_mirror(raw, in_mirror):
    path = in_mirror(CONTENT)
    assert held(raw) == {NAME: path}


def test_not_held_in_the_mirror(raw, in_mirror, caplog):
    with caplog.at_level("INFO"):
        assert held(raw) == {}
    assert f"not used: {NAME} is not in CONCORD_DATA_MIRROR" in caplog.text


def test_held_but_wrong_in_the_mirror(raw, in_mirror):
    in_mirror(CONTENT[:-1])
    with pytest.raises(InputError, match="wrong checksum"):
        held(raw)


def test_held_in_the_cache_without_asking_the_server(raw, served):
    answers, asked = served
    assert held(raw) == {}
    answers[PATH] = (200, len(CONTENT), CONTENT)
    first = fetch(raw)
    asked.clear()
    assert held(raw) == first
    first[NAME].write_bytes(CUT)
    assert held(raw) == {}
    assert asked == []
