"""Scores of controls: of noise as wide as each layer, and of each layer at a common width."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stages.align.controls import Features, noise_twin
from stages.align.engine import measure
from stages.align.representation import Representation
from stages.align.routines.needs import check_memory
from stages.align.row_orders import row_orders
from stages.core.names.metrics import parse_metric
from stages.core.params.schema import Align
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array, Backend
from stages.core.stats.random_projection import project

SHARE = 4  # of memory, that controls may take at once: one part of so many


def make_controls(
    layers: Sequence[Features], settings: Align, first: int = 0
) -> dict[str, list[Features]]:
    """Make noise as wide as each layer, and each layer no wider than `align.width`.

    Parameters
    ----------
    layers : sequence of ndarray, shape (n, n_units)
    settings : Align
    first : int
        Which of all layers the first is.
    """
    noise, projected = [], []
    for place, values in enumerate(layers, start=first):
        noise.append(noise_twin(values, np.random.default_rng([settings.seed, place])))
        width = min(settings.width, values.shape[1])
        rng = np.random.default_rng([settings.seed, values.shape[1]])
        wide = width < values.shape[1]
        projected.append(project(values, width, rng) if wide else values)
    return {"noise": noise, "projected": projected}


def score_controls(
    layers: Sequence[Features],
    right: Sequence[Representation],
    metrics: Sequence[str],
    settings: Align,
    backend: Backend,
    *,
    parts: Sequence[slice],
    rows: Sequence[str],
) -> dict[str, dict[str, Array]]:
    """Score the controls of all layers, those of a part at once.

    Parameters
    ----------
    layers, right : sequence of representations
    metrics : sequence of str
    settings : Align
    backend : Backend
    parts : sequence of slice
        Made by `cut_layers`.
    rows : sequence of str
        Names of the rows.

    Returns
    -------
    dict of dict of ndarray, shape (n_layers, n_right)
        By metric and kind of control.
    """
    order = row_orders(len(rows), 0, settings.seed)
    found: dict[str, dict[str, list[Array]]] = {name: {} for name in metrics}
    for part in parts:
        some = layers[part]
        left = replace(backend, memory=backend.memory - _size(some, settings))
        controls = make_controls(some, settings, part.start)
        every = [values for kind in controls.values() for values in kind]
        for name, scores in measure(every, right, metrics, order, left, rows=rows).items():
            for kind, each in zip(controls, np.split(scores[..., 0], len(controls)), strict=True):
                found[name].setdefault(kind, []).append(each)
    return {
        name: {kind: np.concatenate(each) for kind, each in kinds.items()}
        for name, kinds in found.items()
    }


def cut_layers(
    layers: Sequence[Features],
    right: Sequence[Representation],
    metrics: Sequence[str],
    settings: Align,
    backend: Backend,
) -> list[slice]:
    """Cut layers into parts whose controls are scored at once, as few as memory allows.

    The kernels of the regions are made once for each part.

    Raises
    ------
    InputError
        If memory is too small for one layer at a time.
    """
    asked = [parse_metric(name, len(layers[0])) for name in metrics]

    def check(part: slice) -> slice:
        some = layers[part]
        # Of the shapes of the controls.
        every = [*some, *(values[:, : settings.width] for values in some)]
        check_memory(every, right, asked, 1, backend, held=_size(some, settings))
        return part

    try:
        return [check(part) for part in _parts(layers, settings, backend)]
    except InputError:
        return [check(slice(place, place + 1)) for place in range(len(layers))]


def _parts(layers: Sequence[Features], settings: Align, backend: Backend) -> list[slice]:
    """Cut layers into parts whose controls take no more than their share of memory."""
    starts, taken = [0], 0
    for place, values in enumerate(layers):
        size = _size([values], settings)
        if taken + size > backend.memory // SHARE and place > starts[-1]:
            starts.append(place)
            taken = 0
        taken += size
    return [slice(*ends) for ends in zip(starts, [*starts[1:], len(layers)], strict=True)]


def _size(layers: Sequence[Features], settings: Align) -> int:
    """Bytes of the controls of some layers."""
    return sum(
        len(values) * values.itemsize * (values.shape[1] + min(settings.width, values.shape[1]))
        for values in layers
    )
