"""Branches of one repository, fetched and released one by one, from a loopback server."""

import hashlib
import json
import os

import pytest
import torch
from huggingface_hub import close_session, constants
from safetensors.torch import load_file

from stages.core.names.models import parse_model
from stages.core.nets.hub import hub_digests
from stages.core.nets.load import load_network, open_model
from stages.core.nets.source import find_source, release
from stages.core.nets.weight_files import weight_files, weights_digest
from stages.core.run.errors import InputError
from tests.extract.test_hub import COMMITS, Answer, served


class BranchAnswer(Answer):
    """Each branch has weights of its own; what is in LFS has its SHA-256 in the tree."""

    def do_GET(self):
        name = self.path.split("?")[0]
        commit = next((c for c in COMMITS.values() if c in name), COMMITS["main"])
        branch = next((b for b in COMMITS if f"/tree/{b}" in name), None)
        commit = COMMITS.get(branch, commit)
        self.server.files = self.server.common | self.server.weights[commit]
        super().do_GET()

    def tree(self):
        entries = []
        for name, body in self.server.files.items():
            oid = hashlib.sha1(body).hexdigest()
            entry = {"type": "file", "path": name, "size": len(body), "oid": oid}
            if name.endswith((".safetensors", ".bin")):
                lfs = {"oid": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 9}
                entry["lfs"] = lfs
            entries.append(entry)
        self.reply(json.dumps(entries).encode())


@pytest.fixture
def hub(tiny, tmp_path):
    """Safetensors on the one branch, and the same network changed, pickled, on the other."""
    common = {file.name: file.read_bytes() for file in tiny("gpt2").iterdir()}
    whole = common.pop("model.safetensors")
    state = {k: v + 1 for k, v in load_file(tiny("gpt2") / "model.safetensors").items()}
    torch.save(state, tmp_path / "other.bin")
    with served("tiny/gpt2", {}) as server:
        server.RequestHandlerClass = BranchAnswer
        server.common = common
        server.weights = {
            COMMITS["main"]: {"model.safetensors": whole, "pytorch_model.bin": b"not fetched"},
            COMMITS["step1000"]: {"pytorch_model.bin": (tmp_path / "other.bin").read_bytes()},
        }
        yield server


@pytest.fixture(autouse=True)
def home(hub, tmp_path, monkeypatch):
    """Where the hub's client keeps files; it talks to the loopback server and no other."""
    for name in [name for name in os.environ if "proxy" in name.lower()]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        hub.url + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "home"))
    close_session()
    yield tmp_path / "home"
    close_session()


def find(string):
    return find_source(parse_model(string, {}))


def blobs(home):
    """Count the files that are kept, and their bytes."""
    files = [path for path in home.rglob("blobs/*") if path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def digest_of(hub, commit, name):
    return hashlib.sha256(hub.weights[commit][name]).hexdigest()


MAIN, STEP = COMMITS["main"], COMMITS["step1000"]


@pytest.mark.parametrize(
    ("string", "commit", "name"),
    [
        ("hf:tiny/gpt2", MAIN, "model.safetensors"),
        ("hf:tiny/gpt2@step1000", STEP, "pytorch_model.bin"),
    ],
)
def test_a_branch_is_its_commit_and_its_weights(hub, string, commit, name):
    source = find(string)
    assert source.revision == commit
    assert [file.name for file in weight_files(source.folder)] == [name]
    assert weights_digest(source.folder) == digest_of(hub, commit, name)


def test_a_branch_of_pickled_tensors_is_opened(tiny):
    network = load_network(open_model(parse_model("hf:tiny/gpt2@step1000", {})), attention=False)
    state = load_file(tiny("gpt2") / "model.safetensors")
    torch.testing.assert_close(network.wte.weight.data, state["wte.weight"] + 1)


def test_what_is_released_is_gone_and_nothing_else(hub, home):
    """Files of the other branch stay, those that both have among them."""
    kept, source = find("hf:tiny/gpt2"), find("hf:tiny/gpt2@step1000")
    common, whole = hub.common.values(), len(hub.weights[MAIN]["model.safetensors"])
    other = len(hub.weights[STEP]["pytorch_model.bin"])
    assert blobs(home) == (len(common) + 2, sum(map(len, common)) + whole + other)
    assert release(source) is True
    assert blobs(home) == (len(common) + 1, sum(map(len, common)) + whole)
    assert not source.folder.exists()
    assert (kept.folder / "model.safetensors").is_file()
    assert release(source) is False
    assert release(kept) is True
    assert blobs(home) == (0, 0)
    assert find("hf:tiny/gpt2@step1000") == source, "it can be fetched again"


def test_folders_of_one_s_own_are_not_released(tiny):
    source = find(f"file:{tiny('gpt2')}")
    assert release(source) is False, "without a cache"
    find("hf:tiny/gpt2")
    assert release(source) is False
    assert (tiny("gpt2") / "model.safetensors").is_file()


def test_digests_without_a_download(hub):
    assert hub_digests("tiny/gpt2", ["main", "step1000"]) == {
        "main": {"model.safetensors": digest_of(hub, MAIN, "model.safetensors")},
        "step1000": {"pytorch_model.bin": digest_of(hub, STEP, "pytorch_model.bin")},
    }
    assert hub.requested == []
    hub.weights[STEP] = {}
    assert hub_digests("tiny/gpt2", ["step1000"]) == {"step1000": {}}


def test_digests_of_what_is_not_there():
    with pytest.raises(InputError, match="no such model on the hub in tiny/gpt3@main"):
        hub_digests("tiny/gpt3", ["main"])


def test_no_digests_offline(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    close_session()
    assert hub_digests("tiny/gpt2", ["main"]) is None
