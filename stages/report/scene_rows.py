"""The scene study as rows: a map for every model and person, and the curves of its layers."""

from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pyarrow.parquet as pq

from stages.core.names.vocabulary import HELD_APART
from stages.core.results.shown import of_people
from stages.core.results.survey import read_tables
from stages.core.run.errors import InputError
from stages.core.run.sealed_parquet import UNREADABLE, read_origin
from stages.report.claim_rows import limits_of
from stages.report.model_rows import over_regions
from stages.report.page_notes import left_out

Texts: TypeAlias = "pd.Series[str]"
# What a page of five megabytes holds.
MOST_PLACES, MOST_LAYERS = 750_000, 60_000
PLACES = ["metric", "model", "modality", "subject", "region", "score", "null_mean", "q", "ceiling"]
RERUN = "Run `dvc repro survey_scene`."
CURVES = ["model", "modality", "subject", "region", "layer", "depth", "score"]
CURVES += ["null_mean", "null_sd", "q", "ceiling"]


def read_scene(survey: Path, metric: str) -> dict[str, pd.DataFrame]:
    """Read what is shown of the scene study.

    Parameters
    ----------
    survey : Path
        Folder of the survey.
    metric : str
        That answers the study's questions: maps are of it first, and of the others in their order
        while a page holds them; curves are of it alone, those of the best models first.

    Returns
    -------
    dict of str to DataFrame
        `places` (the layers chosen on other data, by metric, model, person and area), `curves` (all
        layers, of the same), `scene_models` (means over areas and people), `scene_limits` (chance
        and ceiling of what claims are of) and `scene_left_out`.

    Raises
    ------
    InputError
        If a table is missing or unreadable, or has no row of the metric.
    """
    found = read_tables(survey, ("models", "means", "regions"))
    metrics, unheld = metrics_held(survey / "best.parquet", metric)
    best = read_tables(survey, ["best"], {"metric": metrics})["best"]
    best = best[best["kind"] != "ceiling"]
    if not (best["metric"] == metric).any():
        raise InputError("no score", where=survey / "best.parquet", expected=metric, do=RERUN)
    places = of_people(best)[[*PLACES, "layer", "network"]].reset_index(drop=True)
    order = order_of_models(best[best["metric"] == metric])
    drawn = models_held(survey / "scores.parquet", metric, order)
    lines = [f"maps by {', '.join(unheld)}"] if unheld else []
    lines += [f"curves of all but the best {len(drawn)} models"] if len(drawn) < len(order) else []
    layers = read_tables(survey, ["scores"], _kept(metric) | {"model": drawn})["scores"]
    return {
        "places": places,
        "curves": of_people(layers)[CURVES].reset_index(drop=True),
        "scene_limits": limits_of("scene", best),
        "scene_models": scene_models(found["means"], found["models"], metrics_of(found["means"])),
        "scene_left_out": left_out("cortex", *lines),
    }


def metrics_of(table: pd.DataFrame) -> list[str]:
    """Name the metrics of a table, in their order."""
    return [str(one) for one in table["metric"].unique()]


def metrics_held(path: Path, first: str) -> tuple[list[str], list[str]]:
    """Choose metrics whose rows a page holds, one always, others in their order; name the rest."""
    column = _column(path, "metric")
    counts = {str(name): int(n) for name, n in column.value_counts(sort=False).items()}
    held, rows = [first], counts.get(first, 0)
    for metric in (name for name in counts if name != first):
        if rows + counts[metric] <= MOST_PLACES:
            held.append(metric)
            rows += counts[metric]
    return held, [name for name in counts if name not in held]


def _column(path: Path, name: str, rows: list[tuple[str, str, list[str]]] | None = None) -> Texts:
    """Read one column of a table that may be large, of rows that are asked for."""
    read_origin(path, RERUN)
    try:
        column: Texts = pq.read_table(path, columns=[name], filters=rows)[name].to_pandas()
    except UNREADABLE as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable parquet", where=path, got=got, do=RERUN) from error
    return column


def order_of_models(best: pd.DataFrame) -> list[str]:
    """Name models by their mean score, the best first."""
    means = best.groupby("model", sort=False)["score"].mean()
    return [str(one) for one in means.sort_values(ascending=False, kind="stable").index]


def models_held(path: Path, metric: str, models: list[str]) -> list[str]:
    """Choose models whose layers a page holds: of these, the first ones."""
    rows = [(name, "in", values) for name, values in _kept(metric).items()]
    totals = _column(path, "model", rows).value_counts().reindex(models).fillna(0).cumsum()
    return [name for name in models if totals[name] <= MOST_LAYERS]


def _kept(metric: str) -> dict[str, list[str]]:
    """Say which scores of layers are shown: of one metric, and of images that chose no layer."""
    return {"metric": [metric], "split": list(HELD_APART), "kind": ["layer"]}


def scene_models(means: pd.DataFrame, models: pd.DataFrame, metrics: list[str]) -> pd.DataFrame:
    """Average scores over areas, by model and metric; a model that failed has its error.

    Returns
    -------
    DataFrame
        Columns model, modality, trained, architecture, parameters, layers, width, error, metric,
        regions, found (with q below .05 in the median), score, null, ceiling,
        share (of the ceiling, over the areas that have one).
    """
    table = over_regions(means, ["model", "modality", "metric"])
    roll = models[["model", "trained", "architecture", "parameters", "layers", "width", "error"]]
    table = table.merge(roll, on="model", how="left", validate="many_to_one")
    failed = models[~models["model"].isin(table["model"])]
    lost = failed.merge(pd.DataFrame({"metric": metrics or [""]}), how="cross")
    return pd.concat([table, lost.reindex(columns=list(table))], ignore_index=True)
