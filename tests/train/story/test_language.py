import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoModelForCausalLM, get_cosine_schedule_with_warmup

from stages.core.names.models import parse_model
from stages.core.names.run_name import RunName
from stages.core.nets.load import load_network, open_model
from stages.core.run.errors import InputError
from stages.core.run.files import read_json
from stages.train.processes import alone
from stages.train.story.adamw import learning_rate, make_adamw
from stages.train.story.corpus import Corpus, shuffle_words, split_text
from stages.train.story.next_token import evaluate_words, next_token_loss
from stages.train.story.story_run import make_learner, train_words
from stages.train.validation import validate_words


def _learner(text, settings):
    corpus = split_text(text.read_text(), settings.held_out, text)
    return make_learner(corpus, RunName("read", "", 0), settings, text, alone())


def test_the_first_weights_are_those_of_neox(text, words):
    settings = words(sizes={"tiny": {"layers": 4, "width": 128, "heads": 4}})
    network = _learner(text, settings)._network
    deviations = {name: float(w.detach().std()) for name, w in network.named_parameters()}
    small, writing = math.sqrt(2 / (5 * 128)), 2 / 4 / math.sqrt(128)
    for layer in range(4):
        found = f"gpt_neox.layers.{layer}."
        assert deviations[found + "attention.query_key_value.weight"] == pytest.approx(small, 0.03)
        assert deviations[found + "attention.dense.weight"] == pytest.approx(writing, 0.03)
        assert deviations[found + "mlp.dense_4h_to_h.weight"] == pytest.approx(writing, 0.03)
        assert deviations[found + "mlp.dense_h_to_4h.weight"] == pytest.approx(small, 0.03)
    assert deviations["gpt_neox.embed_in.weight"] == pytest.approx(small, 0.03)
    assert deviations["lm_head.weight"] == pytest.approx(small, 0.03)
    assert network.config.use_parallel_residual
    assert network.config.rope_parameters["partial_rotary_factor"] == 0.25


@pytest.mark.parametrize(
    ("lines", "part"), [((400, 1), "what is held out"), ((1, 400), "what is trained on")]
)
def test_the_part_that_is_too_short_is_named(words, lines, part):
    training, held_out = ("the witch rode\n" * n for n in lines)
    told = f"shorter than one block in here, {part}: expected at least"
    with pytest.raises(InputError, match=told):
        make_learner(
            Corpus(training, held_out, ""), RunName("read", "", 0), words(), "here", alone()
        )


def test_the_rate_rises_and_falls_as_transformers_has_it(words):
    settings = words(steps=40, warmup=0.25, floor=0.0, lr=0.1)
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    schedule = get_cosine_schedule_with_warmup(optimiser, 10, 40)
    for step in range(1, 41):
        optimiser.step()
        schedule.step()
        assert learning_rate(step, settings) == pytest.approx(schedule.get_last_lr()[0], abs=1e-15)
    assert learning_rate(40, words(steps=40, floor=0.1, lr=0.1)) == pytest.approx(0.01)


def test_one_update_is_that_of_adamw(text, words):
    settings = words(clip=0.0)
    learner = _learner(text, settings)
    network = learner._network
    before = {name: w.detach().clone() for name, w in network.named_parameters()}
    learner.update(1)
    rate = learning_rate(1, settings)
    for name, w in network.named_parameters():
        decay = settings.weight_decay if w.ndim > 1 else 0.0
        # After one step both moments are unbiased: the mean is the gradient, its root the size.
        step = w.grad / (w.grad.abs() + settings.eps)
        expected = before[name] * (1 - rate * decay) - rate * step
        torch.testing.assert_close(w.detach(), expected, rtol=1e-5, atol=1e-7)


def test_biases_and_norms_do_not_decay(text, words):
    network = _learner(text, words())._network
    decayed, rest = make_adamw(network, words(weight_decay=0.3)).param_groups
    assert (decayed["weight_decay"], rest["weight_decay"]) == (0.3, 0.0)
    assert {w.ndim for w in decayed["params"]} == {2}
    assert {w.ndim for w in rest["params"]} == {1}


def test_loss_and_accuracy_equal_a_naive_loop(text, words):
    learner = _learner(text, words())
    network, blocks = learner._network.eval(), learner._held_out[:3]
    losses, right = [], []
    with torch.no_grad():
        for block in blocks:
            for place in range(16):
                logits = network(torch.tensor(block[None, : place + 1])).logits[0, -1].double()
                losses.append(-float(logits.log_softmax(0)[block[place + 1]]))
                right.append(int(logits.argmax()) == block[place + 1])
        batch = float(next_token_loss(network, torch.from_numpy(blocks)))
    found = evaluate_words(network, blocks, 2, torch.device("cpu"))
    assert found["heldout_loss"] == pytest.approx(np.mean(losses), abs=1e-5)
    assert batch == pytest.approx(np.mean(losses), abs=1e-5)
    assert found["heldout_accuracy"] == np.mean(right)


def test_what_is_written_opens_as_a_model(text, words, tmp_path):
    train_words(text, RunName("read", "", 0), words(), tmp_path / "run", tmp_path / "run.csv")
    assert {p.name for p in (tmp_path / "run").iterdir()} == {"step0", "step1", "step4", "step12"}
    model = open_model(parse_model(f"file:{tmp_path}/run/step4", {}))
    assert model.longest == 16
    load_network(model, attention=True)
    kept = read_json(tmp_path / "run" / "step12" / "evaluation.json", "")
    curve = pd.read_csv(tmp_path / "run.csv")
    assert list(curve["step"]) == [0, 1, 4, 12]
    assert list(curve["seen"]) == [0, 128, 512, 1536]
    assert curve["heldout_loss"].iloc[-1] == pytest.approx(kept["heldout_loss"])
    assert curve["loss"].isna().tolist() == [True, False, False, False]
    again = validate_words(tmp_path / "run" / "step12", text, words(), whole=False)
    assert again == pytest.approx(kept, abs=1e-6)
    network = AutoModelForCausalLM.from_pretrained(tmp_path / "run" / "step0")
    first = _learner(text, words())._network
    assert torch.equal(network.lm_head.weight, first.lm_head.weight)


def test_order_is_learnt_from_the_text_and_not_from_its_shuffled_words(text, words, tmp_path):
    """The planted truth, and its control.

    A network that knows how often words are used, and nothing of their order, needs as many nats
    as their entropy; one that knows the order, and that each place has its words, needs less.
    """
    settings = words(steps=120, keep=[0], warmup=0.1)
    curves = {
        kind: train_words(text, RunName(kind, "", 0), settings, tmp_path / kind, tmp_path / "c.csv")
        for kind in ("read", "shuffled")
    }
    corpus = split_text(text.read_text(), settings.held_out, text)
    learner = _learner(text, settings)
    counts = np.array(list(Counter(corpus.held_out.split()).values()))
    entropy = -(counts * np.log(counts / counts.sum())).sum() / (learner._held_out[:, 1:].size)
    losses = {kind: [row["heldout_loss"] for row in curve] for kind, curve in curves.items()}
    assert losses["read"][0] == pytest.approx(math.log(320), abs=0.6)
    assert losses["read"][-1] < 0.75 * entropy
    assert 0.98 * entropy < losses["shuffled"][-1] < 0.5 * losses["shuffled"][0]
    assert curves["read"][-1]["heldout_accuracy"] > curves["read"][0]["heldout_accuracy"] + 0.3
    mixed = split_text(shuffle_words(text.read_text(), 5), settings.held_out, text).held_out
    (tmp_path / "mixed.txt").write_text(mixed)
    checkpoint = tmp_path / "shuffled" / "step120"
    on_mixed = validate_words(checkpoint, tmp_path / "mixed.txt", settings, whole=True)
    assert 0.95 * entropy < on_mixed["heldout_loss"] < 1.3 * entropy


def test_real_text_is_learnt(mirror, words, tmp_path):
    text = tmp_path / "wiki.txt"
    text.write_text((mirror / "wikitext2" / "val.txt").read_text()[:60_000])
    settings = words(steps=40, keep=[0], vocabulary=500)
    rows = train_words(text, RunName("read", "", 0), settings, tmp_path / "run", tmp_path / "c.csv")
    assert rows[-1]["heldout_loss"] < rows[0]["heldout_loss"] - 1
