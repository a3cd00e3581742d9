"""Weights are all of a network's and no others: what is missing, surplus or no number."""

import json
import logging

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from stages.core.nets.pretrained import check_numbers, read_pretrained, surplus_blocks
from stages.core.run.errors import InputError

NONE = {"missing_keys": [], "mismatched_keys": [], "unexpected_keys": []}


class Net(nn.Module):
    """Two blocks and a head that shares no weights with them."""

    def __init__(self):
        super().__init__()
        self.layer = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
        self.head = nn.Linear(2, 3)


class Maker:
    """Stands in for an Auto class of transformers, and keeps what it is asked for."""

    def __init__(self, **found):
        self.network, self.found, self.asked = Net(), NONE | found, {}

    def from_pretrained(self, folder, **asked):
        self.asked = asked | {"folder": folder}
        logging.getLogger("transformers.modeling_utils").warning("LOAD REPORT of it")
        logging.getLogger("transformers.modeling_utils").warning("news")
        return self.network, self.found


@pytest.fixture
def folder(tmp_path):
    save_file({"layer.0.weight": torch.zeros(2, 2)}, tmp_path / "model.safetensors")
    return tmp_path


def test_only_tensors_are_read_and_nothing_is_run_or_fetched(folder, caplog):
    maker = Maker()
    with caplog.at_level("WARNING", "transformers.modeling_utils"):
        assert read_pretrained(maker, folder, dtype="float32") is maker.network
        logging.getLogger("transformers.modeling_utils").warning("LOAD REPORT after")
    assert maker.asked == {
        "folder": folder,
        "use_safetensors": True,
        "weights_only": True,
        "local_files_only": True,
        "trust_remote_code": False,
        "output_loading_info": True,
        "ignore_mismatched_sizes": True,
        "dtype": "float32",
    }
    assert [record.getMessage() for record in caplog.records] == ["news", "LOAD REPORT after"]


def test_pickles_are_read_where_there_is_nothing_else(tmp_path):
    torch.save({"layer.0.weight": torch.zeros(2, 2)}, tmp_path / "pytorch_model.bin")
    maker = Maker()
    read_pretrained(maker, tmp_path)
    assert maker.asked["use_safetensors"] is False


@pytest.mark.parametrize(
    "missing", [["layer.1.weight", "layer.0.bias"], ["layer.0.bias", "head.bias"]]
)
def test_what_is_run_must_have_its_weights(folder, missing):
    with pytest.raises(
        InputError, match=r"weights missing in .*expected layer\.0\.bias, got nothing"
    ):
        read_pretrained(Maker(missing_keys=missing), folder, part=lambda network: network.layer)


def test_what_is_not_run_may_lack_its_weights(folder):
    maker = Maker(missing_keys=["head.weight", "head.bias"])
    read_pretrained(maker, folder, part=lambda network: network.layer)
    with pytest.raises(InputError, match="weights missing.*head.bias"):
        read_pretrained(maker, folder)


def test_weights_of_two_names_that_are_not_run_may_lack_either(folder):
    maker = Maker(missing_keys=["mirror.weight"])
    maker.network.mirror = nn.Linear(2, 3, bias=False)
    maker.network.mirror.weight = maker.network.head.weight
    read_pretrained(maker, folder, part=lambda network: network.layer)


def test_weights_of_another_shape_are_told_by_the_first(folder):
    wrong = [("layer.1.weight", (4, 2), (2, 2)), ("layer.0.weight", (3, 2), (2, 2))]
    message = r"another shape in .*expected layer\.0\.weight: \(2, 2\), got \(3, 2\)\. Correct"
    with pytest.raises(InputError, match=message):
        read_pretrained(Maker(mismatched_keys=wrong), folder)


def test_weights_of_more_blocks_are_refused(folder):
    read_pretrained(Maker(unexpected_keys=["pooler.weight", "model.layer.1.other"]), folder)
    with pytest.raises(InputError, match=r"has not in .*got model\.layer\.2\.weight"):
        read_pretrained(Maker(unexpected_keys=["model.layer.2.weight"]), folder)


@pytest.mark.parametrize(
    ("unexpected", "surplus"),
    [
        (["layer.2.weight", "layer.12.bias", "layer.1.new"], ["layer.12.bias", "layer.2.weight"]),
        (["bert.encoder.layer.2.weight"], ["bert.encoder.layer.2.weight"]),
        (["layer.0.part.4.weight"], ["layer.0.part.4.weight"]),
        (["layer.5.part.4.weight"], ["layer.5.part.4.weight"]),
        (["layer.0.part.3.weight", "other.9.weight", "layer.9", "head.bias"], []),
        ([], []),
    ],
)
def test_blocks_beyond_the_last(unexpected, surplus):
    known = [
        "layer.0.weight",
        "layer.1.weight",
        "layer.0.part.3.weight",
        "layer.0.part.0.weight",
        "9.x",
    ]
    assert surplus_blocks(unexpected, known) == surplus


@pytest.mark.parametrize(
    ("tensors", "fits"),
    [
        ({"a.weight": torch.zeros(2, 2)}, True),
        ({"a.weight": torch.zeros(2, 2, dtype=torch.int8)}, False),
        ({"a.weight": torch.zeros(4, dtype=torch.int64)}, True),
        ({"a.weight": torch.zeros(1, 1, dtype=torch.bool)}, False),
        ({"a.positions": torch.zeros(2, 2, dtype=torch.int64)}, True),
        ({"a.weight": torch.zeros(2, 2, dtype=torch.bfloat16)}, True),
    ],
)
def test_weights_are_numbers_with_a_fraction(tmp_path, tensors, fits):
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_file({"b.weight": torch.zeros(2, 2)}, first, metadata={"format": "pt"})
    save_file(tensors, second, metadata={"format": "pt"})
    pickle = tmp_path / "a.bin"
    pickle.write_bytes(b"no header")
    if fits:
        check_numbers([pickle, first, second])
        return
    with pytest.raises(
        InputError, match=r"quantised weights in .*b\.safetensors, a\.weight: expected"
    ):
        check_numbers([pickle, first, second])


@pytest.mark.parametrize("content", [b"", b"\x02" + b"\0" * 7 + b"[]", b"\x09" + b"\0" * 7 + b"{"])
def test_a_header_that_is_none(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match="unreadable model in .*a.safetensors"):
        check_numbers([path])


def test_an_entry_that_says_nothing_is_left_to_who_reads_it(tmp_path):
    text = json.dumps({"a.weight": {}}).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    check_numbers([path])
