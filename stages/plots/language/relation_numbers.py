"""Correlations over the models that a picture shows, with intervals over their lineages."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.core.stats.correlation import NotComputableError, correlate

LEAST = 3  # models
RESAMPLES, SEED = 2000, 0


@dataclass(frozen=True)
class Related:
    """A correlation over models.

    Attributes
    ----------
    r, low, high : float
        Pearson's, and its 95 % interval, lineages resampled; missing where there are too few.
    n : int
        Models that have both.
    """

    r: float
    low: float
    high: float
    n: int

    @property
    def told(self) -> str:
        """One line of a title."""
        if np.isnan(self.r):
            return f"n = {self.n}: no r"
        interval = "" if np.isnan(self.low) else f" [{self.low:.2f}, {self.high:.2f}]"
        return f"r = {self.r:.3f}{interval}, n = {self.n}"


def related(table: pd.DataFrame, *, less_is_better: bool = False) -> Related:
    """Correlate x with y over rows, of which those of a lineage go together.

    Parameters
    ----------
    table : DataFrame
        Columns x, y and lineage; rows without x or y are left out.
    less_is_better : bool
        Of x, whose sign is then turned.
    """
    both = table.dropna(subset=["x", "y"])
    x, y = both["x"].to_numpy(np.float64), both["y"].to_numpy(np.float64)
    x = -x if less_is_better else x
    n = len(both)
    if n < LEAST or min(np.ptp(x), np.ptp(y)) == 0:
        return Related(np.nan, np.nan, np.nan, n)
    try:
        found = correlate(
            x, y, both["lineage"].to_numpy(str), ranked=False, resamples=RESAMPLES, seed=SEED
        )
    except NotComputableError:
        return Related(float(np.corrcoef(x, y)[0, 1]), np.nan, np.nan, n)
    return Related(found.value, found.low, found.high, n)
