"""The rung of seeds: a trained model beside what other draws of its untrained twin would reach."""

import pandas as pd
from scipy.stats import false_discovery_control

from stages.core.stats.single_case import beyond_draws
from stages.ladder.rungs import beside_untrained, predicts, significant

LEAST = 2  # draws whose spread is known
# Why it is not asked of some claims.
ONE_SEED = "each was trained once"
FIRST_RUNG = "the first rung is over seeds already"
_PLACE = ["model", "region"]


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
