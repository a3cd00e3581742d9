"""A stack of LSTMs as a language model of transformers, which has none of its own."""

from typing import Any

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import BaseModelOutput, CausalLMOutput

LSTM = "concord_lstm"


class LstmConfig(PreTrainedConfig):  # type: ignore[misc]
    """What determines the network.

    Parameters
    ----------
    vocab_size : int
        Tokens.
    hidden_size : int
        Units of the embedding and of every layer.
    num_hidden_layers : int
    initializer_range : float
        Standard deviation of the first weights, but for those of the LSTMs, which are uniform
        (Glorot & Bengio 2010); biases are 0.
    **others
        As of any configuration.
    """

    model_type = LSTM

    def __init__(
        self,
        vocab_size: int = 1000,
        hidden_size: int = 96,
        num_hidden_layers: int = 2,
        initializer_range: float = 0.1,
        **others: Any,
    ) -> None:
        self.vocab_size, self.hidden_size = vocab_size, hidden_size
        self.num_hidden_layers, self.initializer_range = num_hidden_layers, initializer_range
        super().__init__(**others)


class LstmModel(PreTrainedModel):  # type: ignore[misc]
    """Embedding and LSTMs (Hochreiter & Schmidhuber 1997), each of which reads the one below.

    Nothing is between them, and each text begins with states of zero. Attention masks are not
    asked for: what is after a token never reaches it.
    """

    config_class = LstmConfig
    base_model_prefix = "lstm"

    def __init__(self, config: LstmConfig) -> None:
        super().__init__(config)
        units = config.hidden_size
        self.embedding = nn.Embedding(config.vocab_size, units)
        self.layers = nn.ModuleList(
            nn.LSTM(units, units, batch_first=True) for _ in range(config.num_hidden_layers)
        )
        self.post_init()

    def forward(
        self, input_ids: torch.Tensor, *, output_hidden_states: bool = False, **_: Any
    ) -> BaseModelOutput:
        """Read tokens, shape (n_texts, n_tokens); states have an axis of units more."""
        states = [self.embedding(input_ids)]
        for layer in self.layers:
            states.append(layer(states[-1])[0])
        return BaseModelOutput(states[-1], tuple(states) if output_hidden_states else None)


class LstmForCausalLM(PreTrainedModel):  # type: ignore[misc]
    """The same with a linear read-out of the next token."""

    config_class = LstmConfig
    base_model_prefix = "lstm"

    def __init__(self, config: LstmConfig) -> None:
        super().__init__(config)
        self.lstm = LstmModel(config)
        self.head = nn.Linear(config.hidden_size, config.vocab_size)
        self.post_init()

    def forward(
        self, input_ids: torch.Tensor, *, output_hidden_states: bool = False, **_: Any
    ) -> CausalLMOutput:
        """Predict the token after each, as logits of shape (n_texts, n_tokens, vocab_size)."""
        read = self.lstm(input_ids, output_hidden_states=output_hidden_states)
        logits = self.head(read.last_hidden_state)
        return CausalLMOutput(logits=logits, hidden_states=read.hidden_states)


def register_lstm() -> None:
    """Let the Auto classes of transformers make these networks."""
    AutoConfig.register(LSTM, LstmConfig, exist_ok=True)
    AutoModel.register(LstmConfig, LstmModel, exist_ok=True)
    AutoModelForCausalLM.register(LstmConfig, LstmForCausalLM, exist_ok=True)
