"""From what happened in each simulation to rates with intervals."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit
from scipy.stats import beta

from stages.core.results.calibrations import (
    CALIBRATED,
    CALIBRATION_COLUMNS,
    CASE,
    CONFIDENCE,
    CONSERVATIVE,
    COVERAGE,
    FALSE_POSITIVES,
    LIBERAL,
    RECOVERY,
    UNJUDGED,
)

Array = NDArray[np.float64]
TAIL = (1 - CONFIDENCE) / 2


def rates(observations: pd.DataFrame) -> pd.DataFrame:
    """Give every case its rate, the interval of the rate, and the verdict.

    Parameters
    ----------
    observations : DataFrame
        Columns `CASE`, `value` (0 or 1: whether p was small, or an interval held the truth; or an
        estimate) and `left` and `right`: what simulations have in common, such as the layer and
        the response of one test among many of the same layers and responses.

    Returns
    -------
    DataFrame
        Columns `CALIBRATION_COLUMNS`, in the order in which cases come.
    """
    rows = [
        dict(zip(CASE, case, strict=True)) | _rate(some, str(some["asks"].iloc[0]))
        for case, some in observations.groupby(list(CASE), sort=False, dropna=False)
    ]
    table = pd.DataFrame(rows, columns=list(CALIBRATION_COLUMNS))
    verdicts = [
        verdict(str(row["asks"]), row["claim"], row["low"], row["high"])
        for row in table.to_dict("records")
    ]
    return table.assign(verdict=verdicts)


def _rate(some: pd.DataFrame, asks: str) -> dict[str, Any]:
    values = some["value"].to_numpy(float)
    left, right = (pd.factorize(some[name])[0] for name in ("left", "right"))
    n = effective_n(values, left, right)
    mean = float(values.mean())
    if asks == RECOVERY:
        sd = float(np.sqrt(((values - mean) ** 2).sum() / max(len(values) - 1, 1)))
        reach = -float(stdtrit(max(n - 1, 1), TAIL)) * sd / np.sqrt(n)
        low, high = mean - reach, mean + reach
    else:
        low, high = binomial_interval(mean, n)
    return {"n": float(len(values)), "n_effective": n, "rate": mean, "low": low, "high": high}


def effective_n(values: Array, left: NDArray[np.intp], right: NDArray[np.intp]) -> float:
    """Count the independent values whose mean would vary as much as that of these.

    The variance of the mean is that of values that share clusters in two ways (Cameron, Gelbach &
    Miller 2011, Journal of Business & Economic Statistics 29:238), and never taken for less than
    that of independent ones.

    Parameters
    ----------
    values : ndarray, shape (n,)
    left, right : ndarray of int, shape (n,)
        Clusters, from 0 on.

    Returns
    -------
    float
        From 1 to n; where no value differs from the others, the lesser number of clusters.
    """
    apart = values - values.mean()
    alone = float(apart @ apart)
    if alone <= 1e-12 * max(float(values @ values), 1.0):
        return float(min(left.max(), right.max()) + 1)
    sums = [float((np.bincount(of, apart) ** 2).sum()) for of in (left, right)]
    pairs = left * (right.max() + 1) + right
    both = float((np.bincount(pairs, apart) ** 2).sum())
    share = max(sums[0] + sums[1] - both, *sums, alone) / alone
    return max(len(values) / share, 1.0)


def binomial_interval(rate: float, n: float) -> tuple[float, float]:
    """95 % interval of a share (Clopper & Pearson 1934, Biometrika 26:404); n may be no integer."""
    hits = rate * n
    low = float(beta.ppf(TAIL, hits, n - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1 - TAIL, hits + 1, n - hits)) if hits < n else 1.0
    return low, high


def verdict(asks: str, claim: float, low: float, high: float) -> str:
    """Say whether a rate is what is claimed: whether its interval holds the claim."""
    if asks not in (FALSE_POSITIVES, COVERAGE):
        return UNJUDGED
    if low <= claim <= high:
        return CALIBRATED
    return LIBERAL if (low > claim) == (asks == FALSE_POSITIVES) else CONSERVATIVE
