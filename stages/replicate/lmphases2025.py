"""Michaelov et al. (2025): how far surprisal is n-grams, frequency and similarity, in training."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from stages.core.results.replications import RECOMPUTED
from stages.core.run.errors import InputError
from stages.replicate.plain_tables import read_plain
from stages.replicate.published_targets import Found, Target

NAME = "lmphases2025/regression_performance.tsv"
FAMILY, SIZE, REGRESSION = "pythia", "14m", "UnmatchedNgram_UCDCC"
PEAK = 256
OF = "Pythia-14m"
TARGETS = (
    Target(f"{OF}, seeds", "10", 0.0, RECOMPUTED),
    Target(f"{OF}, seeds whose R² is greatest at step {PEAK}", "10", 0.0, RECOMPUTED),
    Target(f"{OF}, least of the greatest R²", ".87", 0.02, RECOMPUTED),
    Target(f"{OF}, greatest of the greatest R²", ".90", 0.02, RECOMPUTED),
    Target(f"{OF}, least R² at the end", ".68", 0.02, RECOMPUTED),
    Target(f"{OF}, greatest R² at the end", ".77", 0.02, RECOMPUTED),
    Target(f"{OF}, seeds that peak there, fewest of eight regressions", ""),
)


def derive_lmphases(files: Mapping[str, Path]) -> dict[str, Found]:
    """Find where the ten seeds of the smallest Pythia have their greatest R².

    Raises
    ------
    InputError
        If the table is unreadable, or lacks the regression or a step of a seed.
    """
    texts = ("RegressionType", "ModelFamily", "ModelSize", "ModelSeed")
    table = read_plain(files[NAME], texts, ("ModelStep", "Rsquared"), "\t")
    own = table[table["ModelFamily"].eq(FAMILY) & table["ModelSize"].eq(SIZE)]
    curves = {str(name): _curves(part, files[NAME]) for name, part in own.groupby(texts[0])}
    if REGRESSION not in curves:
        raise InputError("regression missing", where=files[NAME], expected=REGRESSION)
    shown = curves[REGRESSION]
    n = len(shown)
    peaks, ends = shown.max(axis=1), shown.iloc[:, -1]
    at = {name: int(curve.idxmax(axis=1).eq(PEAK).sum()) for name, curve in curves.items()}
    return {
        f"{OF}, seeds": Found(n, n=n),
        f"{OF}, seeds whose R² is greatest at step {PEAK}": Found(at[REGRESSION], n=n),
        f"{OF}, least of the greatest R²": Found(float(peaks.min()), n=n),
        f"{OF}, greatest of the greatest R²": Found(float(peaks.max()), n=n),
        f"{OF}, least R² at the end": Found(float(ends.min()), n=n),
        f"{OF}, greatest R² at the end": Found(float(ends.max()), n=n),
        f"{OF}, seeds that peak there, fewest of eight regressions": Found(
            min(at.values()), n=n, note=f"{len(at)} regressions"
        ),
    }


def _curves(own: pd.DataFrame, where: Path) -> pd.DataFrame:
    """R² by seed and step."""
    if own.duplicated(["ModelSeed", "ModelStep"]).any():
        raise InputError("step that occurs twice", where=where)
    curves = own.pivot_table(index="ModelSeed", columns="ModelStep", values="Rsquared")
    if curves.isna().any(axis=None):
        raise InputError("seed that lacks a step", where=where)
    return curves
