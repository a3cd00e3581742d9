"""Opening a model: configuration, tokenizer, network, device."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from stages.core.names.models import ModelSpec
from stages.core.nets.config_limits import check_config, position_limit, vocabulary
from stages.core.nets.counting import count_parameters
from stages.core.nets.hardware import choose_devices
from stages.core.nets.lstm import LSTM, register_lstm
from stages.core.nets.pretrained import read_pretrained
from stages.core.nets.source import Source, find_source
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.files import unique_keys

VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")


@dataclass(frozen=True)
class Model:
    """A model that is found and identified, its weights not yet loaded.

    Attributes
    ----------
    folder : Path
        Where its files are.
    revision : str
        Commit of the repository, or digest of the files.
    seed : int or None
        Of an untrained twin.
    config, tokenizer
        As transformers reads them; no tokenizer where no words are shown.
    device : torch.device
        Where it will run.
    dtype : torch.dtype
        How precisely.
    spread : bool
        Whether it is spread over all CUDA devices, being too large for one.
    """

    folder: Path
    revision: str
    seed: int | None
    config: Any
    tokenizer: Any
    device: torch.device
    dtype: torch.dtype
    spread: bool = False

    @property
    def longest(self) -> int:
        """Tokens that the model takes at once, special ones included."""
        limits = [int(self.tokenizer.model_max_length), position_limit(self.config)]
        return min(limit for limit in limits if limit is not None)


def open_model(spec: ModelSpec) -> Model:
    """Find a model and read what is needed before its weights.

    Raises
    ------
    InputError
        If the model or the device is not there or not usable.
    ConcordError
        If a download broke.
    """
    source = find_source(spec)
    device = choose_devices()[0]
    config = load_config(source.folder)
    return describe_model(source, spec.seed, config, device, words=True)


def describe_model(
    source: Source, seed: int | None, config: Any, device: torch.device, *, words: bool
) -> Model:
    """Describe a model that was found, with its tokenizer if it is to be shown words."""
    check_config(config, source.folder)
    # Half precision is fast on CUDA only, and enough for words.
    half = words and device.type == "cuda"
    return Model(
        folder=source.folder,
        revision=source.revision,
        seed=seed,
        config=config,
        tokenizer=load_tokenizer(source.folder, vocabulary(config)) if words else None,
        device=device,
        dtype=torch.bfloat16 if half else torch.float32,
    )


def load_config(folder: Path) -> Any:
    """Read a model's configuration, never its code.

    Raises
    ------
    InputError
        If it is unreadable or needs code that neither transformers nor this project has.
    """
    try:
        text = (folder / "config.json").read_text()
        json.loads(text, object_pairs_hook=unique_keys)  # transformers would take the last
        if LSTM in text:
            register_lstm()
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # each architecture has ways of its own to break
        raise _unreadable("configuration", folder, error) from error


def load_tokenizer(folder: Path, known: int | None = None) -> Any:
    """Read a tokenizer, fast or slow; see `stages.core.nets.text_tokens`.

    Parameters
    ----------
    folder : Path
    known : int, optional
        Tokens that the network has vectors for; what pads is one of them.

    Raises
    ------
    InputError
        If it is unreadable.
    """
    # Without a vocabulary transformers would make an empty one, and every word unknown.
    if not any(file for pattern in VOCABULARIES for file in folder.glob(pattern)):
        expected = " or ".join(VOCABULARIES)
        raise InputError("no vocabulary", where=folder, expected=expected, got="none")
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # so have tokenizers, which raise bare exceptions
        raise _unreadable("tokenizer", folder, error) from error
    outside = known is not None and (tokenizer.pad_token_id or 0) >= known
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    elif outside:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    return tokenizer


def load_network(model: Model, attention: bool) -> Any:
    """Load the weights, or draw those of an untrained twin, ready for inference.

    Parameters
    ----------
    model : Model
        Of its files only safetensors are opened, or else pickles of tensors.
    attention : bool
        Whether attention weights will be read (needs a slower implementation).

    Returns
    -------
    Module
        The encoder alone where there is also a decoder.

    Raises
    ------
    InputError
        If weights are missing, truncated or of another shape.
    ConcordError
        If they do not fit into memory.
    """
    disable_progress_bar()
    # None leaves the choice to transformers: the fastest that the architecture has.
    settings = {"attn_implementation": "eager" if attention else None}
    try:
        if model.seed is None:
            network = _trained(model, settings)
        else:
            network = draw_twin(model.config, model.seed, **settings).to(model.dtype)
        if not model.spread:
            network = network.to(model.device)
    except torch.OutOfMemoryError as error:
        do = "Use a larger device, or CONCORD_DEVICE=cpu."
        raise ConcordError("out of memory", where=model.device, do=do) from error
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise _unreadable("model", model.folder, error) from error
    return encoder(network).eval()


def encoder(network: Any) -> Any:
    """Return the part of a network that reads, of those that also write."""
    both = {"encoder", "decoder"} <= dict(network.named_children()).keys()
    return network.get_encoder() if network.config.is_encoder_decoder or both else network


def config_parameters(config: Any) -> int:
    """Count the weights that a model will have, without making them."""
    with torch.device("meta"):
        network = AutoModel.from_config(config, trust_remote_code=False)
    return count_parameters(encoder(network))


def _trained(model: Model, settings: dict[str, Any]) -> Any:
    return read_pretrained(
        AutoModel,
        model.folder,
        part=encoder,
        config=model.config,
        dtype=model.dtype,
        device_map="auto" if model.spread else None,
        **settings,
    )


def draw_twin(config: Any, seed: int, **settings: Any) -> Any:
    """Draw the weights of an untrained twin in float32, by its architecture's own rule.

    Parameters
    ----------
    config
    seed : int
    **settings
        Of `from_config`, such as `attn_implementation`.
    """
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        return AutoModel.from_config(
            config, dtype=torch.float32, trust_remote_code=False, **settings
        )


def _unreadable(part: str, folder: Path, error: Exception) -> InputError:
    return InputError(f"unreadable {part}", where=folder, got=str(error).partition("\n")[0])
