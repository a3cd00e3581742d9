"""The way to a hub, against a loopback server that speaks its protocol."""

import hashlib
import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import reload
from threading import Thread

import pytest
import timm
from click.testing import CliRunner
from huggingface_hub import close_session, constants
from ruamel.yaml import YAML
from timm.models import save_for_hf

from stages.core.activations.activations import read_about, read_failure, read_layer
from stages.core.activations.members import read_members
from stages.core.names.models import parse_model
from stages.core.nets.source import find_source
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import ConcordError
from stages.core.run.tables import write_table
from stages.extract.__main__ import main
from tests.conftest import PROJECT

COMMITS = {"main": "a" * 40, "step1000": "b" * 40}


class Hub(ThreadingHTTPServer):
    """Serves one repository; `broken` files end half-way, then not at all."""

    daemon_threads = True  # a client that keeps its connection is not waited for

    def __init__(self, repository, files):
        super().__init__(("127.0.0.1", 0), Answer)
        self.repository = repository
        self.files = files
        self.requested = []
        self.broken = set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.path.split("?")[0]
        name = re.escape(self.server.repository)
        if match := re.fullmatch(rf"/api/models/{name}/revision/(\w+)", path):
            self.revision(match[1])
        elif re.fullmatch(rf"/api/models/{name}/tree/\w+", path):
            self.tree()
        elif match := re.fullmatch(rf"/{name}/resolve/(\w+)/(.+)", path):
            self.file(*match.groups())
        else:
            code = "GatedRepo" if "gated" in path else "RepoNotFound"
            self.reply(b"", 403 if code == "GatedRepo" else 404, {"X-Error-Code": code})

    def revision(self, name):
        if name not in COMMITS:
            self.reply(b"", 404, {"X-Error-Code": "RevisionNotFound"})
        else:
            about = {
                "id": self.server.repository,
                "modelId": self.server.repository,
                "sha": COMMITS[name],
                "siblings": [],
            }
            self.reply(json.dumps(about).encode())

    def tree(self):
        files = self.server.files.items()
        entries = [
            {"type": "file", "path": name, "size": len(body), "oid": hashlib.sha1(body).hexdigest()}
            for name, body in files
        ]
        self.reply(json.dumps(entries).encode())

    def file(self, commit, name):
        self.server.requested.append(name)
        body = self.server.files[name]
        etag = hashlib.sha1(body).hexdigest()
        headers = {"X-Repo-Commit": commit, "ETag": f'"{etag}"'}
        broken = name in self.server.broken and self.command == "GET"
        if broken and "Range" in self.headers:
            self.reply(b"", 500)
        else:
            self.reply(body, headers=headers, sent=len(body) // 2 if broken else len(body))

    def reply(self, body, status=200, headers=None, sent=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:sent])
        self.close_connection = sent is not None and sent < len(body)


@pytest.fixture
def hub(tiny):
    """Serve the tiny GPT-2 with the files a real repository has beside the ones we want."""
    files = {file.name: file.read_bytes() for file in tiny("gpt2").iterdir()}
    files |= {"pytorch_model.bin": b"pickle", "model.py": b"code", "README.md": b"hello"}
    with served("tiny/gpt2", files) as server:
        yield server


@pytest.fixture
def timm_hub(tmp_path):
    """Serve a network of timm as its hub does."""
    network = timm.create_model("test_vit")
    save_for_hf(network, tmp_path / "saved", safe_serialization="both")
    files = {file.name: file.read_bytes() for file in (tmp_path / "saved").iterdir()}
    assert "pytorch_model.bin" in files
    with served("timm/test_vit.r160_in1k", files) as server:
        yield server


@contextmanager
def served(repository, files):
    server = Hub(repository, files)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def online(hub, home):
    """Within the block, the client reads anew what it reads at import: address, cache, network."""
    told = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(home)}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if "proxy" in name.lower()]:
            patch.delenv(name)
        for name, value in told.items():
            patch.setenv(name, value)
        patch.setattr("time.sleep", lambda seconds: None)  # which it does between tries
        reload(constants)
        assert hub.url == constants.ENDPOINT
        try:
            yield
        finally:
            close_session()
    reload(constants)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def find(hub, home):
    def run(*models):
        found = []
        with online(hub, home):
            for string in models:
                try:
                    source = find_source(parse_model(string, {}))
                    names = sorted(file.name for file in source.folder.iterdir())
                    found.append([source.revision, names])
                except ConcordError as error:
                    found.append([error.exit_code, str(error)])
        return found

    return run


def test_revisions_and_files(hub, find):
    """The commit is resolved; nothing is fetched that could carry code."""
    main, step, twin = find("hf:tiny/gpt2+untrained", "hf:tiny/gpt2@step1000", "hf:tiny/gpt2")
    settings = ["config.json", "tokenizer.json", "tokenizer_config.json"]
    assert main == ["a" * 40, settings]
    assert step == ["b" * 40, sorted([*settings, "model.safetensors"])]
    assert twin[0] == "a" * 40
    assert set(hub.requested) == {*settings, "model.safetensors"}


def test_what_is_not_there(find):
    missing, revision, gated = find("hf:tiny/gpt3", "hf:tiny/gpt2@step9", "hf:gated/model")
    assert missing == [2, "no such model on the hub in tiny/gpt3@main. "
                       "Check the name; log in with `hf auth login` if it is private."]  # fmt: skip
    assert revision[0] == gated[0] == 2
    assert "no such revision in tiny/gpt2@step9" in revision[1]
    assert "Accept the terms on its page" in gated[1]


def test_hub_out_of_reach(hub, find):
    """A model fetched earlier serves; another is an error that says what to do."""
    assert find("hf:tiny/gpt2")[0][0] == "a" * 40
    hub.shutdown()
    hub.server_close()
    again, other = find("hf:tiny/gpt2", "hf:tiny/gpt2@step1000")
    assert again[0] == "a" * 40
    assert other[0] == 2
    assert "hub out of reach and no local copy in tiny/gpt2@step1000" in other[1]


def test_download_that_breaks(hub, find):
    """What is half there is never used: the next try completes it."""
    hub.broken = {"model.safetensors"}
    code, message = find("hf:tiny/gpt2")[0]
    assert code == 1
    assert "download broke in tiny/gpt2@main" in message
    assert "Run again" in message
    hub.broken = set()
    assert "model.safetensors" in find("hf:tiny/gpt2")[0][1]


def test_pickles_only(hub, find):
    """Fetched where there is nothing else; what may be in them is for their reader to refuse."""
    del hub.files["model.safetensors"]
    commit, files = find("hf:tiny/gpt2")[0]
    assert commit == "a" * 40
    assert "pytorch_model.bin" in files
    assert not {"model.py", "README.md"} & set(hub.requested)


def test_no_weights_at_all(hub, find):
    del hub.files["model.safetensors"], hub.files["pytorch_model.bin"]
    code, message = find("hf:tiny/gpt2@step1000")[0]
    assert code == 2
    assert "no weights that are safe to open" in message


@pytest.mark.slow
def test_extract_from_the_hub(hub, home, params_file, story, tmp_path):
    """In a process of its own, told by its environment."""
    stimuli = story(30)
    write_table(tmp_path / "stimuli.parquet", stimuli)
    params, out = params_file("hf:tiny/gpt2@step1000"), tmp_path / "activations"
    env = os.environ | {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(home)}
    env = {name: value for name, value in env.items() if "proxy" not in name.lower()}
    words = ["-m", "stages.extract", "story", "--params", params, "--out", out]
    words += ["--stimuli", tmp_path / "stimuli.parquet", "--model", "tiny"]
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(
        command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    about, rows = read_about(out, stimuli_digest(stimuli))
    assert (about.model, about.revision) == ("hf:tiny/gpt2@step1000", "b" * 40)
    for layer in about.layers:
        read_layer(out, layer, about, len(rows))


def test_a_scene_from_the_hub(timm_hub, home, zoo_file, scenery, tmp_path):
    """A download that breaks half-way is the model's failure; the next run completes it."""
    recording, out = scenery(3), tmp_path / "activations"
    params = zoo_file("timm:test_vit")
    command = ["scene", "--params", params, "--recording", recording, "--model", "tiny"]

    def extract():
        with online(timm_hub, home):
            done = CliRunner().invoke(main, [*map(str, command), "--out", str(out)])
        assert done.exit_code == 0, done.stderr
        return done.stderr

    timm_hub.broken = {"model.safetensors"}
    said = extract()
    assert "download broke in timm/test_vit.r160_in1k@main" in read_failure(out)
    assert read_failure(out) in said.splitlines()[-1]
    timm_hub.broken = set()
    extract()
    assert read_failure(out) is None
    about, rows = read_about(out, stimuli_digest(read_stimuli(recording / "stimuli.parquet")))
    assert about.revision == "a" * 40
    assert len(read_layer(out, "blocks.5", about, len(rows))) == 3
    assert set(timm_hub.requested) == {"config.json", "model.safetensors"}


@pytest.fixture
def follow_hub(hub, params_file, story, tmp_path, monkeypatch):
    """Follow the family of one step several times over, keeping what is fetched or not."""
    write_table(tmp_path / "recording" / "stimuli.parquet", story(12))
    yaml = YAML()
    params = params_file("hf:tiny/gpt2")
    content = yaml.load(params)
    lists = {"sizes": [], "seeds": [], "weights": [], "steps": [1000]}
    about = {"pattern": "hf:tiny/gpt2@step{step}", "unit": "tokens", "seen": 8.0}
    about |= {"control": "", "published": ""}
    content["families"]["far"] = about | lists
    yaml.dump(content, params)
    command = ["story-family", "--params", params, "--family", "far"]
    command += ["--recording", tmp_path / "recording", "--out", tmp_path / "far"]

    def run(*keeping):
        found, home = [], tmp_path / "home"
        for keep in keeping:
            monkeypatch.setenv("CONCORD_KEEP", keep)
            with online(hub, home):
                done = CliRunner().invoke(main, [*map(str, command)])
            left = [path.name for path in (home / "hub").rglob("snapshots/*/*.safetensors")]
            found.append((done.exit_code, done.stderr, left))
        return found

    return run


def test_a_checkpoint_of_the_hub_is_released_and_not_fetched_again(hub, follow_hub, tmp_path):
    found = follow_hub("0", "0")
    assert [(code, left) for code, _, left in found] == [(0, []), (0, [])]
    assert hub.requested.count("model.safetensors") <= 2, "once, its head and its body"
    members = read_members(tmp_path / "far")
    assert list(members["string"]) == ["hf:tiny/gpt2@step1000"]
    assert list(members["error"]) == [""]
    assert list(members["digest"]) == [hashlib.sha256(hub.files["model.safetensors"]).hexdigest()]


def test_a_checkpoint_of_the_hub_is_kept_where_that_is_asked_for(hub, follow_hub):
    assert [(code, left) for code, _, left in follow_hub("1")] == [(0, ["model.safetensors"])]


def test_a_checkpoint_that_fails_is_released_too(hub, follow_hub):
    hub.files["evaluation.json"] = b'{"heldout_loss": "low"}'
    code, said, left = follow_hub("0")[0]
    assert (code, left) == (1, [])
    assert "no member could be run" in said
    assert "wrong evaluation" in said
