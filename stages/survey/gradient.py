"""The gradient: whether deeper layers align with regions further to the front of the brain."""

import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from stages.core.names.vocabulary import MEAN
from stages.core.results.survey import TABLES
from stages.survey.all_scores import KEYS

Array = NDArray[np.float64]
QUANTITIES = ("best_depth", "depth_centre")
FEWEST = 5  # regions; fewer have too few orders for a null
PERMUTATIONS = 9999
_GRADIENT = ["model", "modality", "metric", "quantity"]

log = logging.getLogger("concord.survey")


def gradients(
    best: pd.DataFrame, centres: pd.DataFrame, regions: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Correlate depth with place, from the back of the brain to the front.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.choice.choose_layers`.
    centres : DataFrame
        Made by `stages.survey.depths.depth_centre`.
    regions : DataFrame
        Made by `stages.survey.places.region_table`; its y ascends to the front.
    seed : int
        Of the permutations.

    Returns
    -------
    DataFrame
        Per model, subject (and `mean`), metric and quantity (`best_depth` of the chosen layer,
        `depth_centre` of all layers): Spearman's correlation and its two-sided p over permuted
        regions, which takes regions for exchangeable although neighbours are alike. Only where
        five or more regions have coordinates; where all are equally deep, left out by name.
    """
    values = _values(best, centres, regions)
    rows = [row for _, one in values.groupby("subject", sort=False) for row in _of_one(one, seed)]
    table = pd.DataFrame(rows, columns=list(TABLES["gradient"]))
    return table.astype({"regions": int, "spearman": float, "p": float})


def _values(best: pd.DataFrame, centres: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Make the long table of depths with y, the means over subjects included."""
    depths = best.rename(columns={"depth": "best_depth"})
    tables = zip(QUANTITIES, (depths, centres), strict=True)
    long = pd.concat(
        [
            table[KEYS].assign(quantity=name, value=table[name].astype(float))
            for name, table in tables
        ]
    )
    place = regions.groupby(["subject", "region"], sort=False)["y"].mean().reset_index()
    long = _with_mean(long.dropna(subset=["value"]), [*_GRADIENT, "region"])
    place = _with_mean(place, ["region"])
    long = long.merge(place, on=["subject", "region"], how="left", validate="many_to_one")
    return long.dropna(subset=["y"])


def _with_mean(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Append the mean over subjects of the last column."""
    mean = table.groupby(by, sort=False)[table.columns[-1]].mean().reset_index()
    return pd.concat([table, mean.assign(subject=MEAN)], ignore_index=True)


def _of_one(values: pd.DataFrame, seed: int) -> Iterator[dict[str, object]]:
    """Gradients of one subject: all quantities known for the same regions at once."""
    subject, y = str(values["subject"].iloc[0]), values.groupby("region")["y"].first()
    wide = values.pivot_table(index=_GRADIENT, columns="region", values="value", sort=False)
    for _, rows in wide.groupby(wide.notna().apply(tuple, axis=1), sort=False):
        known = rows.dropna(axis="columns")
        if known.shape[1] < FEWEST:
            log.warning(
                "no gradient for subject %s: expected at least %d regions with a place, got %d",
                *(subject, FEWEST, known.shape[1]),
            )
            continue
        at, rng = y[known.columns].to_numpy(float), np.random.default_rng(seed)
        rho, p = permuted_spearman(known.to_numpy(float), at, PERMUTATIONS, rng)
        for name, one, chance in zip(known.index, rho, p, strict=True):
            label = {"subject": subject, **dict(zip(_GRADIENT, name, strict=True))}
            if np.isfinite(one):
                yield label | {"regions": known.shape[1], "spearman": one, "p": chance}
            else:
                said = ", ".join(label.values())
                log.warning("no gradient, since all regions are equally deep: %s", said)


def permuted_spearman(
    values: Array, y: Array, permutations: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Correlate rows of values with y, and hold it against permutations of y.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_regions)
    y : ndarray, shape (n_regions,)
        Not constant.
    permutations : int
    rng : Generator

    Returns
    -------
    rho, p : ndarray, shape (n_rows,)
        p = (b + 1) / (m + 1) with b the permutations that reach the correlation in size (Phipson &
        Smyth 2010). Both are missing where a row is constant.
    """
    ranks, places = _unit_ranks(values), _unit_ranks(y[None])
    rho: Array = (ranks @ places.T)[:, 0]
    orders = rng.permuted(np.tile(np.arange(len(y)), (permutations, 1)), axis=1)
    null = ranks @ places[0][orders].T
    reached = (np.abs(null) >= np.abs(rho)[:, None] - 1e-12).sum(axis=1)
    p: Array = np.where(np.isfinite(rho), (reached + 1) / (permutations + 1), np.nan)
    return rho, p


def _unit_ranks(values: Array) -> Array:
    """Ranks of each row, centred, of unit length; missing where the row is constant."""
    ranks = rankdata(values, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    length = np.linalg.norm(ranks, axis=1, keepdims=True)
    units: Array = ranks / np.where(length > 0, length, np.nan)
    return units
