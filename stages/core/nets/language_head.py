"""Causal language models, opened with the head that predicts the next token."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM

from stages.core.nets.load import draw_twin, load_config, load_tokenizer
from stages.core.nets.pretrained import read_pretrained
from stages.core.run.errors import InputError


class NoLanguageHeadError(InputError):
    """A model that predicts no next word."""


@dataclass(frozen=True)
class Reader:
    """A causal language model with its tokenizer, and the tokens that it takes at once."""

    network: Any
    tokenizer: Any
    longest: int


def open_language_model(folder: Path, device: torch.device, seed: int | None = None) -> Reader:
    """Load a model with its language head, in float32.

    Parameters
    ----------
    folder : Path
    device : torch.device
    seed : int, optional
        Of an untrained twin, whose weights are drawn instead.

    Raises
    ------
    NoLanguageHeadError
        If it has none, or sees words to come.
    InputError
        If its files are unusable.
    """
    config, tokenizer = load_config(folder), load_tokenizer(folder)
    if type(config) not in AutoModelForCausalLM._model_mapping:
        raise _headless(folder, config.model_type)
    try:
        network = _trained(folder, config) if seed is None else untrained_head(config, seed)
    except InputError as error:
        if "weights missing" in str(error):
            raise _headless(folder, str(error)) from error
        raise
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable model", where=folder, got=got) from error
    network = network.to(device).eval()
    if not _is_causal(network):
        raise _headless(folder, f"{config.model_type}, which sees the words to come")
    limit = int(tokenizer.model_max_length)
    longest = min(limit, getattr(config, "max_position_embeddings", None) or limit)
    return Reader(network, tokenizer, longest)


def _trained(folder: Path, config: Any) -> Any:
    return read_pretrained(AutoModelForCausalLM, folder, config=config, dtype=torch.float32)


def untrained_head(config: Any, seed: int) -> Any:
    """Draw an untrained twin with a language head; the rest is the twin that has none.

    So its surprisal and its layers are of one network.
    """
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        network = AutoModelForCausalLM.from_config(
            config, dtype=torch.float32, trust_remote_code=False
        )
    drawn = draw_twin(config, seed).state_dict()
    missing = network.base_model.load_state_dict(drawn, strict=False).missing_keys
    if missing:
        got = type(network).__name__
        raise InputError("head on another network", where=got, expected=missing[0], got="nothing")
    network.tie_weights()
    return network


def _headless(folder: Path, got: str) -> NoLanguageHeadError:
    return NoLanguageHeadError(
        "no language head",
        where=folder,
        expected="a model that predicts the next word",
        got=got,
        do="Use a causal language model saved whole, with its head.",
    )


@torch.inference_mode()
def _is_causal(network: Any) -> bool:
    """Whether another last token leaves what was predicted before it as it was."""
    ids = torch.arange(4, device=network.device)[None]
    other = ids.clone()
    other[0, -1] = 0
    one, two = (network(input_ids=given).logits[0, :-1] for given in (ids, other))
    return bool(torch.allclose(one, two, rtol=1e-4, atol=1e-4, equal_nan=True))
