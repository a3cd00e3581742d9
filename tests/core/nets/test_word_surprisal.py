"""The surprisal of a word is that of its tokens, given all that came before."""

import math

import numpy as np
import pytest
import torch

from stages.core.nets.language_head import (
    NoLanguageHeadError,
    Reader,
    open_language_model,
    untrained_head,
)
from stages.core.nets.load import draw_twin, load_config
from stages.core.nets.next_word import text_loss
from stages.core.nets.word_surprisal import word_surprisals
from stages.core.run.errors import InputError
from tests.slow_tokenizers import Slow, save_ctrl

CPU = torch.device("cpu")
WORDS = ["the", "old", "witch", "flew", "over", "a", "quiet", "village"]


@pytest.fixture(scope="module")
def reader(tiny):
    """A causal model of random weights with wide spreads, which takes 64 tokens."""
    network = untrained_head(load_config(tiny("gpt2")), 0)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        for weights in network.parameters():
            torch.nn.init.normal_(weights, std=0.3)
    from stages.core.nets.load import load_tokenizer

    return Reader(network.eval(), load_tokenizer(tiny("gpt2")), 64)


@torch.inference_mode()
def naive(reader, words):
    """Predict each token by itself, after all before it; the tokens of words, one by one."""
    ids, found = [], []
    for k, word in enumerate(words):
        nats = 0.0
        for token in reader.tokenizer(" " * bool(k) + word)["input_ids"]:
            if ids:
                logits = reader.network(input_ids=torch.tensor([ids])).logits[0, -1].double()
                nats -= torch.log_softmax(logits, 0)[token].item()
            ids.append(token)
        found.append(nats)
    return np.array([math.nan, *found[1:]])


def test_as_a_naive_loop_without_windows(reader):
    nats, size = word_surprisals(reader, WORDS)
    np.testing.assert_allclose(nats, naive(reader, WORDS), atol=1e-4)
    assert size.tolist() == [3, 4, 6, 5, 5, 2, 6, 8]


def test_parts_of_several_words_are_sums(reader):
    alone, size = word_surprisals(reader, WORDS)
    parts = [" ".join(WORDS[start:stop]) for start, stop in ((0, 2), (2, 3), (3, 8))]
    nats, sizes = word_surprisals(reader, parts)
    np.testing.assert_allclose(nats, [math.nan, alone[2], alone[3:].sum()], rtol=1e-6)
    assert sizes.tolist() == [7, 6, size[3:].sum()]


def test_the_sum_is_the_loss_of_the_text(reader):
    nats, size = word_surprisals(reader, WORDS)
    whole = text_loss(reader, [" ".join(WORDS)], CPU)
    assert np.nanmean(nats) == pytest.approx(whole.per_word)
    assert size.sum() == len(" ".join(WORDS))


def test_windows_change_only_words_far_from_the_beginning(reader):
    words = WORDS * 3
    longer = Reader(reader.network, reader.tokenizer, 64)
    shorter = Reader(reader.network, reader.tokenizer, 20)
    whole, cut = word_surprisals(longer, words)[0], word_surprisals(shorter, words)[0]
    lengths = [len(reader.tokenizer(" " + word)["input_ids"]) for word in words]
    inside = np.cumsum(lengths) <= 20
    np.testing.assert_allclose(cut[inside], whole[inside], atol=1e-4)
    assert not np.allclose(cut[~inside], whole[~inside], atol=1e-3)


def test_words_to_come_change_nothing(reader):
    nats, _ = word_surprisals(reader, WORDS)
    other, _ = word_surprisals(reader, [*WORDS[:4], "nobody", "a"])
    np.testing.assert_allclose(other[:4], nats[:4], atol=1e-5)
    turned, _ = word_surprisals(reader, WORDS[::-1])
    assert abs(turned[::-1][3] - nats[3]) > 1e-3


def test_without_offsets_the_same(reader):
    slow = Reader(reader.network, Slow(reader.tokenizer), reader.longest)
    np.testing.assert_allclose(word_surprisals(slow, WORDS)[0], word_surprisals(reader, WORDS)[0])


def test_ctrl(tmp_path):
    reader = open_language_model(save_ctrl(tmp_path / "ctrl"), CPU)
    nats, _ = word_surprisals(reader, WORDS)
    np.testing.assert_allclose(nats, naive(reader, WORDS), atol=1e-4)
    found = text_loss(reader, [" ".join(WORDS)], CPU)
    assert found.words == len(WORDS) - 1
    assert found.per_word == pytest.approx(np.nanmean(nats))
    assert found.bytes == len(" ".join(WORDS[1:])) + 1


def test_a_twin_with_a_head_is_the_twin_without(tiny):
    config = load_config(tiny("llama"))
    network, twin = untrained_head(config, 3), draw_twin(config, 3)
    for name, weights in twin.state_dict().items():
        assert torch.equal(network.base_model.state_dict()[name], weights)
    again = untrained_head(config, 3).state_dict()
    assert all(torch.equal(again[name], weights) for name, weights in network.state_dict().items())
    assert not torch.equal(untrained_head(config, 4).lm_head.weight, network.lm_head.weight)


def test_an_untrained_twin_knows_next_to_nothing(tiny):
    reader = open_language_model(tiny("gpt2"), CPU, seed=0)
    nats, _ = word_surprisals(reader, WORDS)
    tokens = [len(reader.tokenizer(" " + word)["input_ids"]) for word in WORDS]
    uniform = np.array(tokens) * math.log(reader.network.config.vocab_size)
    np.testing.assert_allclose(nats[1:], uniform[1:], rtol=0.1)


@pytest.mark.parametrize("kind", ["bert", "t5"])
def test_a_twin_that_predicts_no_next_word(tiny, kind):
    with pytest.raises(NoLanguageHeadError, match="no language head"):
        open_language_model(tiny(kind), CPU, seed=0)


def test_nothing_and_one_word(reader):
    nats, size = word_surprisals(reader, [])
    assert (len(nats), len(size)) == (0, 0)
    for word in ("a", "witch"):
        assert np.isnan(word_surprisals(reader, [word])[0]).tolist() == [True]


def test_a_word_that_is_none(reader):
    with pytest.raises(InputError, match="text without a token in stimuli: got ''"):
        word_surprisals(reader, ["the", "", "witch"])


def test_a_model_that_diverged(reader):
    import copy

    network = copy.deepcopy(reader.network)
    network.base_model.ln_f.bias.data[0] = math.nan
    with pytest.raises(InputError, match="model without a finite loss"):
        word_surprisals(Reader(network, reader.tokenizer, 64), WORDS)
