"""In how many people an effect is, from tests of each of a few.

Ince, Paton, Kay & Schyns 2021, eLife 10:e62461.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from stages.core.run.errors import InputError

MASS = 0.95
GRID = 2001


@dataclass(frozen=True)
class Prevalence:
    """Share of a population in whom a test would find the effect.

    Attributes
    ----------
    found, people : int
        In how many of how many it was found.
    share : float
        The most probable share of the population.
    low, high : float
        The 95 % interval of highest posterior density.
    """

    found: int
    people: int
    share: float
    low: float
    high: float


def prevalence(found: int, people: int, level: float) -> Prevalence:
    """Estimate the prevalence of an effect, all shares being equally probable before.

    A share γ of people makes a test of level α come out in α + (1 - α) γ of them, so that the
    posterior of that sum is a beta distribution cut off below α.

    Parameters
    ----------
    found, people : int
        In how many of how many people the test came out.
    level : float
        Level α of the test of one person.

    Raises
    ------
    InputError
        If there is nobody, or it was found in more.
    """
    if not 0 <= found <= people or people < 1:
        raise InputError("impossible count of people", expected=f"0 to {people}", got=found)
    posterior = stats.beta(found + 1, people - found + 1)
    below = float(posterior.cdf(level))
    starts = np.linspace(0, 1 - MASS, GRID)
    ends = [posterior.ppf(below + (1 - below) * share) for share in (starts, starts + MASS)]
    best = int(np.argmin(ends[1] - ends[0]))
    low, high = (float(np.clip((end[best] - level) / (1 - level), 0, 1)) for end in ends)
    share = max(0.0, (found / people - level) / (1 - level))
    return Prevalence(found, people, share, low, high)
