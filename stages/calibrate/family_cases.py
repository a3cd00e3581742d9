"""What relate says of models that come in families."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.observed import Case, observed
from stages.core.results.calibrations import COVERAGE, POWER
from stages.core.stats.correlation import Correlation, correlate

Array = NDArray[np.float64]
# Models of each family.
SIZES = {
    "eight equal families": (4,) * 8,
    "one family of half the models": (16, 4, 3, 3, 2, 2, 1, 1),
    "three families": (8, 8, 8),
}
ALIKE = 0.7  # of the variance, within families
TRUTHS = (0.3, 0.6)  # correlation
RESAMPLES = 499
ALONE = "models taken as independent"


def family_cases(simulations: int, seed: int) -> Iterator[pd.DataFrame]:
    """Correlate quantities of models of the same families: unrelated, and related."""
    rng = np.random.default_rng(seed)
    for layout, sizes in SIZES.items():
        families = np.repeat([f"f{number}" for number in range(len(sizes))], sizes)
        for truth in (0.0, *TRUTHS):
            found = [_correlate(families, truth, rng) for _ in range(simulations)]
            case = Case("relate", "pearson", _situation(truth), layout)
            if truth:
                case = replace(case, asks=POWER)
            else:
                alone = [one.p_independent for one in found]
                yield observed(alone, replace(case, method=ALONE))
            yield observed([one.p for one in found], case)
            holds = [one.low <= truth <= one.high for one in found]
            yield observed(holds, replace(case, test="interval of pearson", asks=COVERAGE))


def _situation(truth: float) -> str:
    return f"related, r = {truth:g}" if truth else "unrelated"


def _correlate(families: NDArray[np.str_], truth: float, rng: np.random.Generator) -> Correlation:
    codes = np.unique(families, return_inverse=True)[1]
    common, own = rng.normal(size=(2, codes.max() + 1)), rng.normal(size=(2, len(codes)))
    x, other = np.sqrt(ALIKE) * common[:, codes] + np.sqrt(1 - ALIKE) * own
    y = truth * x + np.sqrt(1 - truth**2) * other
    seed = int(rng.integers(2**31))
    return correlate(x, y, families, ranked=False, resamples=RESAMPLES, seed=seed)
