"""An LSTM learns what is planted in a text, and is kept as a model that opens."""

import math
from collections import Counter

import numpy as np
import pytest

from stages.core.names.models import parse_model
from stages.core.names.run_name import RunName
from stages.core.nets.load import load_network, open_model
from stages.core.run.files import read_json
from stages.train.processes import alone
from stages.train.story.corpus import split_text
from stages.train.story.story_run import make_learner, train_words
from stages.train.validation import validate_words


def test_order_is_learnt_from_the_text_and_not_from_its_shuffled_words(text, words, tmp_path):
    """A network that knows nothing of order needs the entropy of words; one that does, less."""
    sizes = {"tiny": {"layers": 1, "width": 48, "heads": 0}}
    settings = words(sizes=sizes, steps=120, keep=[0], warmup=0.1, lr=0.02, weight_decay=0.0)
    curves = {
        kind: train_words(text, RunName(kind, "", 0), settings, tmp_path / kind, tmp_path / "c.csv")
        for kind in ("read", "shuffled")
    }
    corpus = split_text(text.read_text(), settings.held_out, text)
    learner = make_learner(corpus, RunName("read", "", 0), settings, text, alone())
    counts = np.array(list(Counter(corpus.held_out.split()).values()))
    entropy = -(counts * np.log(counts / counts.sum())).sum() / learner._held_out[:, 1:].size
    losses = {kind: [row["heldout_loss"] for row in curve] for kind, curve in curves.items()}
    assert losses["read"][0] == pytest.approx(math.log(320), abs=0.6)
    assert losses["read"][-1] < 0.75 * entropy
    assert 0.98 * entropy < losses["shuffled"][-1] < 0.5 * losses["shuffled"][0]
    checkpoint = tmp_path / "read" / "step120"
    kept = read_json(checkpoint / "evaluation.json", "")
    again = validate_words(checkpoint, text, settings, whole=False)
    assert again == pytest.approx(kept, abs=1e-6)
    model = open_model(parse_model(f"file:{checkpoint}", {}))
    assert model.longest > 10**9  # and not the 16 of a block
    assert len(load_network(model, attention=False).layers) == 1


def test_a_killed_run_ends_with_the_same_weights(text, words):
    settings = words(sizes={"tiny": {"layers": 2, "width": 16, "heads": 0}})
    corpus = split_text(text.read_text(), settings.held_out, text)
    whole, first, resumed = (
        make_learner(corpus, RunName("read", "", 0), settings, text, alone()) for _ in range(3)
    )
    for step in (1, 2, 3):
        whole.update(step)
    first.update(1)
    resumed.restore(first.state(), 1)
    for step in (2, 3):
        resumed.update(step)
    for one, other in zip(
        whole.state()["network"].values(), resumed.state()["network"].values(), strict=True
    ):
        assert one.equal(other)
