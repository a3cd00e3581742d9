"""The tower that is shown text, by a network that tells what it was shown."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from stages.extract.towers import Stimuli
from stages.extract.words import text_tower as module
from stages.extract.words.text_tower import Reading, caption_tower, word_tower
from stages.extract.words.tokens import Tokens

LENGTHS = [2, 5, 2, 3, 5]
HARDWARE = SimpleNamespace(devices=["d0", "d1"], batch_tokens=77)


def tokens_of(lengths=LENGTHS):
    return [
        Tokens({"input_ids": [number] * length}, np.ones(length, dtype=bool))
        for number, length in enumerate(lengths)
    ]


@pytest.fixture
def told(monkeypatch):
    """Networks are their devices; layers are the numbers of the passages that were shown."""
    told = {"checked": [], "forward": []}

    def forward(network, tokenizer, tokens, names, *, pooling, budget, side):
        told["forward"].append((network, tokenizer, names, pooling, budget, side))
        first = np.array([[one.inputs["input_ids"][0], len(one), 9.0] for one in tokens])
        return {"layer_00": first.astype(np.float32)}

    def tokenize(tokenizer, passages, longest, **how):
        told["tokenize"] = (tokenizer, passages, longest, how)
        return tokens_of()

    fakes = {
        "forward": forward,
        "tokenize": tokenize,
        "placed": lambda model, parameters, devices: [
            SimpleNamespace(**vars(model) | {"device": device}) for device in devices
        ],
        "config_parameters": lambda config: 3,
        "load_network": lambda model, attention: SimpleNamespace(
            name=f"{model.device}, {attention}", config="c"
        ),
        "count_parameters": lambda network: 42,
        "check_known": lambda *given: told["checked"].append("known"),
        "check_vectors": lambda tokens, network, folder: told["checked"].append(len(tokens)),
        "layer_names": lambda config, attention: ("names", config, attention),
        "padding_side": lambda config, network: "left",
        "begun": lambda tokens, *given: tokens_of([7, 7, 7, 7, 7]),
        "sees_no_further": lambda network: True,
        "is_pooled_first": lambda one, pooling: one.inputs["input_ids"][0] == 3,
        "caption_passages": lambda table, presenter: ("passages", table, presenter),
        "presenter": lambda settings, tokenizer: "presenter",
        "own_template": lambda settings, tokenizer: settings.template,
        "ended": lambda one: Tokens(one.inputs, one.focus),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(module, name, fake)
    return told


MODEL = SimpleNamespace(tokenizer="t", longest=512, folder=Path("f"), config="c")


def test_passages_are_shown_from_long_to_short(told):
    tower = word_tower(MODEL, "passages", Reading("last", attention=True), HARDWARE)
    assert tower.order.tolist() == [1, 4, 3, 0, 2]
    assert (tower.prefix, tower.shard) == ("", 512)
    assert told["tokenize"] == ("t", "passages", 512, {})
    first, second = tower.replicas()
    assert first.parameters == second.parameters == 42
    layers = second.run(np.array([3, 0]))
    assert layers.arrays["layer_00"].tolist() == [[3, 3, 9], [0, 2, 9]]
    assert layers.widths == {"layer_00": 3}
    network, *rest = told["forward"][0]
    assert network.name == "d1, True"
    assert rest == ["t", ("names", "c", True), "last", 77, "right"]
    assert told["checked"] == ["known", 5, 5]


def test_a_part_of_a_network_reads(told):
    part = lambda network: SimpleNamespace(name=f"part of {network.name}", config="own")  # noqa: E731
    tower = word_tower(MODEL, "passages", Reading("mean"), HARDWARE, part)
    tower.replicas()[0].run(np.array([0]))
    network, _, names, *_ = told["forward"][0]
    assert network.name == "part of d0, False"
    assert names == ("names", "own", False)


@pytest.mark.parametrize(
    ("needs", "shown"),
    [((True, True, 3), 7), ((False, True, 3), 3), ((True, False, 3), 3), ((True, True, 99), 3)],
)
def test_passages_begin_with_a_special_token_where_one_needs_it(told, monkeypatch, needs, shown):
    asked, further, first = needs
    monkeypatch.setattr(module, "sees_no_further", lambda network: further)
    pooled = lambda one, pooling: one.inputs["input_ids"][0] == first  # noqa: E731
    monkeypatch.setattr(module, "is_pooled_first", pooled)
    tower = word_tower(MODEL, "passages", Reading("last", begun=asked), HARDWARE)
    layers = tower.replicas()[0].run(np.array([3]))
    assert layers.arrays["layer_00"][0, 1] == shown


@pytest.mark.parametrize("pooling", ["end", "mean"])
@pytest.mark.parametrize("template", ["plain", "chat"])
def test_captions_are_read_as_they_are_to_generate(told, pooling, template):
    settings = SimpleNamespace(
        pooling=pooling, units=2, seed=1, captions="first", template=template
    )
    shown = Stimuli("table", None, settings)
    tower = caption_tower(MODEL, shown, HARDWARE, prefix="language.")
    assert tower.prefix == "language."
    _, passages, longest, how = told["tokenize"]
    assert (passages, longest) == (("passages", "table", "presenter"), 512)
    assert how == {"special": template == "plain", "do": module.SHORTEN["first"]}
    layers = tower.replicas()[0].run(np.array([0, 1]))
    assert layers.arrays["layer_00"].shape == (2, 2)
    assert layers.widths == {"layer_00": 3}
    *_, found, _, side = told["forward"][0]
    assert (found, side) == ("last" if pooling == "end" else "mean", "left")
