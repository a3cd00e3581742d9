"""Controls that are aligned beside layers: noise as wide as each, and each at a common width."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from itertools import pairwise

import numpy as np

from stages.align.controls import Features, Moments
from stages.align.engine import Scores, align
from stages.align.nulls.measured import SideSums
from stages.align.representation import Deferred, Featured, Representation, at_hand
from stages.align.routines.needs import SINGLE, check_memory, size_beside
from stages.core.names.metrics import parse_metric
from stages.core.params.schema import Align
from stages.core.run.errors import InputError
from stages.core.stats.backend import FEWEST_ROWS, Array, Backend
from stages.core.stats.random_projection import project

NOISE, PROJECTED = "noise", "projected"
# Rows of a block whose products take as long as it takes to read what they are multiplied by.
STREAMED = 16


def make_controls(
    layers: Sequence[Featured], settings: Align, first: int = 0
) -> dict[str, list[Representation]]:
    """Make noise as wide as each layer, and each layer no wider than `align.width`.

    Noise is drawn again, the same, each time that it is asked for: it would take as much memory as
    the layers.

    Parameters
    ----------
    layers : sequence of ndarray or Deferred, shape (n, n_units)
    settings : Align
    first : int
        Which of all layers the first is.
    """
    noise: list[Representation] = []
    projected: list[Representation] = []
    for place, layer in enumerate(layers, start=first):
        values, (n, units) = at_hand(layer), layer.shape
        moments = Moments.of(values)
        noise.append(Deferred((n, units), partial(_draw, moments, n, [settings.seed, place])))
        rng = np.random.default_rng([settings.seed, units])
        wide = settings.width < units
        projected.append(project(values, settings.width, rng) if wide else layer)
    return {NOISE: noise, PROJECTED: projected}


def _draw(moments: Moments, n: int, seeds: list[int]) -> Features:
    return moments.noise(n, np.random.default_rng(seeds))


def align_with_controls(
    layers: Sequence[Featured],
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
    known: SideSums = [{} for _ in right]
    for part in parts:
        some = layers[part]
        controls = make_controls(some, settings, part.start)
        aligned = align(
            some,
            right,
            metrics,
            draws=settings.draws,
            seed=settings.seed,
            memory=backend.memory - held_beside(some, right, settings),
            dtype=backend.dtype,
            device=backend.device,
            rows=rows,
            permute=settings.permute,
            block=settings.block,
            beside=[*controls[NOISE], *controls[PROJECTED]],
            known=known,
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
    layers: Sequence[Featured],
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
    n = layers[0].shape[0]
    asked = [parse_metric(name, n) for name in metrics]

    def check(part: slice, rows: int) -> None:
        some = layers[part]
        widths = [layer.shape[1] for layer in some]
        widths += [min(settings.width, width) for width in widths]
        shapes = [(n, width) for width in widths]  # of the controls
        every = [*some, *(Deferred(shape, partial(np.zeros, shape)) for shape in shapes)]
        held = held_beside(some, right, settings)
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


def held_beside(
    layers: Sequence[Featured], right: Sequence[Representation], settings: Align
) -> int:
    """Bytes of both sides, and of layers at the common width, whatever the routine."""
    rows = sum(int(layer.shape[0]) for layer in layers if settings.width < layer.shape[1])
    return sum(map(size_beside, (*layers, *right))) + rows * settings.width * SINGLE
