"""A GGUF file of a package, turned once into a folder as transformers writes them.

Dequantising takes half a minute, so that the folder is kept in the cache, under the digest of the
file it was made of.
"""

import logging
import math
import shutil
from pathlib import Path
from typing import Any

from stages.core.nets.gguf_state import llama_state
from stages.core.run.errors import InputError
from stages.core.run.fetch import cache_folder
from stages.core.run.files import partial_path, sweep

log = logging.getLogger("concord.gguf")

# Raised by hand when the same file begins to give another folder.
CONVERSION = 1
# How the tokenizer of this pre-tokenization splits a text before it merges bytes.
SMOLLM = "smollm"


def gguf_folder(file: Path, digest: str) -> Path:
    """Find the folder that a GGUF file was turned into, or make it.

    Parameters
    ----------
    file : Path
        Of the Llama architecture.
    digest : str
        SHA-256 of the file, by which the folder is named.

    Raises
    ------
    InputError
        If the file is of another architecture, or its tokenizer of another kind.
    """
    folder = cache_folder() / "gguf" / f"{digest}-{CONVERSION}"
    if folder.is_dir():
        return folder
    log.info("turning %s into %s", file, folder)
    partial = partial_path(folder)
    partial.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    try:
        write_folder(file, partial)
        try:
            partial.rename(folder)
        except OSError:
            # Another process was done first, with the same.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def write_folder(file: Path, folder: Path) -> None:
    """Write weights in float32, configuration and tokenizer; see `gguf_folder`."""
    from gguf import GGUFReader  # noqa: PLC0415 (only where a file is converted)
    from safetensors.numpy import save_file  # noqa: PLC0415

    try:
        reader = GGUFReader(file)
        fields = {name: field.contents() for name, field in reader.fields.items()}
    except (OSError, ValueError, IndexError) as error:
        raise InputError("unreadable GGUF", where=file, got=error) from error
    if fields.get("general.architecture") != "llama":
        got = fields.get("general.architecture")
        raise InputError("wrong architecture", where=file, expected="llama", got=got)
    config = llama_config(fields)
    state = llama_state(reader, config.num_attention_heads, config.num_key_value_heads)
    config.tie_word_embeddings = "lm_head.weight" not in state
    gpt2_tokenizer(fields, file).save_pretrained(folder)
    config.save_pretrained(folder)
    save_file(state, folder / "model.safetensors", {"format": "pt"})


def llama_config(fields: dict[str, Any]) -> Any:
    """Read the configuration from the fields of a file.

    They do not tell the spread of the initial weights, which untrained twins are drawn with: it is
    that of the SmolLM2 family, 1 / sqrt(units).
    """
    from transformers import LlamaConfig  # noqa: PLC0415

    own = {name.removeprefix("llama."): value for name, value in fields.items()}
    return LlamaConfig(
        vocab_size=len(fields["tokenizer.ggml.tokens"]),
        hidden_size=own["embedding_length"],
        intermediate_size=own["feed_forward_length"],
        num_hidden_layers=own["block_count"],
        num_attention_heads=own["attention.head_count"],
        num_key_value_heads=own["attention.head_count_kv"],
        max_position_embeddings=own["context_length"],
        rms_norm_eps=own["attention.layer_norm_rms_epsilon"],
        rope_parameters={"rope_type": "default", "rope_theta": own["rope.freq_base"]},
        initializer_range=1 / math.sqrt(own["embedding_length"]),
        bos_token_id=fields["tokenizer.ggml.bos_token_id"],
        eos_token_id=fields["tokenizer.ggml.eos_token_id"],
        pad_token_id=fields["tokenizer.ggml.padding_token_id"],
        architectures=["LlamaForCausalLM"],
    )


def gpt2_tokenizer(fields: dict[str, Any], where: Path) -> Any:
    """Make the tokenizer of the fields of a file: bytes, merged in pairs, digits apart."""
    from tokenizers import (  # noqa: PLC0415
        AddedToken,
        Tokenizer,
        decoders,
        models,
        pre_tokenizers,
    )
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    own = {name.removeprefix("tokenizer.ggml."): value for name, value in fields.items()}
    kind = (own.get("model"), own.get("pre"))
    if kind != ("gpt2", SMOLLM):
        expected = f"gpt2, {SMOLLM}"
        raise InputError("unknown tokenizer", where=where, expected=expected, got=kind)
    words = own["tokens"]
    merges = [tuple(merge.split(" ")) for merge in own["merges"]]
    tokenizer = Tokenizer(models.BPE({word: k for k, word in enumerate(words)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    control = [word for word, kind in zip(words, own["token_type"], strict=True) if kind == 3]
    tokenizer.add_special_tokens([AddedToken(word, normalized=False) for word in control])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=words[own["bos_token_id"]],
        eos_token=words[own["eos_token_id"]],
        unk_token=words[own["unknown_token_id"]],
        pad_token=words[own["padding_token_id"]],
        chat_template=fields.get("tokenizer.chat_template"),
        model_max_length=fields["llama.context_length"],
        model_input_names=["input_ids", "attention_mask"],
    )
