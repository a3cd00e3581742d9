"""Whether leads and their intervals can be believed: measured on planted families."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from stages.core.stats.run_intervals import over_runs
from stages.trajectory.leads.run_leads import leads
from stages.trajectory.leads.warping import exchange_p
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.planted.planted_curves import Planted, planted_family

Array = NDArray[np.float64]
ALPHA = 0.05
EXCHANGES = 2000


@dataclass(frozen=True)
class Calibration:
    """What the method says of families whose lead is known, per share.

    Attributes
    ----------
    bias : ndarray, shape (n_shares,)
        Mean of the leads found minus that planted, in octaves.
    coverage : ndarray, shape (n_shares,)
        Share of the 95 % intervals that hold the lead planted.
    precedes, exchanged : ndarray, shape (n_shares,)
        Share of the families in which alignment is said to precede, at 5 %: by Student's t, and
        by exchanging labels.
    missing : float
        Share of the leads of single runs that could not be found.
    """

    bias: Array
    coverage: Array
    precedes: Array
    exchanged: Array
    missing: float


def calibrate(planted: Planted, shares: Array, ends: Ends, draws: int, seed: int) -> Calibration:
    """Measure many planted families as real ones are measured.

    Parameters
    ----------
    planted : Planted
    shares : ndarray, shape (n_shares,)
    ends : Ends
    draws : int
        Families.
    seed : int
    """
    rng = np.random.default_rng(seed)
    alignment, performance = planted_family(planted, draws, rng)
    found = leads(alignment, performance, shares, ends, seed)
    sizes = np.full(planted.runs, "")
    means = np.empty((4, draws, len(shares)))
    for draw, at in np.ndindex(draws, len(shares)):
        values = found[draw, :, at]
        mean = over_runs(values, sizes)
        holds = mean.low <= planted.lead <= mean.high
        exchanged = exchange_p(values[np.isfinite(values)], EXCHANGES, seed) <= ALPHA
        means[:, draw, at] = mean.value, holds, mean.p <= ALPHA, exchanged
    value, coverage, precedes, exchanged_ = means.mean(axis=1)
    missing = float(np.isnan(found).mean())
    return Calibration(value - planted.lead, coverage, precedes, exchanged_, missing)


def binomial_range(share: float, draws: int) -> tuple[float, float]:
    """95 % of shares that draws of a true share give."""
    low, high = binom.interval(0.95, draws, share)
    return float(low) / draws, float(high) / draws
