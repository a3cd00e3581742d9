"""Table of orders: which layers and regions get their alignment first."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.areas import NETWORKS
from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE, GROUP, MEAN
from stages.core.stats.run_intervals import Mean
from stages.trajectory.onsets.onset_order import Order, against_order, between_runs, relative_onsets
from stages.trajectory.onsets.onset_tables import HALF
from stages.trajectory.planted.family_truth import FamilyTruth

ORDER = (
    *("of", "weights", "metric", "axis", "place", "against", "octave", "low", "high", "rank"),
    *("rho", "p", "n_runs", "left_out", "reason"),
)
TOLD = ("rho", "low", "high", "p", "n_runs", "reason")


def order_table(onsets: pd.DataFrame, truth: Mapping[str, FamilyTruth], draws: int) -> pd.DataFrame:
    """Order regions and layers by the time at which their alignment is half way.

    Parameters
    ----------
    onsets : DataFrame
        From `run_onsets`; the share 0.5 must be among them.
    truth : mapping of str to FamilyTruth
        By family, where one was planted. Layers are also held against their depth.
    draws : int
        Permutations.

    Returns
    -------
    DataFrame
        The columns `ORDER`: per family, kind of weights and metric, and `axis` (region, network or
        layer). Rows of one `place`: its `octave` relative to the mean of its run's places, with
        `low`, `high` and `rank`. Rows without: `against` an order (`depth`, `truth` or `other
        runs`), `rho` with interval and `p`. `n_runs` of those that have a time in all places that
        are compared, `left_out` names places without a time in some run.
    """
    rows: list[dict[str, Any]] = []
    half = onsets[onsets["share"].eq(HALF) & onsets["side"].eq(ALIGNMENT)]
    half = half[half["subject"].isin([GROUP, MEAN])]
    chosen = half[half["layer"].eq(CHOSEN) & half["region"].ne(EVERYWHERE)]
    of_network = chosen["region"].isin(NETWORKS)
    by_layer = half[half["layer"].ne(CHOSEN) & half["region"].eq(EVERYWHERE)]
    tables = {"region": chosen[~of_network], "network": chosen[of_network], "layer": by_layer}
    for axis, table in tables.items():
        for (of, weights, metric), part in table.groupby(["of", "weights", "measure"], sort=False):
            label = {"of": of, "weights": weights, "metric": metric, "axis": axis}
            known = truth[str(of)].order(axis) if of in truth else []
            rows += [label | row for row in _orders(part, axis, known, draws)]
    return pd.DataFrame(rows, columns=list(ORDER))


def _orders(
    part: pd.DataFrame, axis: str, known: list[str], draws: int
) -> Iterator[dict[str, Any]]:
    column = "layer" if axis == "layer" else "region"
    wide = part.pivot_table(
        index=["size", "seed"], columns=column, values="octave", dropna=False, aggfunc="first"
    )
    whole = wide.loc[wide.notna().any(axis=1)].dropna(axis=1)
    left = ", ".join(str(name) for name in wide.columns if name not in whole.columns)
    if whole.empty or whole.shape[1] < 2:
        reason = "fewer than two places have a time in all runs"
        yield {"place": "", "against": "", "n_runs": len(whole), "left_out": left, "reason": reason}
        return
    times, sizes = whole.to_numpy(float), whole.index.get_level_values("size").to_numpy(str)
    places = [str(name) for name in whole.columns]
    means = relative_onsets(times, sizes)
    ranks = pd.Series([mean.value for mean in means]).rank()
    for place, mean, rank in zip(places, means, ranks, strict=True):
        told = {"octave": mean.value, "low": mean.low, "high": mean.high, "rank": rank}
        yield {"place": place, "against": "", "n_runs": mean.n, "reason": mean.reason} | told
    for against, order in _given(places, axis, known).items():
        held = np.isfinite(order)
        yield _agreement(against, against_order(times[:, held], order[held], sizes, draws), left)
    yield _agreement("other runs", between_runs(times, draws), left)


def _given(places: list[str], axis: str, known: list[str]) -> dict[str, "np.ndarray[Any, Any]"]:
    """Orders that places can be held against; missing for places that an order does not know."""
    given = {}
    if axis == "layer":
        given["depth"] = np.arange(len(places), dtype=float)  # names sort by depth
    if len(set(places) & set(known)) > 2:
        order = {place: float(rank) for rank, place in enumerate(known)}
        given["truth"] = np.array([order.get(place, np.nan) for place in places])
    return given


def _agreement(against: str, order: Order, left: str) -> dict[str, Any]:
    rho: Mean = order.rho
    values = (rho.value, rho.low, rho.high, order.p, rho.n, rho.reason)
    told = dict(zip(TOLD, values, strict=True))
    return {"place": "", "against": against, "left_out": left} | told
