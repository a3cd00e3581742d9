"""Weights that come with a package are those that their owner publishes."""

import hashlib
import sys

import pytest

from stages.core.nets import embedded
from stages.core.nets.embedded import embedded_folder, embedded_weights
from stages.core.run.errors import InputError

DIGEST = hashlib.sha256(b"weights").hexdigest()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that carries weights, and one that is not installed."""
    folder = tmp_path / "weights_of_a_net"
    (folder / "model").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "model" / "net.safetensors").write_bytes(b"weights")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    there = ("weights_of_a_net", "model/net.safetensors", DIGEST)
    models = {"hf:a/b": there, "hf:gone": ("no_package_of_this_name", *there[1:])}
    monkeypatch.setattr(embedded, "EMBEDDED", models)
    return folder / "model"


def test_weights_and_their_folder(package):
    assert embedded_weights("hf", "a/b") == package / "net.safetensors"
    assert embedded_folder("hf", "a/b") == package


@pytest.mark.parametrize("name", ["gone", "a", "a/c"])
def test_what_no_package_carries(package, name):
    assert embedded_weights("hf", name) is None
    assert embedded_folder("hf", name) is None
    assert embedded_folder("st", "a/b") is None


def test_other_weights_are_refused(package):
    (package / "net.safetensors").write_bytes(b"others")
    with pytest.raises(InputError, match=f"wrong weights in .*expected {DIGEST}"):
        embedded_weights("hf", "a/b")
    (package / "net.safetensors").unlink()
    with pytest.raises(InputError, match="Reinstall the package weights_of_a_net"):
        embedded_weights("hf", "a/b")


def test_a_folder_is_made_of_a_gguf_file(package, monkeypatch):
    (package / "net.gguf").write_bytes(b"weights")
    entry = ("weights_of_a_net", "model/net.gguf", DIGEST)
    monkeypatch.setattr(embedded, "EMBEDDED", {"hf:a/b": entry})
    monkeypatch.setattr("stages.core.nets.gguf_folder.gguf_folder", lambda *given: given)
    assert embedded_folder("hf", "a/b") == (package / "net.gguf", DIGEST)
