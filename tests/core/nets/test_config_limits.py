import json
import shutil

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, LlavaConfig, T5Config, XLNetConfig

from stages.core.names.models import parse_model
from stages.core.nets.config_limits import check_config, position_limit, vocabulary
from stages.core.nets.load import load_network, load_tokenizer, open_model
from stages.core.nets.pretrained import surplus_blocks
from stages.core.run.errors import InputError

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


@pytest.mark.parametrize("kind", ["Roberta", "MPNet", "Longformer"])
def test_positions_behind_the_one_that_pads(kind):
    """By trying: the longest text that a network takes, and one token more."""
    sizes = SMALL | {"intermediate_size": 8, "vocab_size": 30, "max_position_embeddings": 18}
    sizes |= {"attention_window": 4} if kind == "Longformer" else {}
    config = getattr(transformers, f"{kind}Config")(**sizes)
    assert position_limit(config) == 16
    network = getattr(transformers, f"{kind}Model")(config).eval()
    network(input_ids=torch.full((1, 16), 7))
    with pytest.raises((IndexError, RuntimeError)):
        network(input_ids=torch.full((1, 17), 7))


def test_no_limit():
    assert position_limit(XLNetConfig()) is None
    assert position_limit(T5Config()) is None
    assert vocabulary(T5Config(vocab_size=77)) == 77


def test_the_part_that_reads_says_what_is_taken(tmp_path):
    text = {"model_type": "llama", "vocab_size": 77, "max_position_embeddings": 40}
    assert (vocabulary(both := LlavaConfig(text_config=text)), position_limit(both)) == (77, 40)
    both = LlavaConfig(text_config=text | {"num_hidden_layers": 10**9})
    with pytest.raises(InputError, match="expected num_hidden_layers from 1 to 10000"):
        check_config(both, tmp_path)


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
        ({"quantization_config": {"load_in_8bit": True}}, "quantised model"),
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


def test_what_pads_is_another_token_where_it_has_no_vector(tiny, tmp_path):
    """As that of a tokenizer to which what pads was added after training."""
    tokenizer = AutoTokenizer.from_pretrained(shutil.copytree(tiny("gpt2"), tmp_path / "model"))
    known = len(tokenizer)
    tokenizer.add_special_tokens({"pad_token": "[PAD]"})
    tokenizer.save_pretrained(tmp_path / "model")
    assert load_tokenizer(tmp_path / "model", known + 1).pad_token_id == known
    assert load_tokenizer(tmp_path / "model", known).pad_token_id == 0
