"""What the null of smooth maps says of maps that are smooth, and of gradients."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform
from scipy.stats import t

from stages.calibrate.observed import Case, observed
from stages.core.results.calibrations import POWER
from stages.core.stats.spatial_null import spatial_spearman

Array = NDArray[np.float64]
REGIONS, MAPS = 120, 10
HEAD = (65.0, 85.0, 55.0)  # half axes of an ellipsoid, in mm
WIDTHS = (10, 20, 40)  # mm over which maps vary
SIZES = (0.5, 1.0, 1.5)  # of a gradient over 20 mm maps, in standard deviations
GRADIENT = ("survey", "gradient")
LAYOUT = f"{REGIONS} regions"
PERMUTED = "regions taken as independent"


def map_cases(simulations: int, seed: int) -> Iterator[pd.DataFrame]:
    """Draw maps on so many sets of places, and test whether they rise to the front."""
    rng = np.random.default_rng(seed)
    for simulation in range(-(-simulations // MAPS)):
        places = rng.normal(size=(REGIONS, 3))
        places *= np.array(HEAD) / np.linalg.norm(places, axis=1, keepdims=True)
        line = places[:, 1] / places[:, 1].std()
        for width in WIDTHS:
            maps = _smooth(places, width, rng)
            situation = f"maps smooth over {width} mm"
            yield from _nulls(maps, places, situation, simulation, rng)
            for size in SIZES if width == 20 else ():
                p = spatial_spearman(maps + size * line, line, places, 999, rng)[1]
                named = f"{situation}, gradient of {size:g} sd"
                yield _observed(p, Case(*GRADIENT, named, LAYOUT, asks=POWER), simulation)


def _nulls(
    maps: Array, places: Array, situation: str, simulation: int, rng: np.random.Generator
) -> Iterator[pd.DataFrame]:
    rho, p, _ = spatial_spearman(maps, places[:, 1], places, 999, rng)
    case = Case(*GRADIENT, situation, LAYOUT)
    yield _observed(p, case, simulation)
    student = rho * np.sqrt((REGIONS - 2) / (1 - rho**2))
    alone = 2 * t.sf(np.abs(student), REGIONS - 2)
    yield _observed(alone, replace(case, method=PERMUTED), simulation)


def _observed(p: Array, case: Case, simulation: int) -> pd.DataFrame:
    """Make rows of which those at the same places go together."""
    maps = [f"{simulation}.{number}" for number in range(len(p))]
    return observed(p, case, np.full(len(p), simulation), maps)


def _smooth(places: Array, width: float, rng: np.random.Generator) -> Array:
    """Draw maps whose covariance falls with distance as a Gaussian of that width in mm."""
    covariance = np.exp(-((squareform(pdist(places)) / width) ** 2) / 2)
    root = np.linalg.cholesky(covariance + 1e-6 * np.eye(len(places)))
    maps: Array = (root @ rng.normal(size=(len(places), MAPS))).T
    return maps
