"""Runs read once: a causal network makes of each word what it makes of it by itself."""

import numpy as np
import pytest
import torch

from stages.core.names.models import parse_model
from stages.core.nets.hardware import read_hardware
from stages.core.nets.load import load_network, load_tokenizer, open_model
from stages.core.params.schema import ExtractStory
from stages.core.run.errors import InputError
from stages.extract.open_transformers import open_reader
from stages.extract.words.passages import make_passages
from stages.extract.words.run_windows import run_windows
from stages.extract.words.text_tower import Reading
from stages.extract.words.tokens import tokenize
from stages.extract.words.whole_runs import run_tower


def one_by_one(folder, passages, pooling, *, begun):
    """Independent of the stage: a passage at a time, perhaps after a special token."""
    model = open_model(parse_model(f"file:{folder}", {}))
    network = load_network(model, False)
    rows = []
    for passage in passages.itertuples():
        encoded = model.tokenizer(passage.text, return_offsets_mapping=True)
        offsets, ids = encoded["offset_mapping"], encoded["input_ids"]
        if begun:
            offsets, ids = [(0, 0), *offsets], [model.tokenizer.eos_token_id, *ids]
        focus = [k for k, (a, b) in enumerate(offsets) if b > a and b > passage.start]
        with torch.no_grad():
            given = torch.tensor([ids])
            states = network(input_ids=given, output_hidden_states=True).hidden_states
        vectors = torch.stack(states)[:, 0, focus].numpy()
        rows.append({"last": vectors[:, -1], "mean": vectors.mean(1)}[pooling])
    return np.stack(rows, axis=1)


def read(folder, passages, pooling, rows=None):
    model = open_model(parse_model(f"file:{folder}", {}))
    tower = run_tower(model, passages, Reading(pooling), read_hardware())
    rows = np.arange(len(passages)) if rows is None else rows
    return tower.replicas()[0].run(rows).arrays


@pytest.mark.parametrize("kind", ["gpt2", "bert"])
@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_layers_equal_those_of_each_word_by_itself(tiny, story, kind, pooling):
    passages = make_passages(story(30), "context", 0)
    layers = read(tiny(kind), passages, pooling)
    expected = one_by_one(tiny(kind), passages, pooling, begun=kind == "gpt2")
    assert list(layers) == ["layer_00", "layer_01", "layer_02"]
    for values, wanted in zip(layers.values(), expected, strict=True):
        np.testing.assert_allclose(values, wanted, atol=1e-5)
    some = np.array([29, 3, 17])
    for name, values in read(tiny(kind), passages, pooling, some).items():
        np.testing.assert_allclose(values, layers[name][some], atol=1e-6)


@pytest.mark.parametrize("kind", ["gpt2", "bert"])
def test_no_word_is_the_first_token_which_networks_use_for_attention_to_nothing(tiny, story, kind):
    tokenizer = load_tokenizer(tiny(kind))
    windows = run_windows(tokenizer, make_passages(story(60), "context", 0), 16)
    assert len(windows) > 4
    for window in windows:
        assert window.inputs["input_ids"][0] in tokenizer.all_special_ids
        assert all(focus[0] > 0 for focus in window.focus)
        assert {len(given) for given in window.inputs.values()} == {len(window.inputs["input_ids"])}


def test_a_blank_at_the_end_of_a_text_is_not_the_next_word(tiny, story):
    texts = ["the ", " old  witch ", "flew"]
    stimuli = story(3).assign(text=texts, run="1")
    passages = make_passages(stimuli, "context", 0)
    assert list(passages["text"]) == ["the", "the old witch", "the old witch flew"]
    tokenizer = load_tokenizer(tiny("gpt2"))
    (window,) = run_windows(tokenizer, passages, 64)
    spelt = [tokenizer.decode([window.inputs["input_ids"][k] for k in f]) for f in window.focus]
    assert [text.strip() for text in spelt] == ["the", "old witch", "flew"]


def test_windows_show_every_word_half_a_window_at_least(tiny, story):
    stimuli, tokenizer = story(120), load_tokenizer(tiny("gpt2"))
    passages = make_passages(stimuli, "context", 0)
    windows = run_windows(tokenizer, passages, 32)
    rows = np.concatenate([one.rows for one in windows])
    assert sorted(rows) == list(range(120))
    for window in windows:
        assert len(window.inputs["input_ids"]) <= 32
        for row, focus in zip(window.rows, window.focus, strict=True):
            ids = [window.inputs["input_ids"][k] for k in focus]
            assert tokenizer.decode(ids).strip() == stimuli["text"].iloc[row]
            # As many tokens before it as there are, or half of what the window holds.
            before = len(tokenizer(passages["text"].iloc[row])["input_ids"]) - len(focus)
            assert focus[0] >= min(before, 16 - len(focus))


def test_a_stimulus_longer_than_half_a_window(tiny, story):
    stimuli = story(4).assign(text=["the " * 40] * 4, run="1")
    with pytest.raises(InputError, match="passage too long.*at most 15 tokens"):
        run_windows(load_tokenizer(tiny("gpt2")), make_passages(stimuli, "context", 0), 32)


def test_a_passage_that_is_too_long_loses_its_first_tokens_but_no_special_ones(tiny, story):
    tokenizer = load_tokenizer(tiny("bert"))
    passages = make_passages(story(40), "context", 0)
    whole = tokenize(tokenizer, passages, 10_000)
    cut = tokenize(tokenizer, passages, 12, cut=True)
    for one, other in zip(whole, cut, strict=True):
        ids, kept = one.inputs["input_ids"], other.inputs["input_ids"]
        assert len(kept) == min(len(ids), 12)
        assert kept[0] == ids[0]
        assert kept[1:] == ids[len(ids) - len(kept) + 1 :]
        assert other.focus.sum() == one.focus.sum()
    with pytest.raises(InputError, match="passage too long"):
        tokenize(tokenizer, passages.assign(start=0).tail(1), 12, cut=True)


def test_attention_is_not_described_over_all_of_a_run(tiny, story):
    settings = ExtractStory(presentation="context", context=0, pooling="last", attention=True)
    passages = make_passages(story(6), "context", 0)
    with pytest.raises(InputError, match="attention over all of a run"):
        open_reader(parse_model(f"file:{tiny('gpt2')}", {}), passages, settings, read_hardware())
