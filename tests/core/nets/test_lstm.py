"""LSTMs that are made here: against a loop over cells, saved, opened and drawn anew."""

import pandas as pd
import pytest
import torch
from transformers import AutoConfig

from stages.core.names.models import parse_model
from stages.core.nets.hardware import Hardware
from stages.core.nets.language_head import open_language_model
from stages.core.nets.load import load_config, load_network, open_model
from stages.core.nets.lstm import LSTM, LstmConfig, LstmForCausalLM
from stages.core.run.errors import InputError
from stages.extract.words.passages import make_passages
from stages.extract.words.text_tower import Reading, word_tower
from stages.train.story.byte_pairs import make_tokenizer

TEXT = "the witch saw a broom and the boy took a hat\n"


@pytest.fixture
def folder(tmp_path):
    """A network of two layers with its tokenizer."""
    tokenizer = make_tokenizer(TEXT * 9, 300, 32)
    torch.manual_seed(1)
    config = LstmConfig(vocab_size=len(tokenizer), hidden_size=12, num_hidden_layers=2)
    LstmForCausalLM(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    return tmp_path


def by_cells(network, ids):
    """States of every layer, token by token."""
    states = [network.embedding(ids)]
    for layer in network.layers:
        cell = torch.nn.LSTMCell(layer.input_size, layer.hidden_size)
        cell.load_state_dict(
            {name.removesuffix("_l0"): values for name, values in layer.state_dict().items()}
        )
        state, found = None, []
        for token in states[-1].unbind(1):
            state = cell(token, state)
            found.append(state[0])
        states.append(torch.stack(found, dim=1))
    return states


@torch.no_grad()
def test_layers_are_those_of_a_loop_over_cells(folder):
    model = open_model(parse_model(f"file:{folder}", {}))
    network = load_network(model, attention=False)
    ids = torch.randint(0, 300, (3, 9), generator=torch.Generator().manual_seed(0))
    found = network(input_ids=ids, output_hidden_states=True).hidden_states
    assert len(found) == 3
    for one, other in zip(found, by_cells(network, ids), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
    assert found[2].abs().max() > 1e-3


def test_words_are_read_layer_by_layer_like_those_of_any_model(folder):
    words = TEXT.split()
    stimuli = pd.DataFrame({"id": [f"w{k}" for k in range(len(words))], "text": words})
    stimuli = stimuli.assign(run="1", sample="", onset=range(len(words)), duration=1.0)
    passages = make_passages(stimuli, "context", 3)
    model = open_model(parse_model(f"file:{folder}", {}))
    hardware = Hardware([model.device], batch_tokens=24, batch_images=1)
    tower = word_tower(model, passages, Reading("last"), hardware)
    (replica,) = tower.replicas()
    layers = replica.run(tower.order).arrays
    assert {name: values.shape for name, values in layers.items()} == {
        f"layer_{k:02d}": (len(words), 12) for k in range(3)
    }
    network = load_network(model, attention=False)
    with torch.no_grad():
        for row, text in enumerate(passages["text"].iloc[tower.order]):
            ids = torch.tensor([model.tokenizer(text)["input_ids"]])
            for name, states in zip(layers, by_cells(network, ids), strict=True):
                expected = states[0, -1].numpy()
                assert layers[name][row] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_the_head_reads_the_same_layers_of_trained_and_untrained(folder):
    model = open_model(parse_model(f"file:{folder}+untrained:3", {}))
    twin = load_network(model, attention=False)
    trained = load_network(open_model(parse_model(f"file:{folder}", {})), attention=False)
    ids = torch.arange(5)[None]
    heads = {seed: open_language_model(folder, model.device, seed).network for seed in (None, 3, 4)}
    with torch.no_grad():
        first, second = (one(input_ids=ids).last_hidden_state for one in (trained, twin))
        for network, own in ((heads[None], first), (heads[3], second)):
            torch.testing.assert_close(network.head(own), network(input_ids=ids).logits)
        other = heads[4].lstm(input_ids=ids).last_hidden_state
    assert not torch.allclose(first, second)
    assert not torch.allclose(other, second)


def test_the_architecture_is_known_once_a_model_asks_for_it(folder):
    assert load_config(folder).model_type == LSTM
    assert AutoConfig.for_model(LSTM, hidden_size=7).hidden_size == 7
    (folder / "config.json").unlink()
    with pytest.raises(InputError, match="unreadable configuration"):
        load_config(folder)
