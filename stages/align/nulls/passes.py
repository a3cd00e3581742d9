"""One pass over all rows of kernels or dissimilarities that are too large to hold."""

from collections.abc import Mapping, Sequence

import numpy as np

from stages.align.nulls.centred import Centred, Form, Rough, finished
from stages.align.routines.chains import own, place_in
from stages.align.routines.dissimilarity import Distances
from stages.align.routines.kernel_blocks import Side
from stages.align.routines.row_sums import RowSums, no_sums
from stages.align.routines.tiles import Tile
from stages.core.names.metrics import Metric


def form_of(metric: Metric) -> Form:
    """Name what a kernel metric compares."""
    return "double-centred" if metric.biased else "off-diagonal"


def centred_kernels(side: Side, place: int, metrics: Sequence[Metric]) -> dict[str, Centred]:
    """Centre all kernels of one representation, whose rows and squares a side has added up."""
    one, get = side.each[place], side.backend.get
    found = {}
    for metric in metrics:
        k = place_in(side.links, metric)
        rough = Rough(
            get(one.margins[k]),
            get(side.sums[k, place]),
            np.full(side.n, own(one.slopes[k])),
            get(side.squares[k, place]),
            float(side.most[k, place]),
        )
        found[metric.name] = finished(form_of(metric), rough)
    return found


def pass_distances(each: Mapping[bool, Distances], cuts: Sequence[Tile]) -> dict[bool, RowSums]:
    """Pass once over dissimilarities of one kind, less their level, and their ranks."""
    squared = next(iter(each.values())).squared
    n, host = len(squared), squared.backend.host
    found = {kind: no_sums(n) for kind in each}
    for tile in cuts:
        between = squared.tile(tile)
        for kind, one in each.items():
            made = host(one.of(between))
            if tile.is_corner:
                made = np.triu(made, 1)
            found[kind].add(tile, made)
    return found


def centred_distances(distances: Distances, rows: RowSums) -> Centred:
    """Centre dissimilarities, or ranks, whose rows have been added up."""
    n = len(rows.sums)
    taken = np.full(n, distances.level / 2)
    return finished("pairs", Rough(taken, rows.sums, np.zeros(n), rows.squares, rows.most))
