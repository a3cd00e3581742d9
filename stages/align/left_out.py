"""Alignment without each piece of the stimuli in turn, which tells how scores vary with stimuli."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.align.control_scores import cut_layers
from stages.align.controls import Features
from stages.align.engine import measure
from stages.align.model import let_go_of, read_layers
from stages.align.representation import Dissimilarities, Representation
from stages.align.routines.needs import size_beside
from stages.align.side_scores import possible_metrics, score_table
from stages.align.sides import RegionSet, cut_sides, deferred_layer, deferred_region
from stages.core.names.metrics import parse_metric
from stages.core.names.vocabulary import HELD_APART
from stages.core.params.schema import Align
from stages.core.recording.types import Recording
from stages.core.results.left_out_scores import jackknife_table
from stages.core.run.errors import InputError
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.backend import Backend
from stages.core.stats.devices import choose_backends
from stages.core.stats.pieces import number_pieces
from stages.core.stats.row_orders import row_orders

Ints = NDArray[np.intp]
LAYER = "layer"

log = logging.getLogger("concord.align")


@dataclass(frozen=True)
class _Task:
    """Regions of one side, the piece of each of its stimuli, and where to work."""

    side: Shared[RegionSet]
    pieces: Ints
    backend: Backend


def align_without_pieces(recording: Recording, folder: Path, settings: Align) -> pd.DataFrame:
    """Align a model with a recording, without each piece of the stimuli that are kept apart.

    Where none are kept apart, without each piece of all of them.

    Parameters
    ----------
    recording : Recording
    folder : Path
        The model's activations.
    settings : Align
        Of `compared`, the metrics that are measured.

    Returns
    -------
    DataFrame
        A table of `stages.core.results.left_out_scores`, of the kind `layer`.

    Raises
    ------
    InputError
        If a piece has no stimulus of a side, or leaves too few for a metric. A piece without which
        a layer or region does not vary leaves no scores of its side, with a warning.
    """
    label, layers = read_layers(folder, recording)
    let_go_of(recording)
    every = cut_sides(recording, settings.min_voxels)
    sides = [side for side in every if side.split in HELD_APART]
    measured = [name for name in settings.compared if name in settings.metrics]
    metrics = possible_metrics(measured, sides or every)
    seen = np.unique(np.concatenate([side.stimuli for side in sides])) if sides else np.arange(0)
    how = settings.pieces, settings.permute, settings.seed
    number = number_pieces(np.arange(len(seen)), *how)
    backends = choose_backends()
    pieces = [number[np.searchsorted(seen, side.stimuli)] for side in sides]
    tasks = [
        _Task(Shared(side), cut, backends[place % len(backends)])
        for place, (side, cut) in enumerate(zip(sides, pieces, strict=True))
    ]
    for task in tasks:
        _check_pieces(task, metrics, settings)
    run = partial(_measure, layers=Shared(layers), metrics=metrics, settings=settings)
    found = parallel_map(run, tasks, f"jackknife {label}") if metrics else []
    return jackknife_table(
        [table.assign(dataset=recording.dataset, model=label) for table in found]
    )


def _check_pieces(task: _Task, metrics: Sequence[str], settings: Align) -> None:
    """Raise `InputError` if a piece is empty, or what is left without one too few for a metric."""
    side, sizes = task.side.value, np.bincount(task.pieces, minlength=settings.pieces)
    where = f"{side.subjects[0]}, {side.split}"
    if not sizes.all():
        raise InputError(
            "piece without a stimulus",
            where=where,
            expected=f"{settings.pieces} pieces",
            got=f"{len(task.pieces)} stimuli",
            do="Lower align.pieces, to 2 at least; or show the subject more.",
        )
    least = len(task.pieces) - int(sizes.max())
    for name in metrics:
        try:
            parse_metric(name, least)
        except InputError as error:
            raise InputError(
                f"too few stimuli without a piece for {name}",
                where=where,
                got=error,
                do="Take it out of align.compared, or raise align.pieces.",
            ) from error


def _measure(
    task: _Task, *, layers: Shared[Mapping[str, Features]], metrics: Sequence[str], settings: Align
) -> pd.DataFrame:
    """Score one side without each piece."""
    side = task.side.value
    left = {name: deferred_layer(one, side.stimuli) for name, one in layers.value.items()}
    whole = side.deferred()
    parts = cut_layers(list(left.values()), whole, metrics, settings, task.backend)
    free = task.backend.memory - sum(map(size_beside, whole))
    backend = replace(task.backend, memory=free)
    tables = []
    for piece in range(settings.pieces):
        kept = np.flatnonzero(task.pieces != piece)
        some = [_rows_of(one, side, place, kept) for place, one in enumerate(whole)]
        ids, order = [side.ids[row] for row in kept], row_orders(len(kept), 0, 0)
        for part in parts:
            names = list(left)[part]
            rows = [deferred_layer(layers.value[name], side.stimuli[kept]) for name in names]
            try:
                found = measure(rows, some, metrics, order, backend, rows=ids)
            except InputError as error:
                log.warning("piece %d left no score of %s: %s", piece, side.subjects[0], error)
                found = dict.fromkeys(metrics, np.full((len(names), len(some), 1), np.nan))
            tables += [
                score_table(side, names, LAYER, metric, score=scores[..., 0]).assign(piece=piece)
                for metric, scores in found.items()
            ]
    return pd.concat(tables, ignore_index=True)


def _rows_of(
    representation: Representation, side: RegionSet, place: int, kept: Ints
) -> Representation:
    """Keep some of the rows of a region; of dissimilarities, of the columns too."""
    if isinstance(representation, Dissimilarities):
        both = np.ix_(kept, kept)
        return Dissimilarities(representation.values[both])  # noqa: PD011 (no frame)
    return deferred_region(side, place, kept)
