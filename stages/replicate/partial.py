"""Published correlations with performance, once size is held constant."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from stages.core.results.replications import NEEDS
from stages.replicate.published import Entry, fisher_interval

SIZES = {"vision": "#Params (M)", "language": "#Params (B)"}


def partial_correlation(xy: float, xz: float, yz: float) -> float:
    """Correlate x and y given z, from their three correlations.

    Returns
    -------
    float
        Missing if no three quantities can be correlated so.
    """
    left = (1 - xz * xz) * (1 - yz * yz)
    if left <= 0:
        return float("nan")
    value = (xy - xz * yz) / np.sqrt(left)
    return float(value) if abs(value) <= 1 else float("nan")


def check_partial(entries: list[Entry], benchmarks: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Partial out the number of parameters from the published correlations.

    The published table has alignment ~ benchmark and alignment ~ parameters; benchmark ~
    parameters follows from the tables of benchmarks.

    Parameters
    ----------
    entries : list of Entry
    benchmarks : DataFrame
        From `read_benchmarks`. Of vision, all models of the tables stand for those studied (two
        more than were). Of language, those with an Elo score do, as the tables do not say which
        were studied: a rough guess, without interval.

    Yields
    ------
    dict
        Rows of `partial_pearson` (given parameters) and `partial_spearman` (given their rank).
        The interval takes models for independent: single models' alignments would be needed to
        do better. Nothing was published to hold them against.
    """
    published = {(e.modality, e.statistic, e.benchmark): e for e in entries}
    studied = stand_ins(benchmarks)
    for (modality, benchmark), scores in studied.groupby(["modality", "benchmark"], sort=False):
        for statistic in ("pearson", "spearman"):
            entry = published.get((str(modality), statistic, str(benchmark)))
            size = published.get((str(modality), statistic, SIZES[str(modality)]))
            if entry is None or size is None:
                continue
            yield _partial(entry, size, scores, statistic)


def stand_ins(benchmarks: pd.DataFrame) -> pd.DataFrame:
    """Rows with a size; of language, those of models with an Elo score only."""
    elo = set(benchmarks.loc[benchmarks["benchmark"].eq("elo"), "key"])
    known = benchmarks["modality"].eq("vision") | benchmarks["key"].isin(elo)
    return benchmarks[known & benchmarks["parameters"].notna()]


def _partial(entry: Entry, size: Entry, scores: pd.DataFrame, statistic: str) -> dict[str, Any]:
    r = float(scores["value"].corr(scores["parameters"], method=statistic))  # type: ignore[arg-type]
    value = partial_correlation(entry.r.value, size.r.value, r)
    rounded = [partial_correlation(xy, xz, r) for xy, xz in product(entry.r_ends, size.r_ends)]
    row = entry.label | {"statistic": f"partial_{statistic}"}
    if np.isnan(value):
        note = "as rounded, no three quantities can be correlated so"
        return row | {"verdict": NEEDS, "needs": entry.needs, "note": note}
    if entry.modality == "vision":
        low, high = fisher_interval(value, entry.n - 1, statistic)
        row |= {"low": low, "high": high}
    return row | {
        "value": value,
        "note": (
            f"given parameters: alignment ~ parameters {size.r.value:.2f} as published, "
            f"{entry.benchmark} ~ parameters {r:.3f} over {len(scores)} models; "
            f"rounding leaves {np.nanmin(rounded):.2f} to {np.nanmax(rounded):.2f}"
        ),
    }
