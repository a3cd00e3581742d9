"""Means of made-up scores over people, as the survey has them."""

from stages.core.results.survey import TABLES


def means_of(best):
    by = ["model", "modality", "metric", "region"]
    cells = best[best["kind"] == "nested"].groupby(by, sort=False)
    table = cells.agg(
        score=("score", "mean"),
        null=("null_mean", "mean"),
        ceiling=("ceiling", "mean"),
        q=("q", "max"),
    ).reset_index()
    return table.assign(best_layer="blocks.0", null_kind="closed")[list(TABLES["means"])]
