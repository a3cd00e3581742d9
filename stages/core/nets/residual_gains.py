"""Gains of residual branches, which many architectures start at zero or nearly so."""

from typing import Any

import torch

# Gains up to which a branch adds nothing that could be seen: LayerScale starts at 1e-4 to 1e-6.
NOTHING = 1e-3


def open_branches(model: Any) -> list[str]:
    """Set the gains of residual branches that start at nearly zero to one, in place.

    The last norm of a residual block (Goyal et al. 2017, arXiv 1706.02677, section 5.1), LayerScale
    (Touvron et al. 2021, arXiv 2103.17239) and their like let every block of an untrained network
    hand on what it was given, so that all its layers are nearly the first one. Training opens them.

    Parameters
    ----------
    model : Module
        With weights as they were drawn.

    Returns
    -------
    list of str
        Names of the parameters that were set: single numbers and vectors, those among them that are
        shaped to meet a map of channels, (n, 1, 1) or (n, 1, 1, 1), no biases, of one value
        throughout that is at most `NOTHING`.
    """
    closed = [name for name, gain in model.named_parameters() if _is_closed(name, gain)]
    with torch.no_grad():
        for name in closed:
            model.get_parameter(name).fill_(1.0)
    return closed


def _is_closed(name: str, gain: torch.Tensor) -> bool:
    is_vector = gain.numel() == gain.shape[:1].numel()
    if not is_vector or not gain.numel() or "bias" in name.rpartition(".")[2]:
        return False
    values = gain.detach()
    return bool((values == values.flatten()[0]).all() and values.flatten()[0].abs() <= NOTHING)
