"""Table of how far alignment rises, over runs and over stimuli."""

from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN
from stages.core.stats.run_intervals import Mean, over_runs
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.rises.control_tables import RUNS
from stages.trajectory.rises.run_rises import common_ends, of_size, rises_of_runs, sizes_of, whole
from stages.trajectory.rises.stimulus_intervals import (
    PLACE,
    STIMULI,
    Shares,
    over_pieces,
    piece_rises,
)

KEY = ["of", "weights", "metric", "region"]
RISES = (*KEY, "size", "over", "rise", "low", "high", "p", "n_runs", "reason")
SHORT = "too few checkpoints"


def rise_table(curves: pd.DataFrame, pieces: Shares, ends: Ends) -> pd.DataFrame:
    """Take the rise of every family's alignment, of the chosen layer and all people together.

    Parameters
    ----------
    curves : DataFrame
        The columns `CURVE`.
    pieces : mapping
        From `shares_by_place`.
    ends : Ends

    Returns
    -------
    DataFrame
        The columns `RISES`: per family, kind of weights, region and size (empty for all), the mean
        `rise` of its runs over the steps that all of them have, twice: `low`, `high` (95 %) and `p`
        (one-sided) `over` new runs, and `over` other stimuli that these very runs are shown.
        `reason` says why there is no interval.
    """
    main = whole(curves[curves["side"].eq(ALIGNMENT) & curves["layer"].eq(CHOSEN)])
    rows: list[dict[str, Any]] = []
    for place, runs in main.groupby(PLACE, sort=False):
        for size in sizes_of(runs):
            own = of_size(runs, size)
            label = dict(zip(KEY, place, strict=True)) | {"size": size}
            steps, rises = common_ends(own, own, ends), rises_of_runs(own, own.iloc[:0], ends)[0]
            mean = _over_runs(rises)
            rows.append(label | {"over": RUNS} | _told(mean))
            by = piece_rises(pieces.get(place), rises.index, *(steps or ((), ())))
            found = over_pieces([by], lambda one: _over_runs(one).value, mean)
            rows.append(label | {"over": STIMULI} | _told(found))
    return pd.DataFrame(rows, columns=list(RISES))


def _over_runs(rises: pd.DataFrame) -> Mean:
    if rises.shape[1] == 0:
        return Mean(np.nan, np.nan, np.nan, np.nan, 0, SHORT)
    sizes = rises.index.get_level_values("size").to_numpy(str)
    return over_runs(rises.iloc[:, 0].to_numpy(float), sizes)


def _told(mean: Mean) -> dict[str, Any]:
    told = {"rise": mean.value, "low": mean.low, "high": mean.high, "p": mean.p}
    return told | {"n_runs": mean.n, "reason": mean.reason}
