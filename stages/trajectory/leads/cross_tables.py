"""Table of cross-predictions between alignment and performance over runs."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, GROUP, MEAN, PERFORMANCE
from stages.trajectory.curves.curve_names import turned
from stages.trajectory.leads.cross_prediction import TOO_FEW, Cross, cross_predict
from stages.trajectory.onsets.onset_tables import Asked

Array = NDArray[np.float64]
CROSS = (
    *("of", "weights", "metric", "region", "measure", "direction"),
    *("r", "p", "n_runs", "n_pairs", "reason"),
)


def cross_table(curves: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Let alignment predict later performance over runs, and performance later alignment.

    Parameters
    ----------
    curves : DataFrame
        The columns `CURVE`.
    asked : Asked

    Returns
    -------
    DataFrame
        The columns `CROSS`: per family, kind of weights, metric, region and measure, `direction`,
        `r`, `p`, `n_runs`, `n_pairs`, `reason`. Measures that fall with training are turned, so
        that r > 0 says that the better aligned run performs better later, and the other way round.
    """
    subject = curves["subject"].isin([GROUP, MEAN])
    aligned = curves[curves["side"].eq(ALIGNMENT) & curves["layer"].eq(CHOSEN) & subject]
    performed = curves[curves["side"].eq(PERFORMANCE)]
    rows: list[dict[str, Any]] = []
    by = ["of", "weights", "measure", "region"]
    for (of, weights, metric, region), one in aligned.groupby(by, sort=False):
        others = performed[performed["of"].eq(str(of)) & performed["weights"].eq(str(weights))]
        for measure, other in others.groupby("measure", sort=False):
            label = {"of": of, "weights": weights, "metric": metric, "region": region}
            label["measure"] = measure
            pairs = _pairs(one, other.assign(value=turned(str(measure)) * other["value"]))
            turned_round = [(outcome, predictor) for predictor, outcome in pairs]
            for direction, given in (
                ("alignment to performance", pairs),
                ("performance to alignment", turned_round),
            ):
                found = _predicted(given, asked)
                rows.append(label | {"direction": direction} | vars(found))
    return pd.DataFrame(rows, columns=list(CROSS))


def _predicted(pairs: list[tuple[Array, Array]], asked: Asked) -> Cross:
    if not pairs:
        return Cross(np.nan, np.nan, 0, 0, TOO_FEW)
    return cross_predict(pairs, asked.lag, asked.draws, asked.seed)


def _pairs(one: pd.DataFrame, other: pd.DataFrame) -> list[tuple[Array, Array]]:
    """Arrange runs × checkpoints of both, for every size, where all its runs have both."""
    pairs = []
    for size, rows in one.groupby("size", sort=False):
        left, right = _by_seed(rows), _by_seed(other[other["size"].eq(str(size))])
        seeds = left.index.intersection(right.index)
        steps = left.columns.intersection(right.columns).sort_values()
        if len(seeds) and len(steps):
            both = left.loc[seeds, steps], right.loc[seeds, steps]
            pairs.append((both[0].to_numpy(float), both[1].to_numpy(float)))
    return pairs


def _by_seed(rows: pd.DataFrame) -> pd.DataFrame:
    """Arrange curves as seeds × steps, without steps that a seed lacks."""
    values = rows.set_index(["seed", "step"])["value"]
    return values.unstack("step").dropna(axis=1)  # noqa: PD010 (pivot_table is slow)
