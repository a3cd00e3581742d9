"""Counting the weights of networks."""

from typing import Any

# Heads that AutoModel adds for tasks; their output is not read, so they may lack weights.
UNREAD = "pooler"


def count_parameters(*networks: Any) -> int:
    """Count the weights of networks, heads that are not read left out."""
    return sum(
        weights.numel()
        for network in networks
        for name, weights in network.named_parameters()
        if UNREAD not in name
    )
