"""Correlations over models or words as numbers of the table, with their intervals."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import ConcordError
from stages.core.stats.correlation import correlate, p_value
from stages.core.stats.run_intervals import over_sizes
from stages.replicate.published_targets import Found

RESAMPLES, SEED = 2000, 0


def over_families(
    x: "pd.Series[float]",
    y: "pd.Series[float]",
    families: "pd.Series[str]",
    *,
    ranked: bool = False,
) -> Found:
    """Correlate over the models that have both, with an interval over families of models.

    The note tells p, as if models were independent and with those of a family together.
    """
    both = pd.DataFrame({"x": x, "y": y, "family": families}).dropna()
    got = correlate(
        both["x"].to_numpy(np.float64),
        both["y"].to_numpy(np.float64),
        both["family"].to_numpy(str),
        ranked=ranked,
        resamples=RESAMPLES,
        seed=SEED,
    )
    note = f"p {got.p_independent:.2g} over models, {got.p:.2g} over {got.families} families"
    return Found(got.value, got.low, got.high, got.n, note)


def over_people(values: "pd.Series[float]") -> Found:
    """Mean over people, with Student's interval."""
    given = values.to_numpy(np.float64)
    if not np.isfinite(given).all() or len(given) < 2:
        raise ConcordError("mean of people that cannot be made", got=given.tolist())
    each = over_sizes(np.asarray(given), np.arange(len(given)).astype(str))
    return Found(each.value, each.low, each.high, len(given))


def pearson_over(x: NDArray[np.float64], y: NDArray[np.float64]) -> Found:
    """Correlate over the items that have both; p in the note takes items for independent."""
    known = np.isfinite(x) & np.isfinite(y)
    n = int(known.sum())
    if n < 3:
        raise ConcordError("too few items to correlate", expected="at least 3", got=n)
    value = float(np.corrcoef(x[known], y[known])[0, 1])
    return Found(value, n=n, note=f"p {p_value(value, n - 2):.2g}, items taken for independent")
