"""Alignment of the models studied beside what they can do and how large they are."""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.models import parse_model
from stages.core.results.benchmarks import key
from stages.core.stats.correlation import NotComputableError, correlate
from stages.relate.model_names import is_benchmarked, join, lineage, without_owner, without_tag

logger = logging.getLogger("concord.relate")
SHORTEN = {"vision": without_tag, "language": without_owner}
COVARIATES = ["log_parameters", "log_width"]


def trained_models(best: pd.DataFrame, models: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Average the alignment of every trained model over subjects and regions.

    Parameters
    ----------
    best, models : DataFrame
        Tables of the survey; `best` holds scores of layers chosen on other data.
    metric : str

    Returns
    -------
    DataFrame
        One row per model and modality of its towers: model, modality, alignment, name, key
        (empty where no published score can be its own), family, and the decimal logarithms of
        parameters and width. Subjects and regions that not all models have are left out, models
        without any, or without a size, too; both are logged.
    """
    eligible = models[models["trained"] & models["modality"].ne("noise")]
    eligible = eligible[eligible["error"].eq("")].set_index("model")
    rows = best[best["metric"].eq(metric) & best["model"].isin(eligible.index)]
    absent = [str(name) for name in eligible.index if name not in set(rows["model"])]
    if absent:
        logger.warning("models left out: not among the best layers: %s", ", ".join(absent))
    towers = [_aligned(part, str(modality)) for modality, part in rows.groupby("modality")]
    if not towers:
        return pd.DataFrame(columns=["model", "modality", "alignment", "key", "family"])
    table = pd.concat(towers, ignore_index=True)
    specs = {name: parse_model(str(eligible.loc[name, "string"]), {}) for name in eligible.index}
    table["key"] = [
        key(specs[name].name) if is_benchmarked(specs[name]) else "" for name in table["model"]
    ]
    table["family"] = [lineage(specs[name].name) for name in table["model"]]
    for size in ("parameters", "width"):
        values = table["model"].map(eligible[size]).astype(float)
        table[f"log_{size}"] = np.log10(values.where(values > 0))
    sizeless = table[COVARIATES].isna().any(axis=1)
    if sizeless.any():
        logger.warning("models left out: no size: %s", ", ".join(table.loc[sizeless, "model"]))
    return table[~sizeless].reset_index(drop=True)


def _aligned(rows: pd.DataFrame, modality: str) -> pd.DataFrame:
    """Mean over the subjects and regions that all models of a modality have."""
    wide = rows.pivot_table(index="model", columns=["subject", "region"], values="score")
    common = wide.dropna(axis=1)
    if common.shape[1] < wide.shape[1]:
        logger.warning(
            "%s: %d of %d subjects × regions left out: not all models have them",
            modality,
            wide.shape[1] - common.shape[1],
            wide.shape[1],
        )
    if common.shape[1] == 0:
        logger.warning("%s: left out: no region that all models have", modality)
        return pd.DataFrame(columns=["model", "modality", "alignment"])
    mean = common.mean(axis=1)
    return pd.DataFrame(
        {"model": mean.index.to_numpy(), "modality": modality, "alignment": mean.to_numpy()}
    )


def relate_zoo(
    models: pd.DataFrame, benchmarks: pd.DataFrame, metric: str, resamples: int, seed: int
) -> Iterator[dict[str, Any]]:
    """Correlate alignment with every benchmark and with size, within each modality.

    Parameters
    ----------
    models : DataFrame
        From `trained_models`.
    benchmarks : DataFrame
        From `read_benchmarks`; no rows where there is none.
    metric : str
        For the rows.
    resamples, seed : int

    Yields
    ------
    dict
        Rows of the table: Pearson and Spearman, and with benchmarks also both given the
        logarithms of parameters and width. What cannot be computed is counted in the log, by
        modality and reason.
    """
    sampling = {"resamples": resamples, "seed": seed}
    for modality, aligned in models.groupby("modality"):
        asked: list[tuple[str, pd.DataFrame, pd.Series[float], bool]] = [
            (size, aligned, aligned[size], False) for size in COVARIATES
        ]
        own = benchmarks[benchmarks["modality"].eq(modality)]
        for benchmark, scores in own.groupby("benchmark", sort=False):
            found = _scores(aligned, scores, str(benchmark), str(modality))
            asked.append((str(benchmark), aligned.loc[found.index], found, True))
        reasons: Counter[str] = Counter()
        for benchmark, some, other, given_size in asked:
            label = {"benchmark": benchmark, "modality": modality, "metric": metric}
            yield from _related(
                label, some, other, given_size=given_size, sampling=sampling, reasons=reasons
            )
        for reason, count in reasons.items():
            logger.warning("%s: %d correlations not computed: %s", modality, count, reason)


def _scores(
    aligned: pd.DataFrame, scores: pd.DataFrame, benchmark: str, modality: str
) -> "pd.Series[float]":
    """Benchmark scores of those models that have one, by row."""
    named = aligned[aligned["key"].ne("")]
    unnamed = aligned.loc[aligned["key"].eq(""), "model"]
    if len(unnamed):
        logger.warning("%s: no published score can be that of %s", benchmark, ", ".join(unnamed))
    asked = dict(zip(named["model"], named["key"], strict=True))
    found = join(asked, scores["key"], SHORTEN[modality], benchmark)
    rows = named[named["model"].isin(found)]
    values = scores.set_index("key")["value"]
    return pd.Series([values[found[name]] for name in rows["model"]], rows.index, dtype=float)


def _related(
    label: dict[str, Any],
    aligned: pd.DataFrame,
    other: "pd.Series[float]",
    *,
    given_size: bool,
    sampling: dict[str, int],
    reasons: Counter[str],
) -> Iterator[dict[str, Any]]:
    """Correlate by every statistic; `reasons` counts why some could not be computed."""
    for statistic in ("pearson", "spearman", "partial_pearson", "partial_spearman"):
        partial = statistic.startswith("partial_")
        if partial and not given_size:
            continue
        try:
            found = correlate(
                aligned["alignment"].to_numpy(np.float64),
                np.asarray(other, dtype=np.float64),
                aligned["family"].to_numpy(str),
                aligned[COVARIATES].to_numpy(float) if partial else None,
                ranked=statistic.endswith("spearman"),
                **sampling,
            )
        except NotComputableError as why:
            reasons[str(why)] += 1
            continue
        yield {"source": "zoo"} | label | {"statistic": statistic} | vars(found)
