"""A language model in training."""

from pathlib import Path
from typing import Any

import torch
from transformers.utils.logging import disable_progress_bar

from stages.core.params.training import TrainStory
from stages.train.processes import Processes
from stages.train.seeded import seeded
from stages.train.story.adamw import learning_rate, make_adamw
from stages.train.story.next_token import evaluate_words, next_token_loss
from stages.train.story.token_blocks import Blocks, batch_rows
from stages.train.trainee import Measures


class LanguageLearner:
    """A language model that learns to predict the next token; see `Trainee`.

    Parameters
    ----------
    network : GPTNeoXForCausalLM or LstmForCausalLM
    tokenizer : PreTrainedTokenizerFast
        Saved beside it.
    blocks, held_out : ndarray of int, shape (n_blocks, block + 1)
        What it learns from, and what it is measured on.
    settings : TrainStory
    seed : int
    processes : Processes
    """

    weights: tuple[str, ...] = ("",)

    def __init__(
        self,
        network: Any,
        tokenizer: Any,
        blocks: Blocks,
        held_out: Blocks,
        *,
        settings: TrainStory,
        seed: int,
        processes: Processes,
    ) -> None:
        device = processes.device
        self._network = network.to(device)
        self.processes = processes
        self._tokenizer = tokenizer
        self._blocks, self._held_out = blocks, held_out
        self._settings, self._seed, self._device = settings, seed, device
        self._optimiser = make_adamw(network, settings)
        self._rate = learning_rate(1, settings)
        self.seen_per_update = float(settings.batch * settings.block)

    def update(self, step: int) -> float:
        """Take one update."""
        settings = self._settings
        self._rate = learning_rate(step, settings)
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate
        batch = batch_rows(len(self._blocks), settings.batch, step, self._seed)
        rows = self.processes.part(batch)
        tokens = torch.from_numpy(self._blocks[rows]).to(self._device)
        self._network.train()
        low = settings.precision != "float32"
        with (
            seeded(self._seed, step, self.processes.rank),
            torch.autocast(self._device.type, torch.bfloat16, enabled=low),
        ):
            loss = next_token_loss(self._network, tokens)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        told = self.processes.average_update(self._network, loss)
        if settings.clip:
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), settings.clip)
        self._optimiser.step()
        return told

    def rate(self) -> float:
        """Return the learning rate."""
        return self._rate

    def evaluate(self, weights: str) -> Measures:
        """Measure on the held-out text."""
        return evaluate_words(self._network, self._held_out, 4 * self._settings.batch, self._device)

    def save(self, folder: Path, weights: str) -> None:
        """Write configuration, weights and tokenizer as transformers does."""
        disable_progress_bar()
        self._network.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)

    def state(self) -> dict[str, Any]:
        """Weights, and the moments of their gradients; all chance follows from seed and step."""
        return {
            "network": self._network.state_dict(), "optimiser": self._optimiser.state_dict()
        }  # fmt: skip

    def restore(self, state: dict[str, Any], step: int) -> None:
        """Go on from what `state` gave after update number `step`."""
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._rate = learning_rate(max(step, 1), self._settings)
