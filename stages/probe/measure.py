"""From layers and features to one row per measurement."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.activations import Activations, layer_kind, read_layer
from stages.core.features import Features, family
from stages.core.folds import Partition
from stages.core.parallel import parallel_map
from stages.core.results import baseline_rows, scored_rows
from stages.core.ridge import cross_validate
from stages.core.timeline import Aligner

Array = NDArray[np.float64]


def measure(
    folder: Path,
    about: Activations,
    align: Aligner,
    features: Features,
    *,
    n_rows: int,
    cut: Partition,
    lambdas: Array,
    orders: NDArray[np.intp],
) -> list[dict[str, Any]]:
    """Read every feature from every layer.

    Parameters
    ----------
    folder : Path
        The model's activations.
    about : Activations
    align : callable
        Brings rows of the activations to the samples.
    features : Features
        At the same samples.
    n_rows : int
        Rows of the activations.
    cut : Partition
        Folds over the samples of the features.
    lambdas : ndarray, shape (n_lambdas,)
    orders : ndarray of int, shape (n_shifts, n_samples)

    Returns
    -------
    list of dict
        Rows of the results table: one per layer, feature and metric, and one per feature of kind
        `baseline` with R² of the training mean.
    """

    def probe(layer: str) -> list[dict[str, Any]]:
        design = align(read_layer(folder, layer, about, n_rows))
        fit = cross_validate(design, features.series, cut.folds, lambdas, orders)
        label = {"layer": layer, "kind": layer_kind(layer)}
        labels = [label | name for name in _names(features)]
        scored = scored_rows(labels, fit.observed, fit.null)
        first = layer == next(iter(about.layers))
        return scored + (baseline_rows(_names(features), fit.observed) if first else [])

    return [row for found in parallel_map(probe, list(about.layers), "probe") for row in found]


def _names(features: Features) -> list[dict[str, Any]]:
    return [{"target": name, "family": family(name)} for name in features.names]
