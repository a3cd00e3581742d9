import shutil

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import MambaConfig

from stages.core.names.layers import ATTENTION_STATISTICS as STATISTICS
from stages.core.names.models import parse_model
from stages.core.nets.embedded import embedded_folder
from stages.core.nets.load import load_network, open_model
from stages.core.run.errors import ConcordError, InputError
from stages.extract.words.passages import make_passages
from stages.extract.words.tokens import tokenize
from stages.extract.words.word_forward import forward, layer_names, pooling_weights


def run(folder, passages, pooling="last", attention=False, budget=100):
    """The layers of a folder's model, in the order of the passages."""
    model = open_model(parse_model(f"file:{folder}", {}))
    network = load_network(model, attention)
    tokens = tokenize(model.tokenizer, passages, model.longest)
    order = np.argsort([-len(passage) for passage in tokens], kind="stable")
    names = layer_names(model.config, attention)
    layers = forward(
        network,
        model.tokenizer,
        [tokens[k] for k in order],
        names,
        pooling=pooling,
        budget=budget,
    )
    return {name: values[np.argsort(order)] for name, values in layers.items()}, network, model


def one_by_one(network, model, passages, pooling):
    """Independent of the stage: a passage at a time, no mask, no padding, a loop over tokens."""
    rows = []
    for passage in passages.itertuples():
        encoded = model.tokenizer(passage.text, return_offsets_mapping=True, return_tensors="pt")
        offsets = encoded.pop("offset_mapping")[0].tolist()
        with torch.no_grad():
            states = network(**encoded, output_hidden_states=True).hidden_states
        kept = [k for k, (a, b) in enumerate(offsets) if b > a and b > passage.start]
        vectors = torch.stack(states)[:, 0, kept].numpy()
        rows.append(
            {"last": vectors[:, -1], "mean": vectors.mean(1), "sum": vectors.sum(1)}[pooling]
        )
    return np.stack(rows, axis=1)


@pytest.mark.parametrize("kind", ["bert", "gpt2", "t5"])
@pytest.mark.parametrize("pooling", ["last", "mean", "sum"])
def test_hidden_states_equal_those_of_transformers(tiny, story, kind, pooling):
    passages = make_passages(story(40), "context", 6)
    layers, network, model = run(tiny(kind), passages, pooling)
    expected = one_by_one(network, model, passages, pooling)
    assert list(layers) == ["layer_00", "layer_01", "layer_02"]
    for values, wanted in zip(layers.values(), expected, strict=True):
        np.testing.assert_allclose(values, wanted, atol=1e-5)


def test_the_oracle_notices_a_shift(tiny, story):
    passages = make_passages(story(40), "context", 6)
    layers, network, model = run(tiny("bert"), passages)
    expected = one_by_one(network, model, passages, "last")
    assert not np.allclose(np.roll(layers["layer_02"], 1, axis=0), expected[2], atol=1e-2)


@pytest.mark.parametrize("kind", ["bert", "gpt2", "t5"])
def test_batches_do_not_matter(tiny, story, kind):
    passages = make_passages(story(40), "context", 6)
    small, *_ = run(tiny(kind), passages, attention=True, budget=1)
    large, *_ = run(tiny(kind), passages, attention=True, budget=10_000)
    assert list(small) == layer_names(
        open_model(parse_model(f"file:{tiny(kind)}", {})).config, True
    )
    for name, values in small.items():
        np.testing.assert_allclose(values, large[name], atol=1e-5, err_msg=name)


def test_attention_is_that_of_transformers(tiny, story):
    """Attention to the first and last token, straight from the model."""
    passages = make_passages(story(20), "context", 6)
    layers, network, model = run(tiny("bert"), passages, attention=True)
    first, last = STATISTICS.index("first"), STATISTICS.index("last")
    for row, text in enumerate(passages["text"]):
        with torch.no_grad():
            encoded = model.tokenizer(text, return_tensors="pt")
            blocks = network(**encoded, output_attentions=True).attentions
        for k, block in enumerate(blocks, start=1):
            got = layers[f"attention_{k:02d}"][row].reshape(2, len(STATISTICS))
            query = block[0, :, -2].numpy()  # the last token before [SEP]
            np.testing.assert_allclose(got[:, [first, last]], query[:, [0, -1]], atol=1e-6)


def test_attention_does_not_change_the_hidden_states(tiny, story):
    passages = make_passages(story(20), "context", 6)
    plain, *_ = run(tiny("bert"), passages)
    described, *_ = run(tiny("bert"), passages, attention=True)
    for name, values in plain.items():
        np.testing.assert_allclose(values, described[name], atol=1e-5)


def test_minilm_equals_sentence_transformers(story):
    """The real default model against its own library, token by token."""
    folder = embedded_folder("st", "all-MiniLM-L6-v2")
    passages = make_passages(story(24), "context", 8)
    layers, *_ = run(folder, passages, pooling="last", budget=64)
    peer = SentenceTransformer(str(folder), device="cpu")
    tokens = peer.encode(list(passages["text"]), output_value="token_embeddings")
    expected = np.stack([states[-2].numpy() for states in tokens])  # the last is [SEP]
    np.testing.assert_allclose(layers["layer_06"], expected, atol=1e-5)


def test_pooling_weights_by_hand():
    focus = torch.tensor([[False, True, True, False], [True, False, False, False]])
    assert pooling_weights(focus, "last").tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
    assert pooling_weights(focus, "mean").tolist() == [[0, 0.5, 0.5, 0], [1, 0, 0, 0]]
    assert pooling_weights(focus, "sum").tolist() == [[0, 1, 1, 0], [1, 0, 0, 0]]


def test_broken_weights_give_no_result(tiny, story):
    model = open_model(parse_model(f"file:{tiny('bert')}", {}))
    network = load_network(model, False)
    with torch.no_grad():
        network.encoder.layer[1].output.dense.bias[3] = torch.nan
    tokens = tokenize(model.tokenizer, make_passages(story(4), "context", 2), model.longest)
    names = layer_names(model.config, False)
    with pytest.raises(ConcordError, match="not finite in layer_02"):
        forward(network, model.tokenizer, tokens[:1], names, pooling="last", budget=9)


def test_a_model_without_attention_weights(tiny, story, tmp_path):
    """A state-space model has blocks, and nothing to describe."""
    config = MambaConfig(vocab_size=280, hidden_size=16, state_size=4, num_hidden_layers=2)
    config.save_pretrained(tmp_path)
    shutil.copy(tiny("gpt2") / "tokenizer.json", tmp_path)
    model = open_model(parse_model(f"file:{tmp_path}+untrained", {}))
    tokens = tokenize(model.tokenizer, make_passages(story(4), "context", 2), 64)
    names = layer_names(model.config, True)
    network = load_network(model, True)
    with pytest.raises(
        InputError, match=r"expected 5 .* got 3\. Set story\.extract\.attention to false"
    ):
        forward(network, model.tokenizer, tokens[:1], names, pooling="last", budget=9)
    forward(network, model.tokenizer, tokens[:1], names[:3], pooling="last", budget=9)
