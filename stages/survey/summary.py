"""The numbers that go into `align.json` and `survey.json` of `data/results/summary`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import GROUP, HELD_APART, MEAN, NOISE
from stages.core.results.results import rounded

Summary = dict[str, Any]


def summarise_models(best: pd.DataFrame) -> dict[str, dict[str, Summary]]:
    """Sum up every model, metric and region.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.choice.choose_layers`.

    Returns
    -------
    dict
        By model (`NAME.vision` and `NAME.language` of one with two towers), metric and region:
        `best_layer`, the most frequent over subjects; means over subjects of its `score`, of the
        `null` and of the `ceiling` where there is one; and the median `q`. Where a recording has
        the average of its subjects, all are those of the average.
    """
    summary: dict[str, dict[str, Summary]] = {}
    by = [_towers(best), "metric", "region"]
    for (name, metric, region), rows in best.groupby(by, sort=False):
        summary.setdefault(str(name), {}).setdefault(str(metric), {})[str(region)] = _region(rows)
    return summary


def _towers(table: pd.DataFrame) -> "pd.Series[str]":
    """Name the model of each row, and its tower where it has two."""
    towers = table.groupby("model", sort=False)["modality"].transform("nunique")
    return table["model"].where(towers <= 1, table["model"] + "." + table["modality"])


def _region(rows: pd.DataFrame) -> Summary:
    average = rows["subject"] == GROUP
    rows = rows[average] if average.any() else rows
    summary: Summary = {
        "best_layer": str(rows["layer"].mode().iloc[0]),
        "score": rounded(rows["score"].mean()),
        "null": rounded(rows["null_mean"].mean()),
        "q": rounded(rows["q"].median()),
    }
    ceiling = rows["ceiling"].mean()
    return summary | ({"ceiling": rounded(ceiling)} if np.isfinite(ceiling) else {})


def summarise(tables: Mapping[str, pd.DataFrame], metric: str) -> Summary:
    """Sum up the survey.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Those of the survey, by name.
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
        "flagged": _flagged(tables["control"]),
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


def _flagged(control: pd.DataFrame) -> Summary:
    rows = control[control["split"].isin(HELD_APART)]
    shares = {"noise": rows[rows["modality"] == NOISE], "models": rows[rows["modality"] != NOISE]}
    summary: Summary = {}
    for name, some in shares.items():
        for metric, share in some.groupby("metric", sort=False)["flagged"].mean().items():
            summary.setdefault(str(metric), {})[name] = rounded(share)
    return summary
