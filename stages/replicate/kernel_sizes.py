"""The published kernel-size analysis: scores of areas per bandwidth, derived again."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.results.replications import DIFFERS, MATCHES, NEEDS
from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError

SAME = 1e-9  # numbers derived from the same numbers agree to rounding
NARROW, WIDE = "cka_28", "cka_68"
SHOWN = "cka_36"  # of the table of correlations
LABEL = {"modality": "language"}
_SCORES = ("metric", "tgt_feature", "yeo7", "tgt_model", "score", "normalized_score")
_STATISTICS = ("mean", "std", "cv", "sign_consistency")


def read_scores(path: Path) -> pd.DataFrame:
    """Read language.csv: one score per metric, area (tgt_feature) and subject (tgt_model)."""
    return _read(path, _SCORES)


def read_changes(path: Path) -> pd.DataFrame:
    """Read 28_68_consistency.csv: how each area's score changes from bandwidth 28 to 68."""
    names = [f"{kind}_{name}" for kind in ("raw", "norm") for name in _STATISTICS]
    return _read(path, ("tgt_feature", "yeo7", *names))


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    do = "Restore the file from where it was fetched."
    table = read_delimited(path, do, dtype={"tgt_feature": str})
    absent = [name for name in columns if name not in table.columns]
    if absent:
        raise InputError("column missing", where=path, expected=absent, got=list(table.columns))
    return table.loc[:, list(columns)]


def normalise(scores: pd.DataFrame) -> "pd.Series[float]":
    """Standardise the scores of each metric over its areas and subjects (sample deviation)."""
    groups = scores.groupby("metric")["score"]
    return (scores["score"] - groups.transform("mean")) / groups.transform("std")


def check_normalised(scores: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Hold the published normalised scores against the scores beside them, per metric."""
    apart = (normalise(scores) - scores["normalized_score"]).abs()
    for metric, rows in apart.groupby(scores["metric"], sort=False):
        yield LABEL | {
            "benchmark": "all networks",
            "metric": metric,
            "n": len(rows),
            "statistic": "normalised_score",
            "value": float(rows.max()),
            "published": 0.0,
            "verdict": MATCHES if rows.max() < SAME else DIFFERS,
            "note": "largest difference from the published normalised score",
        }


def best_bandwidths(scores: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Find the bandwidth at which each network stands out most from the other areas.

    Yields
    ------
    dict
        A row per network: the bandwidth of the greatest mean normalised score over the network's
        areas and subjects.
    """
    kernels = scores[scores["metric"].str.match(r"cka_\d+$")]
    table = kernels.assign(
        normalised=normalise(kernels), bandwidth=kernels["metric"].str[4:].astype(int)
    )
    means = table.groupby(["yeo7", "bandwidth"], as_index=False)["normalised"].mean()
    areas = table.groupby("yeo7")["tgt_feature"].nunique().to_dict()
    grid = set(table["bandwidth"])
    for network, rows in means.groupby("yeo7"):
        best = rows.loc[rows["normalised"].idxmax()]
        edge = best["bandwidth"] in (min(grid), max(grid))
        yield LABEL | {
            "benchmark": network,
            "metric": "cka",
            "n": areas[network],
            "statistic": "best_bandwidth",
            "value": float(best["bandwidth"]),
            "note": f"mean normalised score {best['normalised']:.3f}"
            + (", at the end of the grid" if edge else ""),
        }


def score_changes(scores: pd.DataFrame) -> pd.DataFrame:
    """Describe how the score of each area changes from the narrow to the wide bandwidth.

    Returns
    -------
    DataFrame
        Per area: mean, deviation (population) and coefficient of variation over subjects, and the
        share of subjects with the sign of the mean, raw and normalised; and the network.
    """
    values = {"raw": scores["score"], "norm": normalise(scores)}
    columns: dict[str, Any] = {}
    for kind, value in values.items():
        wide = scores.assign(value=value).pivot_table(
            index="tgt_feature", columns=["metric", "tgt_model"], values="value"
        )
        change = pd.DataFrame(wide[WIDE]) - pd.DataFrame(wide[NARROW])
        mean, std = change.mean(axis=1), change.std(axis=1, ddof=0)
        agree = (change > 0).eq(mean > 0, axis=0)
        found = (mean, std, std / mean.abs(), agree.mean(axis=1))
        columns |= {f"{kind}_{name}": v for name, v in zip(_STATISTICS, found, strict=True)}
    columns["yeo7"] = scores.groupby("tgt_feature")["yeo7"].first()
    return pd.DataFrame(columns)


def check_changes(scores: pd.DataFrame, published: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Hold the published changes against those that follow from the published scores.

    Yields
    ------
    dict
        A row per network and statistic: the mean over areas, ours and published; the verdict is
        on every single area.

    Raises
    ------
    InputError
        If the two tables have other areas.
    """
    ours, theirs = score_changes(scores), published.set_index("tgt_feature")
    if set(ours.index) != set(theirs.index):
        odd = sorted(set(ours.index) ^ set(theirs.index))
        raise InputError("areas differ", where="language.csv and 28_68_consistency.csv", got=odd[0])
    theirs = theirs.loc[ours.index]
    for kind in ("raw", "norm"):
        for name in (f"{kind}_{statistic}" for statistic in _STATISTICS):
            apart = (ours[name] - theirs[name]).abs()
            alike = _alike(ours[name], theirs[name])
            for network, areas in ours.groupby("yeo7").groups.items():
                largest = float(apart[areas].max())
                yield LABEL | {
                    "benchmark": network,
                    "metric": f"{NARROW} to {WIDE[4:]}",
                    "n": len(areas),
                    "statistic": f"{name}_change" if name.endswith("mean") else name,
                    "value": float(ours.loc[areas, name].mean()),
                    "published": float(theirs.loc[areas, name].mean()),
                    "verdict": MATCHES if largest < SAME else DIFFERS,
                    "note": f"mean over areas; largest difference of an area {largest:.2g}{alike}",
                }


def _alike(ours: "pd.Series[float]", theirs: "pd.Series[float]") -> str:
    """How alike two statistics are over all areas, where both vary."""
    if ours.nunique() < 2 or theirs.nunique() < 2:
        return ""
    return f"; r over all {len(ours)} areas {ours.corr(theirs):.5f}"


def check_subjects(
    scores: pd.DataFrame, published: pd.DataFrame, modality: str
) -> Iterator[dict[str, Any]]:
    """List the published correlations between subjects, and those of language between areas.

    Parameters
    ----------
    scores : DataFrame
        From `read_scores`: language only.
    published : DataFrame, shape (n_subjects, n_subjects)
        lang_corr.csv or vision_corr.csv.
    modality : str
    """
    shown = scores[scores["metric"].eq(SHOWN)]
    areas = shown.pivot_table(index="tgt_feature", columns="tgt_model", values="score")
    ours = areas.corr()
    for first, second in combinations([str(name) for name in published.columns], 2):
        label = {"benchmark": f"{first} ~ {second}", "modality": modality}
        yield label | {
            "statistic": "between_subjects",
            "published": float(published[second][first]),
            "verdict": NEEDS,
            "needs": "what the correlation runs over, which no table says",
        }
        if modality == "language":
            yield label | {
                "metric": SHOWN,
                "n": len(areas),
                "statistic": "between_subjects_areas",
                "value": float(ours[second][first]),
                "note": "Pearson over areas; nothing published to hold it against",
            }
