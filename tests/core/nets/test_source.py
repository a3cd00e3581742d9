import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from stages.core.names.models import parse_model
from stages.core.nets.embedded import embedded_folder
from stages.core.nets.source import find_source
from stages.core.run.errors import InputError
from stages.core.run.files import sha256


@pytest.fixture
def folder(tiny, tmp_path):
    return shutil.copytree(tiny("bert"), tmp_path / "model")


def find(string):
    return find_source(parse_model(string, {}))


class Bomb:
    """Creates a file when unpickled."""

    def __init__(self, proof):
        self.proof = proof

    def __reduce__(self):
        return Path.touch, (self.proof,)


def test_the_default_model_comes_with_a_package():
    source = find("st:all-MiniLM-L6-v2")
    assert source.folder == embedded_folder("st", "all-MiniLM-L6-v2")
    assert len(source.revision) == 64


def test_revision_of_a_folder_is_that_of_its_files(folder):
    listing = "".join(
        f"{sha256(folder / name)}  {name}\n"
        for name in sorted(
            ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]
        )
    )
    assert find(f"file:{folder}").revision == hashlib.sha256(listing.encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "trained", "twin"),
    [
        ("model.safetensors", True, False),
        ("tokenizer.json", True, True),
        ("README.md", False, False),
    ],
)
def test_revision_changes_with_what_matters(folder, name, trained, twin):
    def both():
        return find(f"file:{folder}").revision, find(f"file:{folder}+untrained").revision

    before = both()
    with (folder / name).open("ab") as file:
        file.write(b"\n")
    after = both()
    assert [a != b for a, b in zip(before, after, strict=True)] == [trained, twin]


@pytest.mark.parametrize("kept", [True, False])
def test_code_in_pickled_weights_is_never_run(folder, tmp_path, kept):
    """Refused where there is nothing else, ignored beside safetensors."""
    from stages.core.nets.load import load_network, open_model

    proof = tmp_path / "executed"
    torch.save({"weight": torch.ones(2), "more": Bomb(proof)}, folder / "pytorch_model.bin")
    spec = parse_model(f"file:{folder}", {})
    if kept:
        load_network(open_model(spec), attention=False)
    else:
        (folder / "model.safetensors").unlink()
        with pytest.raises(InputError, match=r"pickle of more than tensors.*got .*pathlib\."):
            load_network(open_model(spec), attention=False)
    assert not proof.exists()
    torch.load(folder / "pytorch_model.bin", weights_only=False)
    assert proof.exists(), "the trap itself works"


def test_pickles_under_other_names_are_not_opened(folder):
    (folder / "model.safetensors").rename(folder / "model.pt")
    with pytest.raises(InputError, match=r"expected safetensors.*got model\.pt\. Convert"):
        find(f"file:{folder}")


def test_pickled_tensors_are_the_same_network(folder):
    from stages.core.nets.load import load_network, open_model

    spec = parse_model(f"file:{folder}", {})
    expected, before = load_network(open_model(spec), attention=False), find(f"file:{folder}")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    assert find(f"file:{folder}") == before, "beside safetensors they are not read"
    (folder / "model.safetensors").unlink()
    found = load_network(open_model(spec), attention=False)
    for one, two in zip(found.parameters(), expected.parameters(), strict=True):
        assert torch.equal(one, two)
    listing = "".join(
        f"{sha256(folder / name)}  {name}\n"
        for name in ["config.json", "pytorch_model.bin", "tokenizer.json", "tokenizer_config.json"]
    )
    assert find(f"file:{folder}").revision == hashlib.sha256(listing.encode()).hexdigest()


def test_no_weights_at_all(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"no weights that are safe to open.*got none"):
        find(f"file:{folder}")


def test_weights_that_are_a_pointer(folder):
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError, match="Git-LFS pointer"):
        find(f"file:{folder}")


def test_folder_of_sentence_transformers(folder, tmp_path):
    """The network may lie in a folder of its own."""
    whole = tmp_path / "whole"
    shutil.copytree(folder, whole / "0_Transformer")
    modules = [
        {"idx": 0, "path": "0_Transformer", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
    (whole / "modules.json").write_text(json.dumps(modules))
    assert find(f"file:{whole}").folder == (whole / "0_Transformer").resolve()


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ([{"path": "../other", "type": "x.Transformer"}], "outside the model's folder"),
        ([{"path": "", "type": "x.Pooling"}], "no Transformer module"),
        ([{"type": "x.Transformer"}], "no Transformer module"),
        ({"a": 1}, "no Transformer module"),
    ],
)
def test_wrong_list_of_modules(folder, modules, message):
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(InputError, match=message):
        find(f"file:{folder}")


@pytest.mark.parametrize(
    ("string", "message"),
    [
        ("timm:mixnet_s", r"not a language model.*timm:mixnet_s"),
        ("file:/no/such/folder", r"folder not found.*file:/no/such/folder"),
        ("file:{}@main", "folder not found"),
        ("hf:not//a//name", "no such model on the hub"),
        ("hf:gpt2@nonsuch", r"hub out of reach and no local copy in gpt2@nonsuch.*file:FOLDER"),
        ("st:nonsuch", "no local copy in sentence-transformers/nonsuch@main"),
    ],
)
def test_no_such_model(folder, string, message):
    with pytest.raises(InputError, match=message):
        find(string.format(folder))


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(InputError, match=r"file not found in .*config\.json"):
        find(f"file:{tmp_path}")
