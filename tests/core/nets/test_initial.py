import json
import math
import shutil

import pytest
import timm
import torch
from safetensors.torch import load_file
from timm.models import save_for_hf
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from stages.core.nets.initial import draw_initial, gpt_neox_spreads, initial_fault

SETTINGS = {
    "vocab_size": 200,
    "hidden_size": 64,
    "num_hidden_layers": 6,
    "num_attention_heads": 4,
    "intermediate_size": 256,
    "max_position_embeddings": 32,
}


@pytest.fixture(scope="module")
def neox(tmp_path_factory):
    """The folder of a GPT-NeoX as transformers draws it, and its state."""
    folder = tmp_path_factory.mktemp("neox")
    with torch.random.fork_rng():
        torch.manual_seed(5)
        GPTNeoXForCausalLM(GPTNeoXConfig(**SETTINGS)).save_pretrained(folder)
    return folder, load_file(folder / "model.safetensors")


def test_a_step_0_looks_like_another_draw(neox):
    folder, state = neox
    drawn = draw_initial(folder, 1)
    assert len(state.keys() & drawn.keys()) == len(drawn) - 1, "all but the language head"
    name = "gpt_neox.embed_in.weight"
    assert not torch.equal(state[name], drawn[name])
    assert initial_fault(state, drawn) == ""
    assert initial_fault({k: v.half() for k, v in state.items()}, drawn) == ""


def test_a_draw_follows_its_seed_and_leaves_the_random_state_alone(neox):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, again, other = (draw_initial(neox[0], seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    name = "gpt_neox.embed_in.weight"
    assert torch.equal(one[name], again[name])
    assert not torch.equal(one[name], other[name])


def test_a_network_of_timm_and_one_without_a_head(tmp_path, tiny):
    network = timm.create_model("mixnet_s", num_classes=7)
    save_for_hf(network, tmp_path, safe_serialization=True)
    drawn = draw_initial(tmp_path, 3)
    assert initial_fault(network.state_dict(), drawn) == ""
    network.bn1.running_mean += 0.01
    assert initial_fault(network.state_dict(), drawn) == "bn1.running_mean: expected 0 throughout"
    state = load_file(tiny("bert") / "model.safetensors")
    assert initial_fault(state, draw_initial(tiny("bert"), 8)) == ""


def test_one_update_shows(neox):
    """The first update moves gains and biases, though hardly any matrix's spread."""
    folder, _ = neox
    network = GPTNeoXForCausalLM.from_pretrained(folder)
    ids = torch.arange(20)[None]
    network(input_ids=ids, labels=ids).loss.backward()
    torch.optim.Adam(network.parameters(), 0.001).step()
    found = initial_fault(network.state_dict(), draw_initial(folder, 1))
    assert "expected 0 throughout" in found or "expected 1 throughout" in found


@pytest.mark.parametrize("factor", [0.3, 3])
def test_another_spread(neox, factor):
    folder, state = neox
    name = "gpt_neox.layers.2.mlp.dense_h_to_4h.weight"
    found = initial_fault(state | {name: factor * state[name]}, draw_initial(folder, 1))
    start, _, got = found.rpartition(" ")
    assert start == f"{name}: expected a standard deviation of 0.02, got"
    assert float(got) == pytest.approx(0.02 * factor, rel=0.03)


def test_pythia_is_initialised_by_another_library(neox):
    folder, state = neox
    config = GPTNeoXConfig(**SETTINGS)
    spreads = gpt_neox_spreads(config, list(state))
    small, output = math.sqrt(2 / (5 * 64)), 2 / (6 * math.sqrt(64))
    assert spreads["gpt_neox.layers.0.attention.query_key_value.weight"] == pytest.approx(small)
    assert spreads["gpt_neox.layers.5.mlp.dense_4h_to_h.weight"] == pytest.approx(output)
    assert spreads["gpt_neox.layers.5.attention.dense.weight"] == pytest.approx(output)
    assert not any("norm" in name for name in spreads)
    generator = torch.Generator().manual_seed(0)
    library = dict(state)
    for name, spread in spreads.items():
        library[name] = torch.randn(state[name].shape, generator=generator) * spread
    drawn = draw_initial(folder, 1)
    assert "standard deviation" in initial_fault(library, drawn)
    assert initial_fault(library, drawn, [spreads]) == ""
    assert initial_fault(state, drawn, [spreads]) == ""
    mixed = library | {name: state[name] for name in spreads if "layers.1." in name}
    assert "standard deviation" in initial_fault(mixed, drawn, [spreads])


def test_another_architecture(neox, tmp_path):
    folder, state = neox
    other = shutil.copytree(folder, tmp_path / "other")
    settings = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(settings | {"vocab_size": 300}))
    assert "expected (300, 64), got (200, 64)" in initial_fault(state, draw_initial(other, 1))
    assert initial_fault({"a": torch.ones(2)}, state).startswith("0 of the ")
