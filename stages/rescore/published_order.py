"""From scores of single voxels, electrodes or people to one number, in the published order."""

import numpy as np
import pandas as pd

NORMAL = 1.4826  # standard deviations per median absolute deviation of normal numbers


def over_people(scores: "pd.Series[float]", people: "pd.Series[str]") -> dict[str, float]:
    """Take the median over the targets of each person, and then over people.

    Parameters
    ----------
    scores : Series of float
        Of every target.
    people : Series of str
        Whose it is.

    Returns
    -------
    dict
        `score`, and `error`, its median absolute deviation over people, scaled as a standard
        deviation: how people differ, not how sure the score is.
    """
    each = scores.groupby(people.to_numpy()).median()
    error = NORMAL * float(np.median(np.abs(each - each.median())))
    return {"score": float(each.median()), "error": error}
