import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from stages.core.nets.embedded import embedded_folder
from stages.core.run.errors import ConcordError
from stages.simulate import planted_model as layers
from stages.simulate.planted_model import last_token_states, mean_token_states
from stages.simulate.story.contexts import passages


def test_passages_hold_the_context_within_the_run():
    texts, runs = ["The", "@old", "goat.", "+", "Then", "it"], np.array([1, 1, 1, 1, 2, 2])
    assert passages(texts, runs, 3) == [
        "The", "The old", "The old goat.", "old goat. +", "Then", "Then it",
    ]  # fmt: skip
    assert passages(texts, runs, 1) == ["The", "old", "goat.", "+", "Then", "it"]


def test_states_are_those_of_each_passage_alone():
    texts = ["Ron ran", "The goat in the mill slept.", "+"]
    states = last_token_states(texts)
    assert states.shape == (7, 3, 384)
    folder = embedded_folder("st", "all-MiniLM-L6-v2")
    model, tokenizer = (
        AutoModel.from_pretrained(folder).eval(),
        AutoTokenizer.from_pretrained(folder),
    )
    for index, text in enumerate(texts):
        with torch.inference_mode():
            hidden = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True)
        for layer, values in enumerate(hidden.hidden_states):
            assert np.allclose(states[layer, index], values[0, -2].numpy(), atol=1e-5)


@pytest.mark.parametrize("states_of", [last_token_states, mean_token_states])
def test_states_are_exact_to_the_twelfth_digit(states_of):
    texts = ["Ron ran", "The goat in the mill slept.", "It was a long, long day."]
    together = states_of(texts)
    assert together.dtype == np.float64
    alone = np.concatenate([states_of([text]) for text in texts], axis=1)
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12 * np.abs(together).max())


def test_passages_that_recur_have_the_same_states():
    texts = ["Ron ran", "The goat", "Ron ran", "It was a long, long day.", "The goat"]
    states = last_token_states(texts)
    assert (states[:, [2, 4]] == states[:, [0, 1]]).all()
    np.testing.assert_allclose(
        states[:, [0, 1, 3]], last_token_states([texts[0], texts[1], texts[3]])
    )


def test_means_are_over_the_tokens_of_each_caption_alone():
    texts = ["A dog.", "Two striped orange dogs are to the left of a zebra on a sandy beach."]
    states = mean_token_states(texts)
    folder = embedded_folder("st", "all-MiniLM-L6-v2")
    model, tokenizer = (
        AutoModel.from_pretrained(folder).eval(),
        AutoTokenizer.from_pretrained(folder),
    )
    for index, text in enumerate(texts):
        with torch.inference_mode():
            hidden = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True)
        for layer, values in enumerate(hidden.hidden_states):
            expected = values[0, 1:-1].mean(dim=0).numpy()
            assert np.allclose(states[layer, index], expected, atol=1e-5)


def test_a_long_passage_keeps_its_end():
    long = "goat " * 600
    cut, more = last_token_states([long + "slept", long * 2 + "slept"]).transpose(1, 0, 2)
    assert np.allclose(cut, more, atol=1e-4)


def test_an_absent_model_is_named(monkeypatch):
    monkeypatch.setattr(layers, "embedded_folder", lambda scheme, name: None)
    with pytest.raises(ConcordError, match="model not installed in st:all-MiniLM-L6-v2"):
        last_token_states(["goat"])
