"""A network of the architecture of Pythia, with the first weights that GPT-NeoX gives it."""

from math import sqrt
from typing import Any

from torch import nn
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from stages.core.params.training import NetworkSize

# Of a head's units, those that rotate with the position.
ROTATED = 0.25
# The layers that write into the residual stream.
WRITERS = ("attention.dense", "mlp.dense_4h_to_h")


def make_network(size: NetworkSize, tokenizer: Any, longest: int) -> Any:
    """Make a GPT-NeoX as Pythia is one (Biderman et al. 2023): rotary, parallel, untied.

    Draws from PyTorch's global generator.
    """
    config = GPTNeoXConfig(
        vocab_size=len(tokenizer),
        hidden_size=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=4 * size.width,
        rotary_pct=ROTATED,
        max_position_embeddings=longest,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    network = GPTNeoXForCausalLM(config)
    initialise(network, size)
    return network


def initialise(network: Any, size: NetworkSize) -> None:
    """Draw the weights as GPT-NeoX does: normal, and biases of 0.

    The standard deviation is √(2 / 5d) (Nguyen & Salazar 2019), but 2 / (L √d) in the layers that
    write into the residual stream (Wang & Komatsuzaki 2021), with d units and L layers.
    """
    small, writing = sqrt(2 / (5 * size.width)), 2 / (size.layers * sqrt(size.width))
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=writing if name.endswith(WRITERS) else small)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
