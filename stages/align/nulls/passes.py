"""One pass over all rows of kernels or dissimilarities that are too large to hold."""

from collections.abc import Sequence

import numpy as np

from stages.align.nulls.centred import Centred, Form, Rough, finished
from stages.align.representation import Representation
from stages.align.routines.chains import chain, own, place_in
from stages.align.routines.dissimilarity import Distances
from stages.align.routines.kernel_blocks import make_side
from stages.align.routines.needs import kernel_need, size_of
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Backend


def form_of(metric: Metric) -> Form:
    """Name what a kernel metric compares."""
    return "double-centred" if metric.biased else "off-diagonal"


def pass_kernels(
    representation: Representation, metrics: Sequence[Metric], where: str, backend: Backend
) -> dict[str, Centred]:
    """Pass once over all kernels of one representation."""
    links = chain(metrics)
    n, _ = size_of(representation)
    blocks = kernel_need([representation], [], metrics, 1, backend).blocks(n, backend)
    longest = max((block.stop - block.start) * (n - block.start) for block in blocks)
    side = make_side(where, [representation], links, orders=1, longest=longest, backend=backend)
    most, squares = np.zeros(len(links)), np.zeros((len(links), n))
    for block in blocks:
        made = side.fill(block)
        most = np.maximum(most, [float(abs(kernel).max()) for kernel in made])
        for k, kernel in enumerate(made):
            power = (kernel[0] ** 2).reshape(block.stop - block.start, -1)
            squares[k, block] += backend.get(power.sum(1))
            squares[k, block.start :] += backend.get(power.sum(0))
    (one,) = side.each
    found = {}
    for metric in metrics:
        k = place_in(links, metric)
        found[metric.name] = finished(
            form_of(metric),
            Rough(
                backend.get(one.margins[k]),
                backend.get(side.sums[k])[0],
                np.full(n, own(one.slopes[k])),
                squares[k],
                float(most[k]),
            ),
        )
    return found


def pass_distances(each: Sequence[Distances], blocks: Sequence[slice]) -> list[Centred]:
    """Pass once over dissimilarities, less their level, and their ranks."""
    squared = each[0].squared
    n, get = len(squared), squared.backend.get
    sums, squares, most = np.zeros((len(each), n)), np.zeros((len(each), n)), np.zeros(len(each))
    for block in blocks:
        between = squared.block(block)
        for k, one in enumerate(each):
            made = get(one.of(between))
            made[:, : len(made)] *= ~np.tri(len(made), dtype=np.bool_)
            sums[k, block] += made.sum(axis=1)
            sums[k, block.start :] += made.sum(axis=0)
            most[k] = max(most[k], np.abs(made).max())
            made *= made
            squares[k, block] += made.sum(axis=1)
            squares[k, block.start :] += made.sum(axis=0)
    return [
        finished(
            "pairs",
            Rough(np.full(n, one.level / 2), sums[k], np.zeros(n), squares[k], float(most[k])),
        )
        for k, one in enumerate(each)
    ]
