"""Whether intervals over runs, people and stimuli hold what they are of."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from stages.calibrate.observed import Case, observed
from stages.core.results.calibrations import COVERAGE
from stages.core.stats.jackknife import over_both, over_stimuli, pseudo_values
from stages.core.stats.prevalence import prevalence
from stages.core.stats.run_intervals import over_runs, over_runs_and_others

Array = NDArray[np.float64]
LEAD = ("trajectory", "mean lead")
RUNS = (3, 5, 10)
PEOPLE = 4
SAMPLES, PIECES = 400, 20
TRUTH = 0.3  # correlation
SHARES = (0.2, 0.8)  # of a population


def interval_cases(simulations: int, seed: int) -> Iterator[pd.DataFrame]:
    """Draw runs, people and stimuli whose means are known."""
    rng = np.random.default_rng(seed)
    yield from _leads(simulations, rng)
    yield from _correlations(simulations, rng)
    yield from _prevalences(simulations, rng)


def _leads(simulations: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Means over training runs: normal and skewed leads, and runs crossed with subjects."""
    for runs in RUNS:
        of_one_size = np.full(runs, "")
        for name, draw in (("normal", rng.normal), ("skewed", rng.exponential)):
            truth = float(name == "skewed")
            found = [over_runs(draw(size=runs), of_one_size) for _ in range(simulations)]
            holds = [one.low <= truth <= one.high for one in found]
            yield observed(holds, Case(*LEAD, f"{name} leads", f"{runs} runs", asks=COVERAGE))
    for runs in RUNS:
        holds = []
        for _ in range(simulations):
            crossed = rng.normal(size=(runs, 1)) + rng.normal(size=(1, PEOPLE))
            mean = over_runs_and_others(crossed + rng.normal(size=(runs, PEOPLE)))
            holds.append(mean.low <= 0 <= mean.high)
        layout = f"{runs} runs × {PEOPLE} people"
        situation = "runs, people and rest vary alike"
        yield observed(holds, Case(*LEAD, situation, layout, asks=COVERAGE))


def _correlations(simulations: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Jackknifed correlations of slow series, of these people and of others."""
    stimuli, both = [], []
    for _ in range(simulations):
        truths = np.tanh(np.arctanh(TRUTH) + 0.1 * rng.normal(size=PEOPLE))
        values = np.stack([_pieces(truth, rng) for truth in truths])
        one, all_ = over_stimuli(values), over_both(values)
        stimuli.append(one.low <= truths.mean() <= one.high)
        both.append(all_.low <= TRUTH <= all_.high)
    layout = f"{PEOPLE} people × {PIECES} pieces"
    for test, situation, holds in (
        ("jackknife over stimuli", "correlation of slow series", stimuli),
        ("jackknife over both", "correlation of slow series, people differ", both),
    ):
        yield observed(holds, Case("encode", test, situation, layout, asks=COVERAGE))


def _pieces(truth: float, rng: np.random.Generator) -> Array:
    """Pseudo-values of the correlation of two series, whose neighbours correlate .5."""
    x, noise = lfilter([1.0], [1.0, -0.5], rng.normal(size=(2, SAMPLES + 50)))[:, 50:]
    y = truth * x + np.sqrt(1 - truth**2) * noise
    pieces = np.arange(SAMPLES) * PIECES // SAMPLES
    without = [np.corrcoef(x[pieces != at], y[pieces != at])[0, 1] for at in range(PIECES)]
    return pseudo_values(np.corrcoef(x, y)[0, 1], without)


def _prevalences(simulations: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Shares of a population, found with a test of 5 % and a power of 1."""
    for share in SHARES:
        hits = rng.binomial(PEOPLE * 2, 0.05 + 0.95 * share, simulations)
        known = {int(k): prevalence(int(k), PEOPLE * 2, 0.05) for k in np.unique(hits)}
        holds = [known[int(k)].low <= share <= known[int(k)].high for k in hits]
        situation, layout = f"in {share:.0%} of the population", f"{PEOPLE * 2} people"
        yield observed(holds, Case("survey", "prevalence", situation, layout, asks=COVERAGE))
