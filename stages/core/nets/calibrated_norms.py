"""Statistics of batch normalisation that fit the weights which a network has."""

from collections.abc import Iterable
from typing import Any

import torch
from torch.nn import BatchNorm1d, BatchNorm2d, BatchNorm3d, SyncBatchNorm

from stages.core.run.errors import InputError

KINDS = (BatchNorm1d, BatchNorm2d, BatchNorm3d, SyncBatchNorm)


def calibrate(model: Any, batches: Iterable[torch.Tensor]) -> None:
    """Make the running statistics of batch normalisation those of some images, in place.

    Before the first update they are 0 and 1, and afterwards they lag behind the weights, so that
    networks differ by them that have the same weights. Here they are the mean over batches of the
    batches' means and variances (PreciseBN: Wu & Johnson 2021, arXiv 2105.07576). No weight moves;
    dropout and stochastic depth are off meanwhile, and the network is in evaluation afterwards,
    its weights with channels first: where channels are last in memory, PyTorch adds up a channel
    of a batch in single precision on the CPU, which is off by some 1e-4 and by other digits on
    another number of threads.

    Parameters
    ----------
    model : Module
        One without such statistics stays as it is, and takes no batch.
    batches : iterable of Tensor
        As the network takes them, of equal sizes: each counts alike.

    Raises
    ------
    InputError
        If there is no batch, or the statistics are no numbers.
    """
    model.eval().to(memory_format=torch.contiguous_format)
    norms = [one for one in model.modules() if _has_statistics(one)]
    if not norms:
        return
    kept = [norm.momentum for norm in norms]
    try:
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean of all batches
            norm.train()
        with torch.no_grad():
            shown = sum(model(batch.contiguous()) is not None for batch in batches)
    finally:
        for norm, momentum in zip(norms, kept, strict=True):
            norm.momentum = momentum
        model.eval()
    _check(norms, shown)


def _has_statistics(module: Any) -> bool:
    return isinstance(module, KINDS) and module.running_mean is not None


def _check(norms: list[Any], shown: int) -> None:
    where = "the statistics of batch normalisation"
    if not shown:
        raise InputError("nothing to calibrate on", where=where, expected="a batch", got="none")
    for norm in norms:
        if not all(torch.isfinite(one).all() for one in (norm.running_mean, norm.running_var)):
            do = "Take other weights, or leave the statistics as they are."
            raise InputError("no number", where=where, expected="finite values", do=do)
