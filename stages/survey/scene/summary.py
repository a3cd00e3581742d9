"""The numbers that go into `align.json` and `survey.json` of `data/results/summary`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import GROUP, HELD_APART, MEAN, NOISE, SIGNIFICANT
from stages.core.results.results import rounded
from stages.core.results.survey import TABLES

Summary = dict[str, Any]
BOTH = "both"  # kinds of nulls
_CELL = ["model", "modality", "metric", "region"]


def region_means(best: pd.DataFrame) -> pd.DataFrame:
    """Average what a model's chosen layers score over subjects.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.scene.choice.choose_layers`, with q.

    Returns
    -------
    DataFrame
        By model, modality of the tower, metric and region: `best_layer`, the most frequent over
        subjects; means over subjects of `score`, of the `null` and of the `ceiling` (missing where
        that of somebody is); the median `q`; and `null_kind`, how the p behind it were found: all
        `closed`, all `drawn`, or `both`. Where a recording has the average of its subjects, all
        are those of the average.
    """
    average = best["subject"] == GROUP
    known = average.groupby([best[name] for name in _CELL], sort=False).transform("any")
    cells = best[average | ~known].groupby(_CELL, sort=False)
    means = cells.agg(
        score=("score", "mean"),
        null=("null_mean", "mean"),
        ceiling=("ceiling", lambda one: one.mean(skipna=False)),
        q=("q", "median"),
        null_kind=("null_kind", _common),
    ).reset_index()
    counts = cells["layer"].value_counts().reset_index()
    counts = counts.sort_values(["count", "layer"], ascending=[False, True], kind="stable")
    usual = counts.drop_duplicates(_CELL).rename(columns={"layer": "best_layer"})
    return means.merge(usual, on=_CELL, validate="one_to_one")[list(TABLES["means"])]


def _common(kinds: "pd.Series[str]") -> str:
    first = str(kinds.iloc[0])
    return first if (kinds == first).all() else BOTH


def summarise_models(means: pd.DataFrame) -> dict[str, dict[str, Summary]]:
    """Sum up every model and metric; by region, all is in `means`.

    Parameters
    ----------
    means : DataFrame
        Made by `region_means`.

    Returns
    -------
    dict
        By model (`NAME.vision` and `NAME.language` of one with two towers) and metric: means over
        `regions` (how many) of the `score`, the `null` and the `ceiling` where there is one;
        `significant`, the share of regions with q below .05; and the `best_region`, with its
        `best_score` and `best_layer`.
    """
    summary: dict[str, dict[str, Summary]] = {}
    for (name, metric), rows in means.groupby([_towers(means), "metric"], sort=False):
        summary.setdefault(str(name), {})[str(metric)] = _over_regions(rows)
    return summary


def _over_regions(rows: pd.DataFrame) -> Summary:
    best = rows.sort_values("score", ascending=False, kind="stable").iloc[0]
    summary: Summary = {
        "regions": len(rows),
        "score": rounded(rows["score"].mean()),
        "null": rounded(rows["null"].mean()),
        "significant": rounded((rows["q"] < SIGNIFICANT).mean()),
        "best_region": str(best["region"]),
        "best_score": rounded(best["score"]),
        "best_layer": str(best["best_layer"]),
    }
    ceiling = rows["ceiling"].mean()
    return summary | ({"ceiling": rounded(ceiling)} if np.isfinite(ceiling) else {})


def _towers(table: pd.DataFrame) -> "pd.Series[str]":
    """Name the model of each row, and its tower where it has two."""
    towers = table.groupby("model", sort=False)["modality"].transform("nunique")
    return table["model"].where(towers <= 1, table["model"] + "." + table["modality"])


def summarise(tables: Mapping[str, pd.DataFrame], flags: pd.DataFrame, metric: str) -> Summary:
    """Sum up the survey.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of the survey: models, gradient, consistency and contrast.
    flags : DataFrame
        Made by `sum_flags`.
    metric : str
        That answers the questions.

    Returns
    -------
    dict
        `models` and `failed`, how many; by that metric and of trained models, `gradient`
        (Spearman's correlation of the mean over subjects and its p), `consistency` (mean r over
        pairs of subjects) and `contrast` by network; and by every metric, `flagged`: the share of
        scores that width may explain, of noise and of all else.
    """
    roll = tables["models"]
    trained = list(roll.loc[roll["trained"], "model"])
    chosen = {
        name: tables[name][tables[name]["metric"] == metric]
        for name in ("gradient", "consistency", "contrast")
    }
    return {
        "models": len(roll),
        "failed": int((roll["error"] != "").sum()),
        "gradient": _gradient(chosen["gradient"], trained),
        "consistency": _consistency(chosen["consistency"], trained),
        "contrast": _contrast(chosen["contrast"]),
        "flagged": _flagged(flags),
    }


def _gradient(table: pd.DataFrame, trained: list[str]) -> Summary:
    rows = table[table["model"].isin(trained) & (table["subject"] == MEAN)]
    summary: Summary = {}
    for row in rows.assign(name=_towers(rows)).to_dict("records"):
        place = summary.setdefault(str(row["name"]), {})
        place[str(row["quantity"])] = rounded(row["spearman"])
        place[f"{row['quantity']}_p"] = rounded(row["p"])
    return summary


def _consistency(table: pd.DataFrame, trained: list[str]) -> Summary:
    rows = table[table["model"].isin(trained)]
    means = rows.groupby(_towers(rows), sort=False)["r"].mean()
    return {str(name): rounded(r) for name, r in means.items()}


def _contrast(table: pd.DataFrame) -> Summary:
    """By network, language minus vision: the mean, and in how many subjects it is positive."""
    summary: Summary = {}
    for network, rows in table.groupby("network", sort=False):
        means = rows.groupby("subject")["difference"].mean()
        people = means.drop([MEAN, GROUP], errors="ignore")
        summary[str(network) or "none"] = {
            "difference": rounded(means[MEAN]),
            "regions": int(rows["region"].nunique()),
            "subjects": len(people),
            "subjects_positive": int((people > 0).sum()),
        }
    return summary


def count_flags(control: pd.DataFrame) -> pd.DataFrame:
    """Count the scores held apart, and those of them that are flagged.

    Parameters
    ----------
    control : DataFrame
        Made by `stages.survey.scene.control.control_table`.

    Returns
    -------
    DataFrame
        Columns metric, whose (`noise`, or `models` for all else), rows and flagged.
    """
    rows = control[control["split"].isin(HELD_APART)]
    whose = np.where(rows["modality"] == NOISE, NOISE, "models")
    groups = rows.assign(whose=whose).groupby(["metric", "whose"], sort=False)["flagged"]
    return groups.agg(rows="size", flagged="sum").reset_index()


def sum_flags(counts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add up what `count_flags` made of several models."""
    if not counts:
        return pd.DataFrame(columns=["metric", "whose", "rows", "flagged"])
    rows = pd.concat(counts, ignore_index=True)
    return rows.groupby(["metric", "whose"], sort=False).sum().reset_index()


def _flagged(flags: pd.DataFrame) -> Summary:
    summary: Summary = {}
    for whose in (NOISE, "models"):
        for row in flags[flags["whose"] == whose].to_dict("records"):
            share = summary.setdefault(str(row["metric"]), {})
            share[whose] = rounded(row["flagged"] / row["rows"])
    return summary
