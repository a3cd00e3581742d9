"""Rows of heads and names of tensors, by the formulas of both libraries."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from stages.core.nets.gguf_state import halves_apart, llama_name, llama_state
from stages.core.run.errors import InputError


@pytest.mark.parametrize(("heads", "d"), [(1, 4), (2, 6), (3, 2)])
def test_rows_of_neighbours_become_halves(heads, d):
    """Row 2 k + h of a head is row h d / 2 + k."""
    rows = np.arange(heads * d * 3, dtype=np.float32).reshape(-1, 3)
    found = halves_apart(rows, heads)
    for head in range(heads):
        for k in range(d // 2):
            for h in range(2):
                expected = rows[head * d + 2 * k + h]
                assert_array_equal(found[head * d + h * d // 2 + k], expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("token_embd.weight", "model.embed_tokens.weight"),
        ("output.weight", "lm_head.weight"),
        ("blk.0.attn_q.weight", "model.layers.0.self_attn.q_proj.weight"),
        ("blk.12.ffn_norm.weight", "model.layers.12.post_attention_layernorm.weight"),
    ],
)
def test_names(name, expected):
    assert llama_name(name) == expected


@pytest.mark.parametrize(
    "name", ["blk.0.attn_qkv.weight", "blk.0.attn_q.bias", "blk.x.attn_q.weight", "rope"]
)
def test_tensors_of_no_llama(name):
    with pytest.raises(InputError, match=f"tensor of no llama in GGUF file: got {name}"):
        llama_name(name)


def test_queries_and_keys_are_turned_by_their_own_heads(rng):
    gguf = pytest.importorskip("gguf")
    names = [f"blk.1.{part}.weight" for part in ("attn_q", "attn_k", "attn_v")]
    values = {name: rng.standard_normal((8, 2)).astype(np.float32) for name in names}
    kind = gguf.GGMLQuantizationType.F32
    tensors = [SimpleNamespace(name=name, data=values[name], tensor_type=kind) for name in names]
    found = llama_state(SimpleNamespace(tensors=tensors), 4, 2)
    q, k, v = (f"model.layers.1.self_attn.{part}_proj.weight" for part in "qkv")
    assert_array_equal(found[q], halves_apart(values[names[0]], 4))
    assert_array_equal(found[k], halves_apart(values[names[1]], 2))
    assert_array_equal(found[v], values[names[2]])
    assert found[v].dtype == np.float32
