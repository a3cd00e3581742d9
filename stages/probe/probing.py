"""From layers and features to one row per measurement."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations.activations import Activations, read_layer
from stages.core.names.features import family
from stages.core.names.layers import layer_kind
from stages.core.regression.folds import Partition
from stages.core.regression.ridge import Fit, cross_validate, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.judged import (
    Columns,
    join,
    judge_baseline,
    judge_halves,
    judge_metrics,
    judged_table,
)
from stages.core.time.sampled_features import Features
from stages.core.time.timeline import Aligner
from stages.probe.probe_controls import Controls, judge_beyond, judge_words

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
    null: ShiftNull
    controls: Controls


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
    controls: Controls,
) -> pd.DataFrame:
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
    controls : Controls
        Of the same features.

    Returns
    -------
    DataFrame
        Rows of the results table: one per layer or head, feature and metric (of layers, also
        `r_odd` and `r_even`, and the controls), and one per feature of kind `baseline` with R² of
        the training mean. Rows of a head are of kind `head`, and name it as
        `attention_01.head_01`. The metrics `r_partial` and `r2_partial` of hidden layers are those
        of features and layers from which nuisance variables were taken out inside every split (of
        a feature that is such a variable, the others); `r_words` is r again, held against the same
        values in another order of the words.
    """
    null = ShiftNull(cut.folds, orders)
    study = Shared(_Study(folder, about, align, features, n_rows, cut, lambdas, null, controls))
    probe = partial(_probe, shared=study)
    return pd.concat(parallel_map(probe, list(about.layers), "probe"), ignore_index=True)


def _probe(layer: str, *, shared: Shared[_Study]) -> pd.DataFrame:
    """Probe one layer and its heads."""
    study = shared.value
    series = study.features.series
    values = study.align(read_layer(study.folder, layer, study.about, study.n_rows))
    designs = {layer: values} | _heads(layer, values, study.about.heads)
    fits = {
        part: cross_validate(design, series, study.cut.folds, study.lambdas)
        for part, design in designs.items()
    }
    judged = _judge(fits, series, study.null, layer)
    judged[layer] |= judge_words(fits[layer], study.controls.words)
    names = pd.DataFrame({"target": study.features.names})
    names["family"] = [family(name) for name in names["target"]]
    tables = [
        judged_table(names, found, layer=part, kind=layer_kind(layer) if part == layer else "head")
        for part, found in judged.items()
    ]
    tables += _beyond(layer, values, names, study)
    if layer == next(iter(study.about.layers)):
        baseline = judge_baseline(fits[layer].observed)
        tables.append(judged_table(names, baseline, layer="mean", kind="baseline"))
    return pd.concat(tables, ignore_index=True)


def _beyond(
    layer: str, values: Array, names: pd.DataFrame, study: _Study
) -> Iterator[pd.DataFrame]:
    """Read from a hidden layer what nuisance variables leave of the features, if there are any."""
    kind = layer_kind(layer)
    for beyond in study.controls.beyond if kind == "hidden" else ():
        series = study.features.series[:, beyond.features]
        fit = cross_validate(values, series, study.cut.folds, study.lambdas, beyond.nuisance)
        found = judge_beyond(fit, series, study.null)
        yield judged_table(names.iloc[beyond.features], found, layer=layer, kind=kind)


def _judge(
    fits: dict[str, Fit], series: Array, null: ShiftNull, layer: str
) -> dict[str, dict[str, Columns]]:
    """Hold every design against its null, and the layer's own also in halves of the folds."""
    found: dict[str, list[dict[str, Columns]]] = {part: [] for part in fits}
    for columns, sums in shifted(list(fits.values()), series, null):
        for (part, fit), draws in zip(fits.items(), sums, strict=True):
            observed = fit.observed.columns(columns)
            halves = judge_halves(observed, draws) if part == layer else {}
            found[part].append(judge_metrics(observed, draws) | halves)
    return {part: join(batches) for part, batches in found.items()}


def _heads(layer: str, values: Array, n_heads: int) -> dict[str, Array]:
    """Units of each head of an attention layer."""
    if layer_kind(layer) != "attention":
        return {}
    parts = np.split(values, n_heads, axis=1)
    return {f"{layer}.head_{number:02}": part for number, part in enumerate(parts, start=1)}
