"""How often noise is found in recordings of short runs, and what is there, by the order of rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import detrend

from stages.calibrate.observed import Case, observed
from stages.calibrate.simulated_layers import remembered
from stages.calibrate.stage_runs import Study
from stages.calibrate.story_responses import planted
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
    cleaned : bool
        Whether a straight line leaves every run, as it does where recordings are cleaned.
    """

    memory: float = 0.0
    apart: bool = False
    level: bool = False
    locked: bool = False
    cleaned: bool = False

    def draw(self, runs: Ints, rng: np.random.Generator) -> Array:
        """Draw as many as `UNITS`, shape (n_samples, UNITS)."""
        parts = np.bincount(runs).tolist() if self.apart else [len(runs)]
        noise = [remembered(rng.normal(size=(n, UNITS)), self.memory) for n in parts]
        made = np.concatenate(noise)
        if self.level:
            made = rng.normal(size=(int(runs[-1]) + 1, UNITS))[runs] + LEVEL * made
        if self.locked:
            along = np.concatenate([np.arange(n) for n in np.bincount(runs)])
            weights = rng.uniform(1, 3, UNITS) * rng.choice([-1, 1], UNITS)
            made = made + np.exp(-along / LOCKED)[:, None] * weights
        if self.cleaned:
            for run in np.unique(runs):
                made[runs == run] = detrend(made[runs == run], axis=0)
        return made


def _runs(*lengths: int) -> Ints:
    return np.repeat(np.arange(len(lengths)), lengths)


LAYOUTS: Mapping[str, Ints] = {
    "30 runs of 6": _runs(*[6] * 30),
    "27 runs of 8 to 10": _runs(*[8, 9, 10, 9] * 6, 8, 9, 10),
    "3 runs of 30": _runs(30, 30, 30),
    "one run of 362": _runs(362),
}
SITUATIONS: Mapping[str, Series] = {
    "white": Series(),
    "drifting, memory .9": Series(0.9),
    "drifting, memory .98": Series(0.98),
    "drifting within runs": Series(0.9, apart=True),
    "levels of runs": Series(level=True),
    "locked to run onset": Series(0.5, locked=True),
    "drifting, memory .98, cleaned": Series(0.98, cleaned=True),
}
OF_RUNS = {"levels of runs", "locked to run onset", "drifting within runs"}
DRIVEN = {"white", "drifting, memory .9"}


def order_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate what shares nothing, and what does, in recordings of short runs and of one."""
    recordings = -(-study.settings.simulations // UNITS)
    folds = study.params.folds.model_copy(update={"scheme": "auto"})
    for layout, runs in LAYOUTS.items():
        cut = partition(runs, folds)
        for situation, series in SITUATIONS.items():
            if situation in OF_RUNS and len(np.unique(runs)) == 1:
                continue
            for recording in range(recordings):
                case = Case("encode", "r", situation, layout)
                yield from _recording(series, cut, study, case, recording)


def _recording(
    series: Series, cut: Partition, study: Study, case: Case, recording: int
) -> Iterator[pd.DataFrame]:
    """Judge responses that share nothing with a design, and some that share something."""
    rng = np.random.default_rng([study.settings.seed, 8000, recording])
    runs = cut.segments if cut.joined is None else cut.joined
    design, targets = (series.draw(runs, rng) for _ in range(2))
    rows = [(case, targets)]
    if case.situation in DRIVEN:
        held = design @ rng.normal(size=(UNITS, UNITS))
        driven = PLANTED * held / held.std(axis=0) + np.sqrt(1 - PLANTED**2) * targets
        there = f"{case.situation}, {planted(PLANTED)}"
        rows.append((replace(case, situation=there, asks=POWER), driven))
    for one, responses in rows:
        ways = {OURS: _ours(cut, study, recording)}
        if one.asks != POWER and len(np.unique(cut.segments)) > 1:
            usual = np.random.default_rng(recording)
            ways[IN_PLACE] = in_place(cut.segments, study.settings.draws, usual)
        for method, p in judged(design, responses, cut, study, ways).items():
            yield observed(p, replace(one, method=method), [recording] * len(p))


def _ours(cut: Partition, study: Study, seed: int) -> Ints:
    gap, draws = study.params.folds.gap, study.settings.draws
    return draw_shifts(cut.segments, draws, gap, seed, cut.joined)


def judged(
    design: Array, targets: Array, cut: Partition, study: Study, ways: Mapping[str, Ints]
) -> dict[str, Array]:
    """Find p of every response, by each of the orders."""
    fit = cross_validate(design, targets, cut.folds, lambda_grid(study.params.ridge.lambdas))
    found = {}
    for method, orders in ways.items():
        null = ShiftNull(cut.folds, orders)
        drawn = [pearson(sums) for _, (sums,) in shifted([fit], targets, null)]
        found[method] = significance(pearson(fit.observed), np.concatenate(drawn)).p
    return found


def in_place(segments: Ints, draws: int, rng: np.random.Generator) -> Ints:
    """Shift every run circularly, or all samples of a group of runs."""
    orders = np.empty((draws, len(segments)), dtype=np.intp)
    for segment in np.unique(segments):
        rows = np.flatnonzero(segments == segment)
        by = rng.integers(1, len(rows), size=(draws, 1))
        orders[:, rows] = rows[(np.arange(len(rows)) + by) % len(rows)]
    return orders
