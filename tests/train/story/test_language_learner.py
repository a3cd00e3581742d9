"""Updates of a language model, beside the same by hand."""

from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from stages.train.processes import Processes, alone
from stages.train.story import language_learner as module
from stages.train.story.language_learner import LanguageLearner

BLOCKS = np.random.default_rng(0).integers(0, 7, (24, 9))


class Bigrams(torch.nn.Module):
    """Logits of the next token by the token alone; it drops some in training."""

    def __init__(self, drop=0.0):
        super().__init__()
        torch.manual_seed(1)
        self.table = torch.nn.Embedding(7, 7)
        self.bias = torch.nn.Parameter(torch.zeros(7))
        self.drop = torch.nn.Dropout(drop)

    def forward(self, input_ids):
        return SimpleNamespace(logits=self.drop(self.table(input_ids)) + self.bias)


def learner(settings, network=None, processes=None, seed=3):
    return LanguageLearner(
        network or Bigrams(),
        "tokenizer",
        BLOCKS,
        BLOCKS[:5],
        settings=settings,
        seed=seed,
        processes=processes or alone(),
    )


def rows_of(step, batch, seed=3):
    """Rows of one update: rounds of all blocks, each in an order of its own."""
    orders = [np.random.default_rng([seed, k]).permutation(len(BLOCKS)) for k in range(9)]
    return np.concatenate(orders)[(step - 1) * batch : step * batch]


@pytest.mark.parametrize("clip", [0.0, 0.01])
def test_updates_are_those_of_adamw_on_the_rows_of_each(words, clip):
    settings = words(clip=clip)
    one = learner(settings)
    copy = deepcopy(one._network)
    decayed, plain = [copy.table.weight], [copy.bias]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=9.0, betas=(0.9, 0.95), eps=1e-8)
    for step in (1, 2, 5):
        told = one.update(step)
        for group in optimiser.param_groups:
            group["lr"] = module.learning_rate(step, settings)
        tokens = torch.from_numpy(BLOCKS[rows_of(step, 8)])
        logits = copy.table(tokens[:, :-1]) + copy.bias
        loss = cross_entropy(logits.reshape(-1, 7), tokens[:, 1:].reshape(-1))
        optimiser.zero_grad()
        loss.backward()
        loss = loss.detach()
        if clip:
            norm = sum((p.grad**2).sum() for p in copy.parameters()).sqrt()
            for parameter in copy.parameters():
                parameter.grad *= min(1.0, clip / float(norm.detach()))
        optimiser.step()
        assert told == pytest.approx(float(loss), rel=1e-6)
        assert one.rate() == module.learning_rate(step, settings)
    for found, expected in zip(one._network.parameters(), copy.parameters(), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    assert one.seen_per_update == 8 * 16.0
    assert one.weights == ("",)


def test_a_process_learns_from_its_part(words, monkeypatch):
    shown = []
    loss = lambda network, tokens: (shown.append(tokens.numpy()), network.bias.sum())[1]  # noqa: E731
    monkeypatch.setattr(module, "next_token_loss", loss)
    monkeypatch.setattr(Processes, "average_update", lambda self, network, loss: 0.0)
    learner(words(), processes=Processes(1, 2, torch.device("cpu"))).update(2)
    np.testing.assert_array_equal(shown[0], BLOCKS[rows_of(2, 8)[4:]])


@pytest.mark.parametrize(("precision", "low"), [("float32", False), ("bfloat16", True)])
def test_half_precision_is_of_the_forward_pass(words, monkeypatch, precision, low):
    seen = []

    def loss(network, tokens):
        assert network.training
        seen.append(torch.is_autocast_enabled("cpu"))
        return network.bias.sum()

    monkeypatch.setattr(module, "next_token_loss", loss)
    learner(words(precision=precision)).update(1)
    assert seen == [low]


def test_what_is_dropped_is_of_the_seed_the_step_and_the_process(words):
    def told(step=1, rank=0, seed=3):
        processes = Processes(rank, 1, torch.device("cpu"))
        return learner(words(), Bigrams(0.5), processes, seed).update(step)

    torch.manual_seed(5)
    first = told()
    torch.manual_seed(6)
    assert told() == first


def test_it_goes_on_from_its_state(words):
    settings = words()
    whole, begun = learner(settings), learner(settings)
    begun.update(1)
    state = deepcopy(begun.state())
    other = learner(settings)
    other.restore(state, 1)
    assert other.rate() == module.learning_rate(1, settings)
    whole.update(1)
    assert other.update(2) == whole.update(2)
    for found, expected in zip(
        other._network.parameters(), whole._network.parameters(), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=0)
    fresh = learner(settings)
    fresh.restore(learner(settings).state(), 0)
    assert fresh.rate() == module.learning_rate(1, settings) == learner(settings).rate()


def test_it_is_measured_on_what_is_held_out_four_batches_at_once(words, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "evaluate_words", lambda *given: asked.append(given) or {"a": 1.0})
    one = learner(words())
    assert one.evaluate("") == {"a": 1.0}
    network, blocks, batch, _ = asked[0]
    assert (network, batch) == (one._network, 32)
    np.testing.assert_array_equal(blocks, BLOCKS[:5])
