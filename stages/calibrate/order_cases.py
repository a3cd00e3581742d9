"""How often noise is found in recordings of short runs, and what is there, by the order of rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.observed import Case, observed
from stages.calibrate.simulated_layers import remembered
from stages.calibrate.stage_runs import Study
from stages.core.regression.folds import Partition, partition
from stages.core.regression.ridge import cross_validate, lambda_grid, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.results.calibrations import OURS, POWER
from stages.core.stats.chance import draw_shifts, significance
from stages.core.stats.scores import pearson

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
UNITS = 24  # of a design, and responses of each
PLANTED = 0.5  # correlation of what is planted with the response
LEVEL, LOCKED = 0.5, 2.0  # share of noise beside what a run has in common; samples of a transient
IN_PLACE = "shifted where they stand"


@dataclass(frozen=True)
class Series:
    """How designs and responses vary, both alike and each by itself.

    Attributes
    ----------
    memory : float
        Autocorrelation from sample to sample.
    apart : bool
        Whether each run begins anew.
    level : bool
        Whether most of it is the same in all samples of a run.
    locked : bool
        Whether a transient at the beginning of runs comes on top.
    """

    memory: float = 0.0
    apart: bool = False
    level: bool = False
    locked: bool = False

    def draw(self, runs: Ints, rng: np.random.Generator) -> Array:
        """Draw as many as `UNITS`, shape (n_samples, UNITS)."""
        parts = np.bincount(runs) if self.apart else [len(runs)]
        shape = (len(runs), UNITS)
        made = np.concatenate(
            [remembered(rng.normal(size=(int(n), UNITS)), self.memory) for n in parts]
        )
        if self.level:
            made = rng.normal(size=(int(runs[-1]) + 1, UNITS))[runs] + LEVEL * made
        if self.locked:
            along = np.concatenate([np.arange(n) for n in np.bincount(runs)])
            transient = np.exp(-along / LOCKED)[:, None] * rng.uniform(1, 3, UNITS)
            made = made + transient * rng.choice([-1, 1], UNITS)
        return made.reshape(shape)


def _runs(*lengths: int) -> Ints:
    return np.repeat(np.arange(len(lengths)), lengths)


LAYOUTS: Mapping[str, Ints] = {
    "30 runs of 6": _runs(*[6] * 30),
    "27 runs of 8 to 10": _runs(*[8, 9, 10, 9] * 6, 8, 9, 10),
    "3 runs of 30": _runs(30, 30, 30),
    "5 runs of 24 to 36": _runs(24, 30, 36, 30, 27),
    "one run of 362": _runs(362),
}
SITUATIONS: Mapping[str, Series] = {
    "white": Series(),
    "drifting, memory .9": Series(0.9),
    "drifting, memory .98": Series(0.98),
    "drifting within runs": Series(0.9, apart=True),
    "levels of runs": Series(level=True),
    "locked to run onset": Series(0.5, locked=True),
}
WITHOUT = {"levels of runs", "locked to run onset", "drifting within runs"}  # in a single run


def order_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate what shares nothing, and what does, in recordings of short runs and of one."""
    recordings = -(-study.settings.simulations // UNITS)
    for layout, runs in LAYOUTS.items():
        folds = study.params.folds.model_copy(update={"scheme": "auto"})
        cut = partition(runs, folds)
        for situation, series in SITUATIONS.items():
            if layout == "one run of 362" and situation in WITHOUT:
                continue
            case = Case("encode", "r", situation, layout)
            for recording in range(recordings):
                rng = np.random.default_rng([study.settings.seed, 8000, recording])
                design, targets = (series.draw(runs, rng) for _ in range(2))
                yield from _judged(design, targets, cut, study, case, recording)
                if situation in ("white", "drifting, memory .9"):
                    held = design @ rng.normal(size=(UNITS, UNITS))
                    held *= PLANTED / held.std(axis=0)
                    driven = held + np.sqrt(1 - PLANTED**2) * targets
                    planted = replace(case, situation=f"{situation}, planted r = .5", asks=POWER)
                    yield from _judged(design, driven, cut, study, planted, recording)


def _judged(
    design: Array, targets: Array, cut: Partition, study: Study, case: Case, recording: int
) -> Iterator[pd.DataFrame]:
    """Judge every response, by our orders and by those that are usual."""
    gap, draws = study.params.folds.gap, study.settings.draws
    fit = cross_validate(design, targets, cut.folds, lambda_grid(study.params.ridge.lambdas))
    ours = draw_shifts(cut.segments, draws, gap, recording, cut.joined)
    ways: dict[str, Ints] = {OURS: ours}
    if len(np.unique(cut.segments)) > 1:
        ways[IN_PLACE] = in_place(cut, draws, np.random.default_rng(recording))
    for method, orders in ways.items():
        null = ShiftNull(cut.folds, orders)
        drawn = [pearson(sums) for _, (sums,) in shifted([fit], targets, null)]
        p = significance(pearson(fit.observed), np.concatenate(drawn)).p
        yield observed(p, replace(case, method=method), [recording] * len(p))


def in_place(cut: Partition, draws: int, rng: np.random.Generator) -> Ints:
    """Shift every run circularly, or in groups of runs all samples of a group."""
    orders = np.empty((draws, len(cut.segments)), dtype=np.intp)
    for segment in np.unique(cut.segments):
        rows = np.flatnonzero(cut.segments == segment)
        by = rng.integers(1, len(rows), size=(draws, 1))
        orders[:, rows] = rows[(np.arange(len(rows)) + by) % len(rows)]
    return orders
