"""Recurrent networks read words as others do: in passages, and runs at once."""

import numpy as np
import pytest
import torch
from transformers import Mamba2Config, Mamba2Model, MambaConfig, MambaModel, RwkvConfig, RwkvModel

from stages.core.activations.activations import read_about, read_layer
from stages.core.names.models import parse_model
from stages.core.params.schema import ExtractStory
from stages.core.recording.types import stimuli_digest
from stages.extract.extraction import extract_story
from tests.tiny_models import _byte_pairs

SMALL = {"vocab_size": 300, "hidden_size": 16, "num_hidden_layers": 2}
KINDS = {
    "rwkv": (RwkvModel, RwkvConfig(**SMALL, attention_hidden_size=16, context_length=64)),
    "mamba": (MambaModel, MambaConfig(**SMALL, state_size=4, time_step_rank=2)),
    "mamba2": (
        Mamba2Model,
        Mamba2Config(**SMALL, state_size=4, num_heads=4, head_dim=8, n_groups=1, chunk_size=8),
    ),
}


@pytest.fixture(params=KINDS)
def recurrent(request, tmp_path):
    """Save a tiny recurrent network with random weights, and give it too."""
    kind, config = KINDS[request.param]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = kind(config).eval()
    network.save_pretrained(tmp_path / "model")
    tokenizer = _byte_pairs()
    tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model", network, tokenizer


def layers_of(folder, stimuli, context, out):
    settings = ExtractStory(
        presentation="context", context=context, pooling="last", attention=False
    )
    spec = parse_model("tiny", {"tiny": f"file:{folder}"})
    assert extract_story(stimuli, spec, settings, out) is None
    about, rows = read_about(out, stimuli_digest(stimuli))
    return [read_layer(out, name, about, len(rows)) for name in about.layers]


@torch.no_grad()
def by_itself(network, tokenizer, words, *, begun):
    """Layers of the last token of some words, read by themselves."""
    ids = tokenizer(" ".join(words))["input_ids"]
    given = torch.tensor([[tokenizer.eos_token_id] * begun + ids])
    states = network(input_ids=given, output_hidden_states=True).hidden_states
    return [layer[0, -1].numpy() for layer in states]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("context", [3, 0])
def test_layers_are_those_of_the_network_by_itself(recurrent, story, tmp_path, context):
    folder, network, tokenizer = recurrent
    stimuli = story(14)
    layers = layers_of(folder, stimuli, context, tmp_path / "out")
    assert len(layers) >= 3
    for row in (0, 5, 13):
        run = stimuli["run"] == stimuli["run"].iloc[row]
        words = list(stimuli["text"][run & (stimuli.index <= row)])
        shown = words[-context:] if context else words
        expected = by_itself(network, tokenizer, shown, begun=not context)
        for layer, vector in zip(layers, expected, strict=True):
            np.testing.assert_allclose(layer[row], vector, atol=2e-5)
