"""From layers and features to one row per measurement."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.activations.activations import Activations, read_layer
from stages.core.names.features import family
from stages.core.names.layers import layer_kind
from stages.core.regression.folds import Partition
from stages.core.regression.ridge import cross_validate_many
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.judged import baseline_rows, half_rows, scored_rows
from stages.core.time.sampled_features import Features
from stages.core.time.timeline import Aligner

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Study:
    """What every layer is probed with; see `measure`."""

    folder: Path
    about: Activations
    align: Aligner
    features: Features
    n_rows: int
    cut: Partition
    lambdas: Array
    orders: NDArray[np.intp]


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
    """Read every feature from every layer, and from every attention head by itself.

    Parameters
    ----------
    folder : Path
        The model's activations.
    about : Activations
    align : Aligner
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
        Rows of the results table: one per layer or head, feature and metric (of layers, also
        `r_odd` and `r_even`), and one per feature of kind `baseline` with R² of the training
        mean. Rows of a head are of kind `head`, and name it as `attention_01.head_01`.
    """
    study = Shared(_Study(folder, about, align, features, n_rows, cut, lambdas, orders))
    probe = partial(_probe, shared=study)
    return [row for found in parallel_map(probe, list(about.layers), "probe") for row in found]


def _probe(layer: str, *, shared: Shared[_Study]) -> list[dict[str, Any]]:
    """Probe one layer and its heads."""
    study = shared.value
    values = study.align(read_layer(study.folder, layer, study.about, study.n_rows))
    designs = {layer: values} | _heads(layer, values, study.about.heads)
    fits = cross_validate_many(
        list(designs.values()), study.features.series, study.cut.folds, study.lambdas, study.orders
    )
    names = [{"target": name, "family": family(name)} for name in study.features.names]
    rows = []
    for part, fit in zip(designs, fits, strict=True):
        kind = layer_kind(layer) if part == layer else "head"
        labels = [{"layer": part, "kind": kind} | name for name in names]
        rows += scored_rows(labels, fit.observed, fit.null)
        if part == layer:
            rows += half_rows(labels, fit.observed, fit.null)
    first = layer == next(iter(study.about.layers))
    return rows + (baseline_rows(names, fits[0].observed) if first else [])


def _heads(layer: str, values: Array, n_heads: int) -> dict[str, Array]:
    """Units of each head of an attention layer."""
    if layer_kind(layer) != "attention":
        return {}
    parts = np.split(values, n_heads, axis=1)
    return {f"{layer}.head_{number:02}": part for number, part in enumerate(parts, start=1)}
