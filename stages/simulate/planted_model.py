"""The language model whose layers are planted: a plain forward pass, independent of `extract`.

It is in double precision, where processors differ by 1e-14 of a value and not by 1e-6, so that the
simulated data, which are written with few digits, are the same everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from stages.core.nets.embedded import embedded_folder
from stages.core.nets.hardware import side_by_side
from stages.core.run.errors import ConcordError
from stages.core.run.progress import progress

# The model whose layers drive regions.
MODEL = "st:all-MiniLM-L6-v2"
BATCH = 32


@dataclass(frozen=True)
class Layer:
    """A region follows one layer of the planted model."""

    number: int

    @property
    def name(self) -> str:
        """Name in the activations contract."""
        return f"layer_{self.number:02d}"


def last_token_states(texts: Sequence[str]) -> NDArray[np.float64]:
    """Show passages to the planted model and keep their last token.

    Parameters
    ----------
    texts : sequence of str
        Cut from the left where they are too long for the model.

    Returns
    -------
    ndarray, shape (n_layers, n_passages, n_units)
        Hidden states, the embedding output first, of the last token before the final
        separator.

    Raises
    ------
    ConcordError
        If the package that carries the model is not installed.
    """

    def weigh(attended: torch.Tensor, special: torch.Tensor) -> torch.Tensor:
        place = torch.arange(attended.shape[1])
        return (place == attended.sum(dim=1, keepdim=True) - 2).double()

    return _pooled_states(texts, weigh)


def mean_token_states(texts: Sequence[str]) -> NDArray[np.float64]:
    """Show captions to the planted model and average their tokens, but for the special ones.

    Parameters, returns and raises as for `last_token_states`.
    """

    def weigh(attended: torch.Tensor, special: torch.Tensor) -> torch.Tensor:
        kept = (attended * (1 - special)).double()
        return kept / kept.sum(dim=1, keepdim=True)

    return _pooled_states(texts, weigh)


def _pooled_states(
    texts: Sequence[str], weigh: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> NDArray[np.float64]:
    """Sum the states of tokens by weights; passages that recur are shown once.

    Weights are made of the masks of tokens attended to and of special tokens; all three have the
    shape (n_passages, n_tokens).
    """
    tokenizer, model = _load()
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    shown = list(places)
    cut = {"truncation": True, "max_length": model.config.max_position_embeddings}
    counts = [len(tokens) for tokens in tokenizer(shown, **cut)["input_ids"]]
    order = sorted(range(len(shown)), key=counts.__getitem__)
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    states = np.empty((model.config.num_hidden_layers + 1, len(shown), model.config.hidden_size))

    def pooled(batch: list[int]) -> NDArray[np.float64]:
        encoded = tokenizer(
            [shown[index] for index in batch],
            padding=True,
            return_tensors="pt",
            return_special_tokens_mask=True,
            **cut,
        )
        weights = weigh(encoded["attention_mask"], encoded.pop("special_tokens_mask"))
        with torch.inference_mode():
            layers = model(**encoded, output_hidden_states=True).hidden_states
        found: NDArray[np.float64] = torch.einsum(
            "lpth,pt->lph", torch.stack(layers), weights
        ).numpy()
        return found

    done = progress(side_by_side(pooled, batches), "planted layers", total=len(batches))
    for batch, found in zip(batches, done, strict=True):
        states[:, batch] = found
    return states[:, [places[text] for text in texts]]


def _load() -> tuple[Any, Any]:
    folder = embedded_folder(*MODEL.split(":"))
    if folder is None:
        raise ConcordError("model not installed", where=MODEL, do="Run `make setup`.")
    disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(folder, truncation_side="left", local_files_only=True)
    # Eager attention is the faster one in double precision.
    model = AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager")
    return tokenizer, model.eval().double()
