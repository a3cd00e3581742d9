import hashlib
import json
import pickle
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from stages.core.nets.weight_files import (
    INDEX,
    SAFE_INDEX,
    check_pickles,
    files_digest,
    read_pickle,
    read_state,
    state_digest,
    weight_files,
    weights_digest,
)
from stages.core.run.errors import InputError
from stages.core.run.files import sha256


class Bomb:
    """Creates a file when unpickled."""

    def __init__(self, proof):
        self.proof = proof

    def __reduce__(self):
        return Path.touch, (self.proof,)


@pytest.fixture
def state(rng):
    return {name: torch.tensor(rng.standard_normal((3, 4))) for name in ("a", "b", "c")}


def same(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def shards(folder, state, names):
    files = {"a": names[0], "b": names[0], "c": names[1]}
    for file in set(names):
        part = {name: state[name] for name in state if files[name] == file}
        torch.save(part, folder / Path(file).name)
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": files}))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_of_tensors(tmp_path, state, zipped):
    file = tmp_path / "pytorch_model.bin"
    torch.save(state, file, _use_new_zipfile_serialization=zipped)
    assert weight_files(tmp_path) == [file]
    assert same(read_state([file]), state)
    assert weights_digest(tmp_path) == sha256(file)


def test_safetensors_come_first(tmp_path, state):
    torch.save({"a": torch.ones(1)}, tmp_path / "pytorch_model.bin")
    save_file(state, tmp_path / "model.safetensors")
    assert weight_files(tmp_path) == [tmp_path / "model.safetensors"]
    assert same(read_state(weight_files(tmp_path)), state)


def test_shards(tmp_path, state):
    names = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]
    shards(tmp_path, state, names)
    files = weight_files(tmp_path)
    assert [file.name for file in files] == names
    assert same(read_state(files), state)
    listing = "".join(f"{sha256(file)}  {file.name}\n" for file in files)
    assert weights_digest(tmp_path) == hashlib.sha256(listing.encode()).hexdigest()
    files[1].unlink()
    with pytest.raises(InputError, match=r"file not found in .*00002-of-00002\.bin"):
        weight_files(tmp_path)


@pytest.mark.parametrize("name", ["../pytorch_model-2.bin", "/pytorch_model-2.bin", "code.py"])
def test_an_index_that_leads_elsewhere(tmp_path, state, name):
    shards(tmp_path, state, ["pytorch_model-1.bin", name])
    with pytest.raises(InputError, match=f"wrong index of weights.*got {name}"):
        weight_files(tmp_path)


@pytest.mark.parametrize("content", [{}, {"weight_map": {}}, {"weight_map": [1]}])
def test_an_index_of_nothing(tmp_path, content):
    (tmp_path / INDEX).write_text(json.dumps(content))
    with pytest.raises(InputError, match="wrong index of weights.*got no shard"):
        weight_files(tmp_path)


@pytest.mark.parametrize("how", ["zipped", "legacy", "bare", "bare protocol 2"])
def test_what_would_run_is_named_and_not_run(tmp_path, how):
    proof, file = tmp_path / "executed", tmp_path / "pytorch_model.bin"
    content = {"weight": torch.ones(2), "more": Bomb(proof)}
    if how.startswith("bare"):
        protocol = 2 if how.endswith("2") else 4
        file.write_bytes(pickle.dumps(Bomb(proof), protocol=protocol))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=how == "zipped")
    with pytest.raises(InputError) as caught:
        check_pickles([file])
    message = str(caught.value)
    assert "pickle of more than tensors, not opened" in message
    assert "\n" not in message
    assert "pathlib.Path" in message or "getattr" in message
    assert not proof.exists()


@pytest.mark.parametrize(
    ("content", "got"),
    [
        ([torch.ones(1)], "list"),
        ({"a": torch.ones(1), "n": 3}, "n: int"),
        ({1: torch.ones(1)}, "1"),
    ],
)
def test_other_than_tensors_by_name(tmp_path, content, got):
    torch.save(content, tmp_path / "pytorch_model.bin")
    with pytest.raises(InputError, match=f"more than tensors.*got {got}"):
        read_state([tmp_path / "pytorch_model.bin"])


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_cut_files(tmp_path, state, name):
    (torch.save if name.endswith("bin") else save_file)(state, tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=f"unreadable weights in .*{name}") as caught:
        read_state([tmp_path / name])
    assert "\n" not in str(caught.value)


def test_no_pickle(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"hello")
    with pytest.raises(InputError, match="unreadable weights|no pickle of tensors"):
        read_state([tmp_path / "pytorch_model.bin"])


def test_a_class_is_allowed_by_name_only(tmp_path):
    torch.save({"args": Namespace(model="x", sizes=[1, 2])}, tmp_path / "x.bin")
    with pytest.raises(InputError, match=r"got argparse\.Namespace"):
        read_pickle(tmp_path / "x.bin")
    found = read_pickle(tmp_path / "x.bin", also=(Namespace,))
    assert found["args"] == Namespace(model="x", sizes=[1, 2])
    with pytest.raises(InputError, match=r"got argparse\.Namespace"):
        read_pickle(tmp_path / "x.bin")


def test_digest_of_tensors(tmp_path, state):
    """Their own, whatever the order, the layout in memory and the file."""
    turned = {name: state[name].T.contiguous().T for name in reversed(state)}
    save_file(state, tmp_path / "one.safetensors")
    assert state_digest(turned) == state_digest(state)
    assert state_digest(read_state([tmp_path / "one.safetensors"])) == state_digest(state)
    others = [
        state | {"a": state["a"] + 1e-12},
        state | {"a": state["a"].float()},
        state | {"a": state["a"].reshape(4, 3)},
        {("d" if name == "a" else name): value for name, value in state.items()},
        state | {"flag": torch.tensor(True)},
        state | {"half": torch.ones(2, dtype=torch.bfloat16)},
    ]
    assert len({state_digest(other) for other in [state, *others]}) == 7


def test_digest_of_files():
    assert files_digest({"a": "12"}) == "12"
    assert files_digest({"b": "2", "a": "1"}) == hashlib.sha256(b"1  a\n2  b\n").hexdigest()


def safe_shards(folder, state, names):
    """Write a tensor into each file, and an index that names them."""
    index = {}
    for name, (key, tensor) in zip(names, state.items(), strict=False):
        save_file({key: tensor}, folder / name)
        index[key] = name
    (folder / SAFE_INDEX).write_text(json.dumps({"weight_map": index}))


NAMES = ["model-1.safetensors", "model-2.safetensors"]


def test_safe_shards(tmp_path, state):
    safe_shards(tmp_path, state, NAMES)
    assert [file.name for file in weight_files(tmp_path)] == NAMES


@pytest.mark.parametrize("name", ["../model-2.safetensors", "/model-2.safetensors", 7, None])
def test_a_safe_index_that_leads_elsewhere(tmp_path, state, name):
    safe_shards(tmp_path, state, NAMES)
    index = json.loads((tmp_path / SAFE_INDEX).read_text())
    index["weight_map"][next(iter(index["weight_map"]))] = name
    (tmp_path / SAFE_INDEX).write_text(json.dumps(index))
    with pytest.raises(InputError, match=f"wrong index of weights.*got {name}"):
        weight_files(tmp_path)


def test_shards_that_hold_one_tensor_both(tmp_path, state):
    safe_shards(tmp_path, state, NAMES)
    save_file(state, tmp_path / NAMES[1])
    told = r"weights twice, .* in .*model-2\.safetensors: got in model-1\.safetensors, too"
    with pytest.raises(InputError, match=told):
        weight_files(tmp_path)


def test_a_safe_shard_that_is_damaged_or_not_there(tmp_path, state):
    safe_shards(tmp_path, state, NAMES)
    (tmp_path / NAMES[1]).write_bytes(b"no tensors")
    with pytest.raises(InputError, match=r"unreadable weights in .*model-2"):
        weight_files(tmp_path)
    (tmp_path / NAMES[1]).unlink()
    with pytest.raises(InputError, match=r"file not found in .*model-2"):
        weight_files(tmp_path)
