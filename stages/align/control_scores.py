"""Controls that are aligned beside layers: noise as wide as each, and each at a common width."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from itertools import pairwise

import numpy as np

from stages.align.controls import Features, noise_twin
from stages.align.engine import Scores, align
from stages.align.representation import Representation
from stages.align.routines.needs import check_memory
from stages.core.names.metrics import parse_metric
from stages.core.params.schema import Align
from stages.core.run.errors import InputError
from stages.core.stats.backend import FEWEST_ROWS, Array, Backend
from stages.core.stats.random_projection import project

NOISE, PROJECTED = "noise", "projected"
# Rows of a block whose products take as long as it takes to read what they are multiplied by.
STREAMED = 16


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
    return {NOISE: noise, PROJECTED: projected}


def align_with_controls(
    layers: Sequence[Features],
    right: Sequence[Representation],
    metrics: Sequence[str],
    settings: Align,
    backend: Backend,
    *,
    parts: Sequence[slice],
    rows: Sequence[str],
) -> tuple[dict[str, Scores], dict[str, dict[str, Array]]]:
    """Align layers, those of a part at once, and score their controls beside them.

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
    dict of Scores
        Of the layers, by metric.
    dict of dict of ndarray, shape (n_layers, n_right)
        Scores by metric and kind of control.
    """
    found: dict[str, list[Scores]] = {name: [] for name in metrics}
    for part in parts:
        some = layers[part]
        controls = make_controls(some, settings, part.start)
        aligned = align(
            some,
            right,
            metrics,
            draws=settings.draws,
            seed=settings.seed,
            memory=backend.memory - controls_size(some, settings),
            dtype=backend.dtype,
            device=backend.device,
            rows=rows,
            permute=settings.permute,
            block=settings.block,
            beside=[*controls[NOISE], *controls[PROJECTED]],
        )
        for name, scores in aligned.items():
            found[name].append(scores)
    kinds = {
        name: dict(zip((NOISE, PROJECTED), _halves(each), strict=True))
        for name, each in found.items()
    }
    return {name: _joined(each) for name, each in found.items()}, kinds


def _halves(parts: Sequence[Scores]) -> list[Array]:
    """Put together the first half of what stands beside each part, and the second."""
    halves = zip(*(np.split(one.beside, 2) for one in parts), strict=True)
    return [np.concatenate(half) for half in halves]


def _joined(parts: Sequence[Scores]) -> Scores:
    """Put the scores of layers one after the other."""
    names = [one.name for one in fields(Scores)]
    return Scores(**{name: np.concatenate([getattr(one, name) for one in parts]) for name in names})


def cut_layers(
    layers: Sequence[Features],
    right: Sequence[Representation],
    metrics: Sequence[str],
    settings: Align,
    backend: Backend,
) -> list[slice]:
    """Cut layers into parts that are aligned at once, with their controls beside them.

    What the regions need is made anew for each part, and products of blocks of few rows are slow:
    of all numbers of parts, that of the least time is taken, as `STREAMED` has it.

    Raises
    ------
    InputError
        If memory is too small for one layer at a time.
    """
    asked = [parse_metric(name, len(layers[0])) for name in metrics]

    def check(part: slice, rows: int) -> None:
        some = layers[part]
        # Of the shapes of the controls.
        every = [*some, *some, *(values[:, : settings.width] for values in some)]
        held = controls_size(some, settings)
        check_memory(every, right, asked, 1, backend, held=held, rows=rows)
        check_memory(some, right, asked, 1 + settings.draws, backend, held=held)

    best, least = _even_parts(len(layers), len(layers)), np.inf
    for count in range(1, len(layers) + 1):
        if least <= count:
            break
        parts = _even_parts(len(layers), count)
        rows = min(_most_rows(partial(check, part)) for part in parts)
        if rows and count * (1 + STREAMED / rows) < least:
            best, least = parts, count * (1 + STREAMED / rows)
    for part in best:
        check(part, 1)
    return best


def _most_rows(check: Callable[[int], None]) -> int:
    """Find how many rows of a block there is room for, halved again and again; 0 if not for one."""
    rows = FEWEST_ROWS
    while rows:
        try:
            check(rows)
        except InputError:
            rows //= 2
        else:
            return rows
    return 0


def _even_parts(n: int, count: int) -> list[slice]:
    """Cut so many layers into parts of which none has two more than another."""
    ends = np.linspace(0, n, count + 1).round().astype(int).tolist()
    return [slice(start, stop) for start, stop in pairwise(ends)]


def controls_size(layers: Sequence[Features], settings: Align) -> int:
    """Bytes of the controls of some layers."""
    return sum(
        len(values) * values.itemsize * (values.shape[1] + min(settings.width, values.shape[1]))
        for values in layers
    )
