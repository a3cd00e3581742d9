from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from stages.train.story.next_token import evaluate_words, next_token_loss

TABLE = torch.log_softmax(torch.from_numpy(np.random.default_rng(0).normal(size=(5, 5))), dim=1)
BLOCKS = np.random.default_rng(1).integers(0, 5, (7, 4))


class Table(torch.nn.Module):
    """Predicts from the last token alone, by a table of log probabilities."""

    def forward(self, input_ids):
        assert not self.training or input_ids.shape[0] == len(BLOCKS)
        return SimpleNamespace(logits=2.0 + TABLE[input_ids])


def by_a_loop():
    losses, right = [], []
    for block in BLOCKS:
        for now, after in pairwise(block):
            losses.append(-float(TABLE[now, after]))
            right.append(int(TABLE[now].argmax()) == after)
    return np.mean(losses), np.mean(right)


def test_the_loss_is_the_mean_over_tokens():
    loss, _ = by_a_loop()
    assert float(next_token_loss(Table(), torch.from_numpy(BLOCKS))) == pytest.approx(loss)


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
def test_measures_are_means_over_all_tokens_whatever_the_batch(batch):
    loss, accuracy = by_a_loop()
    found = evaluate_words(Table(), BLOCKS, batch, torch.device("cpu"))
    assert list(found) == ["heldout_loss", "heldout_accuracy"]
    assert found["heldout_loss"] == pytest.approx(loss, rel=1e-6)
    assert found["heldout_accuracy"] == pytest.approx(accuracy)
