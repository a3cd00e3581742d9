"""Scores of layers and regions with what they are held against, as a table."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.align.control_scores import align_with_controls, cut_layers
from stages.align.controls import Features
from stages.align.representation import Representation
from stages.align.row_order import row_order, warn_of_order
from stages.align.sides import RegionSet, deferred_layer
from stages.core.names.metrics import parse_metric
from stages.core.params.schema import Align
from stages.core.stats.backend import Array, Backend

CLOSED, DRAWN = "closed", "drawn"
JUDGED = ("score", "null_mean", "null_sd", "z", "p")

log = logging.getLogger("concord.align")


def possible_metrics(metrics: Sequence[str], sides: Sequence[RegionSet]) -> list[str]:
    """Leave out, by name, metrics that need features where there are dissimilarities only."""
    n = min(len(side.stimuli) for side in sides)
    asked = [parse_metric(name, n) for name in metrics]
    if not any(side.dissimilarities for side in sides):
        return list(metrics)
    left_out = [metric.name for metric in asked if not metric.kind.dissimilarities]
    if left_out:
        log.warning("left out, since they need more than dissimilarities: %s", ", ".join(left_out))
    return [name for name in metrics if name not in left_out]


def measure_side(
    side: RegionSet,
    layers: Mapping[str, Features],
    metrics: Sequence[str],
    settings: Align,
    backend: Backend,
) -> pd.DataFrame:
    """Align all layers with all regions of one side, and their controls likewise.

    Parameters
    ----------
    side : RegionSet
    layers : mapping of str to ndarray, shape (n_stimuli, n_units)
        All stimuli of the recording.
    metrics : sequence of str
    settings : Align
    backend : Backend

    Returns
    -------
    DataFrame
        Columns subject, region, layer, kind (`layer`, `noise`: noise of the layer's width,
        `projected`: the layer at the common width), metric, split, score, null_mean, null_sd, z, p
        (missing for the controls), null_kind (`closed` or `drawn`: how p was found), n, row_lag and
        row_repeats (see `stages.core.results.results`).
    """
    right = side.deferred()
    left = [deferred_layer(values, side.stimuli) for values in layers.values()]
    parts = cut_layers(left, right, metrics, settings, backend)
    found, controls = align_with_controls(
        left, right, metrics, settings, backend, parts=parts, rows=side.ids
    )
    order = _orders_of(side, left, right, settings.permute)
    tables = [
        score_table(
            side,
            list(layers),
            "layer",
            metric,
            **order,
            null_kind=np.where(scores.drawn, DRAWN, CLOSED),
            **{name: getattr(scores, name) for name in JUDGED},
        )
        for metric, scores in found.items()
    ]
    tables += [
        score_table(side, list(layers), kind, metric, score=scores)
        for metric, kinds in controls.items()
        for kind, scores in kinds.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _orders_of(
    side: RegionSet,
    layers: Sequence[Representation],
    regions: Sequence[Representation],
    permute: str,
) -> dict[str, Array]:
    """Say what speaks against permuted rows, and warn of it; columns of shape (n_left, n_right)."""
    here, there = ([row_order(one) for one in each] for each in (layers, regions))
    subjects = " ".join(dict.fromkeys(side.subjects))
    warn_of_order(here, there, f"{subjects}, {side.split}", permute)
    lags, repeats = (
        [np.array([getattr(one, name) for one in each]) for each in (here, there)]
        for name in ("lag", "repeats")
    )
    return {
        "row_lag": np.minimum.outer(*lags),
        "row_repeats": np.maximum.outer(*repeats),
    }


def score_table(
    side: RegionSet, layers: Sequence[str], kind: str, metric: str, **columns: NDArray[Any]
) -> pd.DataFrame:
    """Unfold matrices, layers × regions, to one row per score."""
    n_layers, n_regions = len(layers), len(side.regions)
    names: dict[str, Any] = {
        "subject": np.tile(np.array(side.subjects, object), n_layers),
        "region": np.tile(np.array(side.regions, object), n_layers),
        "layer": np.repeat(np.array(layers, object), n_regions),
        "kind": kind,
        "metric": metric,
        "split": side.split,
        "n": float(len(side.stimuli)),
    }
    return pd.DataFrame(names | {name: values.ravel() for name, values in columns.items()})
