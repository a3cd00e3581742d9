"""A description of attention that has the same size for a passage of any length.

For each head, eight numbers (`ATTENTION_STATISTICS`) say where a focus token looks, averaged over
the focus: one token if the pooling is `last`, all of them alike if it is `mean` or `sum`.
With a_ij the weight that token i gives token j, and n the number of tokens of the
passage, special ones included:

- `entropy`: -sum_j a_ij ln a_ij / ln n, 0 (one token) to 1 (all alike); 0 if n = 1.
- `distance`: sum_j a_ij |i - j| / n, 0 to 1.
- `self`, `previous`, `next`: a_ii, a_i,i-1 and a_i,i+1, 0 to 1; 0 where there is no such token.
- `first`, `last`: a_i1 and a_in, 0 to 1; in models with special tokens these are they.
- `focus`: sum of a_ij over the focus, 0 to 1: how much stays within the word or window.

In a causal model a token sees only those before it: `next` is 0.
"""

import torch


def describe_attention(
    attention: torch.Tensor, focus: torch.Tensor, weights: torch.Tensor, lengths: torch.Tensor
) -> torch.Tensor:
    """Describe every head of one block.

    Parameters
    ----------
    attention : Tensor, shape (n_passages, n_heads, n_tokens, n_tokens)
        Rows are queries and sum to one; padded keys have weight zero.
    focus : Tensor of bool, shape (n_passages, n_tokens)
    weights : Tensor, shape (n_passages, n_tokens)
        Of the queries; they sum to one and are zero outside the focus.
    lengths : Tensor of int, shape (n_passages,)
        Tokens without padding.

    Returns
    -------
    Tensor, shape (n_passages, n_heads * n_statistics)
        Head first.
    """
    attention = attention.float()
    index = torch.arange(attention.shape[-1], device=attention.device)
    apart = (index[:, None] - index[None, :]).abs().float()
    keys = torch.einsum("pi,phij->phj", weights, attention)
    last = (lengths - 1)[:, None, None].expand(-1, keys.shape[1], 1)
    entropy = torch.einsum("pi,phi->ph", weights, torch.special.entr(attention).sum(-1))
    distance = torch.einsum("pi,phij,ij->ph", weights, attention, apart)
    described = (
        entropy / lengths.clamp(min=2).log()[:, None],
        distance / lengths[:, None],
        _diagonal(attention, weights, 0),
        _diagonal(attention, weights, -1),
        _diagonal(attention, weights, 1),
        keys[..., 0],
        keys.gather(-1, last).squeeze(-1),
        torch.einsum("phj,pj->ph", keys, focus.float()),
    )
    return torch.stack(described, dim=-1).flatten(1)


def _diagonal(attention: torch.Tensor, weights: torch.Tensor, shift: int) -> torch.Tensor:
    """Average weight that a query gives the token `shift` places on."""
    n = weights.shape[-1]
    queries = weights[:, max(0, -shift) : n - max(0, shift)]
    return torch.einsum("pi,phi->ph", queries, attention.diagonal(shift, -2, -1))
