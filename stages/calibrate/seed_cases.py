"""What the rung of seeds says of a trained model that is one more draw of its untrained twins."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.observed import Case, observed
from stages.core.results.calibrations import POWER
from stages.core.stats.jackknife import over_stimuli
from stages.core.stats.single_case import beyond_draws

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, int]], Array]
TWINS = (2, 3, 5)
PIECES = 10
ERROR = 0.2  # of a score, by the stimuli, beside a deviation of 1 between seeds
GAPS = (3.0, 6.0)  # standard deviations of draws
TEST = ("ladder", "other seeds")
EACH = "higher than each twin, over pieces"
SEEDS: dict[str, Draw] = {
    "scores of seeds normal": lambda rng, shape: rng.normal(size=shape),
    "scores of seeds skewed": lambda rng, shape: rng.exponential(size=shape),
    "scores of seeds, heavy tails": lambda rng, shape: rng.standard_t(3, size=shape) / np.sqrt(3),
}


def seed_cases(simulations: int, seed: int) -> Iterator[pd.DataFrame]:
    """Draw twins and one more of them, also one that training made so much better."""
    rng = np.random.default_rng(seed)
    for twins in TWINS:
        layout = f"{twins} twins"
        for situation, draw in SEEDS.items():
            shares = _differences(draw(rng, (simulations, 1 + twins)), rng)
            case = Case(*TEST, situation, layout)
            yield observed(beyond_draws(shares.mean(axis=-1))[-1], case)
            yield observed(_beyond_each(shares), replace(case, method=EACH))
        for gap in GAPS:
            scores = rng.normal(size=(simulations, 1 + twins))
            scores[:, 0] += gap
            shares = _differences(scores, rng)
            case = Case(*TEST, f"{gap:g} deviations of seeds better", layout, asks=POWER)
            yield observed(beyond_draws(shares.mean(axis=-1))[-1], case)


def _differences(scores: Array, rng: np.random.Generator) -> Array:
    """Share of each piece in the difference of the first from the others.

    Returns
    -------
    ndarray, shape (n_simulations, n_twins, PIECES)
    """
    spread = ERROR * np.sqrt(PIECES) * rng.normal(size=(*scores.shape, PIECES))
    shares = scores[:, :, None] + spread - spread.mean(axis=-1, keepdims=True)
    return np.asarray(shares[:, :1] - shares[:, 1:])


def _beyond_each(shares: Array) -> Array:
    """Find the largest p of all differences, 1 where any is below 0."""
    told = over_stimuli(shares[:, :, None])
    return np.asarray(np.where(told.mean > 0, told.p, 1.0).max(axis=1))
