"""The colours of values on maps of the brain."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

NARROWEST = 0.01  # range of colours where all values are the same


@dataclass(frozen=True)
class ColorScale:
    """Which colours values have.

    Attributes
    ----------
    cmap : str
        Name in Matplotlib.
    low, high : float
        Values of the first and the last colour.
    """

    cmap: str
    low: float
    high: float


def color_scale(values: "pd.Series[float]", *, diverging: bool = False) -> ColorScale:
    """Choose colours for values, of which at least one is known.

    Parameters
    ----------
    values : Series
        Missing values do not count.
    diverging : bool
        For differences: symmetric about 0. Otherwise from 0, or from the least value below it, to
        the greatest.
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if diverging:
        top = max(abs(low), abs(high), NARROWEST)
        return ColorScale("RdBu_r", -top, top)
    low = min(low, 0.0)
    return ColorScale("viridis", low, max(high, low + NARROWEST))


def correlation_scale(values: "pd.Series[float]") -> ColorScale:
    """Choose colours for correlations, of which at least one is known.

    From -1 to 1 if one is below 0. Otherwise up to 1 from the tenth below the least, so that high
    ones can be told apart.

    Parameters
    ----------
    values : Series
        Missing values do not count.
    """
    least = float(np.nanmin(values))
    if least < 0:
        return ColorScale("RdBu_r", -1.0, 1.0)
    return ColorScale("Reds", min(math.floor(10 * least), 9) / 10, 1.0)
