"""Which models predict the next word, and how many tokens they take: networks of a few weights."""

from types import SimpleNamespace

import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn
from transformers import BertConfig, GPT2Config, GPT2LMHeadModel

from stages.core.nets import language_head
from stages.core.nets.language_head import (
    NoLanguageHeadError,
    _is_causal,
    open_language_model,
    untrained_head,
)
from stages.core.nets.load import draw_twin
from stages.core.run.errors import InputError

CPU = torch.device("cpu")
CONFIG = {"vocab_size": 11, "n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 16}


class Sees(nn.Module):
    """Predicts from all tokens, or from those before, or from the last one a little."""

    def __init__(self, what):
        super().__init__()
        self.what, self.device = what, CPU

    def forward(self, input_ids):
        values = input_ids.float() + 1
        made = {
            "before": values.cumsum(dim=1),
            "all": values + values.sum(dim=1, keepdim=True),
            "hardly": values.cumsum(dim=1) * 1000 + 1e-3 * values[:, -1:],
            "clearly": values.cumsum(dim=1) * 1000 + 0.5 * values[:, -1:],
            "itself": values,
            "nothing": values * torch.nan,
        }[self.what]
        return SimpleNamespace(logits=made[..., None])


@pytest.mark.parametrize(
    ("what", "causal"),
    [
        ("before", True),
        ("all", False),
        ("hardly", True),
        ("clearly", False),
        ("itself", True),
        ("nothing", True),
    ],
)
def test_who_sees_words_to_come(what, causal):
    assert _is_causal(Sees(what)) == causal


@pytest.fixture
def there(monkeypatch, tmp_path):
    """A folder of a model, by what is read of it."""

    def make(config=None, network=None, longest=100):
        config = config or GPT2Config(**CONFIG)
        found = network or GPT2LMHeadModel(config).train()

        def read(*_, **asked):
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(language_head, "load_config", lambda folder: config)
        tokenizer = SimpleNamespace(model_max_length=longest)
        monkeypatch.setattr(language_head, "load_tokenizer", lambda folder: tokenizer)
        monkeypatch.setattr(language_head, "read_pretrained", read)
        return tmp_path

    return make


@pytest.mark.parametrize(("longest", "expected"), [(100, 16), (16, 16), (9, 9)])
def test_a_reader_takes_as_many_tokens_as_network_and_tokenizer(there, longest, expected):
    reader = open_language_model(there(longest=longest), CPU)
    assert reader.longest == expected
    assert not reader.network.training
    assert reader.tokenizer.model_max_length == longest


def test_without_a_limit_of_its_own_the_tokenizer_tells(there):
    config = GPT2Config(**CONFIG | {"n_positions": 0})
    assert open_language_model(there(config, Sees("before"), 40), CPU).longest == 40


@pytest.mark.parametrize(
    ("config", "network", "got"),
    [
        (BertConfig(), None, None),
        (None, Sees("all"), "gpt2, which sees the words to come"),
        (None, InputError("weights missing", where="x"), "weights missing"),
    ],
)
def test_what_predicts_no_word_has_no_head(there, config, network, got):
    if got is None:
        config.is_decoder, network = False, Sees("all")
    with pytest.raises(NoLanguageHeadError, match=f"no language head in .*{got or 'bert'}"):
        open_language_model(there(config, network), CPU)


def test_other_faults_are_told_as_they_are(there):
    with pytest.raises(InputError, match="quantised weights") as told:
        open_language_model(there(network=InputError("quantised weights", where="x")), CPU)
    assert not isinstance(told.value, NoLanguageHeadError)
    with pytest.raises(InputError, match="unreadable model in .*got first"):
        open_language_model(there(network=ValueError("first\nsecond")), CPU)


def test_an_untrained_head_is_on_the_twin_that_has_none():
    config = GPT2Config(**CONFIG)
    network = untrained_head(config, 3)
    twin = draw_twin(config, 3).state_dict()
    for name, values in network.base_model.state_dict().items():
        assert_allclose(values, twin[name])
    tied = network.get_output_embeddings().weight
    assert tied is network.get_input_embeddings().weight
    assert network.dtype == torch.float32


def test_drawing_leaves_the_state_of_chance_as_it_was(there):
    folder = there()
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one = open_language_model(folder, CPU, seed=1).network
    assert_allclose(torch.rand(3), expected)
    again, other = (open_language_model(folder, CPU, seed=seed).network for seed in (1, 2))
    weights = [net.transformer.wte.weight.detach() for net in (one, again, other)]
    assert_allclose(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()
