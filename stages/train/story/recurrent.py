"""An LSTM that learns as the transformers do."""

from typing import Any

from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from stages.core.nets.lstm import LstmConfig, LstmForCausalLM
from stages.core.params.training import NetworkSize

# Tokens at once, as transformers has it where there is no limit.
ENDLESS = VERY_LARGE_INTEGER


def make_recurrent(size: NetworkSize, tokenizer: Any) -> Any:
    """Make a stack of LSTMs; draws from PyTorch's global generator."""
    return LstmForCausalLM(
        LstmConfig(
            vocab_size=len(tokenizer),
            hidden_size=size.width,
            num_hidden_layers=size.layers,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
