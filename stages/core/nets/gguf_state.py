"""Weights of a llama in a GGUF file, as transformers names and orders them.

GGUF stores the rows of the queries' and keys' matrices in another order. Rotary position encoding
turns pairs of a head's units: transformers pairs unit k with unit k + d / 2 of a head of d units,
llama.cpp pairs neighbours, so that its row 2 k + h of a head is transformers' row h d / 2 + k.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError

Weights = NDArray[np.float32]

WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
OF_A_BLOCK = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def llama_state(reader: Any, heads: int, key_heads: int) -> dict[str, Weights]:
    """Dequantise all tensors of a file.

    Parameters
    ----------
    reader : gguf.GGUFReader
    heads, key_heads : int
        Attention heads of the queries, and of the keys and values.

    Returns
    -------
    dict of str to ndarray of float32
        By the names of transformers' `LlamaForCausalLM`.

    Raises
    ------
    InputError
        If a tensor is none of a llama's.
    """
    from gguf import dequantize  # noqa: PLC0415 (only where a file is converted)

    state = {}
    for tensor in reader.tensors:
        values = np.asarray(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        turned = {"attn_q": heads, "attn_k": key_heads}.get(tensor.name.split(".")[-2])
        state[llama_name(tensor.name)] = halves_apart(values, turned) if turned else values
    return state


def llama_name(name: str) -> str:
    """Name of a tensor in transformers, or `InputError` if it is none of a llama's."""
    found = re.fullmatch(r"blk\.(\d+)\.(\w+)\.weight", name)
    if found and found[2] in OF_A_BLOCK:
        return f"model.layers.{found[1]}.{OF_A_BLOCK[found[2]]}.weight"
    if name not in WHOLE:
        raise InputError("tensor of no llama", where="GGUF file", got=name)
    return WHOLE[name]


def halves_apart(rows: Weights, heads: int) -> Weights:
    """Bring the rows of each head from pairs of neighbours to two halves.

    Parameters
    ----------
    rows : ndarray, shape (heads * d, n)
    heads : int

    Returns
    -------
    ndarray, shape (heads * d, n)
    """
    pairs = rows.reshape(heads, -1, 2, rows.shape[1])
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(rows.shape)
