import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import RobertaConfig, RobertaModel, T5Config, XLNetConfig

from stages.core.names.models import parse_model
from stages.core.nets.config_limits import position_limit, vocabulary
from stages.core.nets.load import load_network, load_tokenizer, open_model
from stages.core.nets.pretrained import surplus_blocks
from stages.core.run.errors import InputError

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


def test_positions_behind_the_one_that_pads():
    """By trying: the longest text that a network takes, and one token more."""
    config = RobertaConfig(**SMALL, intermediate_size=8, vocab_size=30, max_position_embeddings=20)
    assert position_limit(config) == 18
    network = RobertaModel(config).eval()
    network(input_ids=torch.full((1, 18), 7))
    with pytest.raises((IndexError, RuntimeError)):
        network(input_ids=torch.full((1, 19), 7))


def test_no_limit():
    assert position_limit(XLNetConfig()) is None
    assert position_limit(T5Config()) is None
    assert vocabulary(T5Config(vocab_size=77)) == 77


@pytest.fixture
def folder(tiny, tmp_path):
    return shutil.copytree(tiny("bert"), tmp_path / "model")


def change(folder, **fields):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def opened(folder):
    return load_network(open_model(parse_model(f"file:{folder}", {})), attention=False)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"num_hidden_layers": 1}, "blocks that the configuration has not .*layer.1"),
        ({"num_hidden_layers": 3}, "weights missing .*layer.2"),
        (
            {"num_hidden_layers": 10**9},
            "expected num_hidden_layers from 1 to 10000, got 1000000000",
        ),
        ({"num_hidden_layers": None}, "wrong|unreadable"),
        ({"num_hidden_layers": "two"}, "wrong|unreadable"),
        ({"hidden_size": [1]}, "unreadable"),
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "quantised model"),
    ],
)
def test_a_configuration_that_lies(folder, fields, message):
    change(folder, **fields)
    with pytest.raises(InputError, match=message):
        opened(folder)


def test_weights_of_whole_numbers(folder):
    path = folder / "model.safetensors"
    weights = load_file(path)
    name = "encoder.layer.0.output.dense.weight"
    save_file(weights | {name: weights[name].to(torch.int8)}, path, {"format": "pt"})
    with pytest.raises(InputError, match=f"quantised weights in .*{name}.*got I8"):
        opened(folder)


def test_blocks_beyond_those_of_the_network():
    known = ["h.0.w", "h.1.w", "embed.weight"]
    assert surplus_blocks(["h.2.w"], known) == ["h.2.w"]
    assert surplus_blocks(["transformer.h.3.w"], known) == ["transformer.h.3.w"]
    assert surplus_blocks(["h.1.attn.bias", "lm_head.weight", "cls.5.w"], known) == []


def test_what_pads_has_a_vector(tiny):
    assert load_tokenizer(tiny("bert"), 30).pad_token_id == 0
    odd = load_tokenizer(tiny("gpt2"))
    assert odd.pad_token_id == 0
