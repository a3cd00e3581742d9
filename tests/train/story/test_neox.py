import pytest
import torch

from stages.core.params.training import NetworkSize
from stages.train.story.neox import make_network


class Words:
    """What is asked of a tokenizer."""

    bos_token_id, eos_token_id, pad_token_id = 1, 2, 3

    def __len__(self):
        return 600


def test_a_network_is_as_pythia_is_and_its_weights_as_gpt_neox_draws_them():
    torch.manual_seed(0)
    network = make_network(NetworkSize(layers=3, width=64, heads=2), Words(), 32)
    config = network.config
    assert (config.vocab_size, config.max_position_embeddings) == (600, 32)
    assert (config.bos_token_id, config.eos_token_id, config.pad_token_id) == (1, 2, 3)
    assert (config.intermediate_size, config.num_hidden_layers) == (256, 3)
    assert config.rope_parameters["partial_rotary_factor"] == 0.25
    assert not config.tie_word_embeddings
    small, writing = (2 / (5 * 64)) ** 0.5, 2 / (3 * 64**0.5)
    for name, weight in network.state_dict().items():
        if "norm" in name:
            continue
        if name.endswith("bias"):
            assert not weight.any()
            continue
        writes = name.endswith(("attention.dense.weight", "dense_4h_to_h.weight"))
        assert float(weight.std()) == pytest.approx(writing if writes else small, rel=0.08), name
        assert abs(float(weight.mean())) < 0.1 * small
