"""The rung of seeds: a trained model beside what other draws of its untrained twin would reach."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit
from scipy.stats import false_discovery_control

from stages.ladder.rungs import beside_untrained, predicts, significant

Array = NDArray[np.float64]
LEAST = 2  # draws whose spread is known
TAIL = 0.025
# Why it is not asked of some claims.
ONE_SEED = "each was trained once"
FIRST_RUNG = "the first rung is over seeds already"
_PLACE = ["model", "region"]


def beyond_draws(differences: Array) -> tuple[Array, Array, Array, Array]:
    """Hold one case against the next draw from where a small sample is from.

    Student's t with the deviation of the sample times √(1 + 1 / n), as of one patient beside few
    controls (Crawford & Howell 1998, The Clinical Neuropsychologist 12:482): the draws are taken
    for normal, and the case for known.

    Parameters
    ----------
    differences : ndarray, shape (n_claims, n)
        Of the case from each draw; n is 2 at least.

    Returns
    -------
    value, low, high, p : ndarray, shape (n_claims,)
        Mean difference, the 95 % interval of that from the next draw, and one-sided p.
    """
    n = differences.shape[1]
    value = differences.mean(axis=1)
    error = np.maximum(differences.std(axis=1, ddof=1) * np.sqrt(1 + 1 / n), np.finfo(float).tiny)
    reach = -stdtrit(n - 1, TAIL) * error
    return value, value - reach, value + reach, stdtr(n - 1, -value / error)


def over_seeds(pairs: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Hold models against other draws of their untrained twins, which differ in seed alone.

    Parameters
    ----------
    pairs : DataFrame
        Of one metric and kind of subject; columns of `stages.core.results.pairs`.
    roll : DataFrame
        Of the models, with trained.

    Returns
    -------
    DataFrame
        Claims with value, low and high of `beyond_draws`, q over all of them, and why. Models
        with fewer than `LEAST` twins are left out.
    """
    twins = beside_untrained(pairs, roll)
    draws = twins.groupby([*_PLACE, "other"], sort=False)["difference"].mean().dropna()
    parts = []
    for place, rows in draws.groupby(_PLACE, sort=False):
        if len(rows) >= LEAST:
            told = [float(one.item()) for one in beyond_draws(rows.to_numpy(float)[None])]
            parts.append([*place, *told, f"beside {len(rows)} untrained draws"])
    columns = [*_PLACE, "value", "low", "high", "p", "why"]
    table = pd.DataFrame(parts, columns=columns).astype(dict.fromkeys(columns[2:6], float))
    q = false_discovery_control(table["p"]) if len(table) else table["p"]
    return significant(predicts(table.assign(q=q)))
