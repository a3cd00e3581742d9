"""The part of the survey that pictures of the scene study show, as tables."""

import numpy as np
import pandas as pd

from stages.core.names.areas import purity_of
from stages.core.names.vocabulary import NOISE, SIGNIFICANT
from stages.core.results.shown import of_people
from stages.core.results.survey import Survey
from stages.plots.kit.averages import BAND
from stages.plots.kit.palette import NOWHERE
from stages.plots.scene.selection import held_apart, ordered_regions, with_names

NUMBERS = ["score", "null_low", "null_high", "ceiling", "significant"]
BEST_COLUMNS = ["region", "network", "purity", "model", "kind", *NUMBERS]
LAYER_COLUMNS = ["region", "network", "purity"]
LAYER_COLUMNS += ["model", "kind", "architecture", "layer", "depth", *NUMBERS]


def mean_over_people(table: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Average scores over subjects, with chance.

    The sd of a mean of nulls is at most the mean of their sds, which is taken.

    Parameters
    ----------
    table : DataFrame
        Rows of `scores` or `best`, of one metric.
    *by : str
        Columns.

    Returns
    -------
    DataFrame
        Columns `by`, score, null_low, null_high (95 % of the null, taken as normal), ceiling
        (missing where that of somebody is) and significant (share of q below .05), in the order of
        the rows, rounded.
    """
    columns = ["score", "null_mean", "null_sd", "ceiling", "significant"]
    rows = of_people(table)
    rows = rows.assign(significant=rows["q"] < SIGNIFICANT)
    groups = rows.groupby(list(by), sort=False)
    means = groups[columns].mean().assign(ceiling=groups["ceiling"].mean(skipna=False))
    means = means.reset_index()
    means["null_low"] = means["null_mean"] - BAND * means["null_sd"]
    means["null_high"] = means["null_mean"] + BAND * means["null_sd"]
    means[NUMBERS] = means[NUMBERS].astype(float).round(4)
    return means[[*by, *NUMBERS]]


def best_table(survey: Survey) -> pd.DataFrame:
    """Average the alignment of the layer that was chosen on other data.

    Parameters
    ----------
    survey : Survey
        Of one metric.

    Returns
    -------
    DataFrame
        Columns `BEST_COLUMNS`: one row per region (from posterior to anterior) and model (or tower
        of a model; by kind), mean over subjects.
    """
    named = with_names(survey.best, survey.models).drop(columns="model")
    table = mean_over_people(named.rename(columns={"name": "model"}), "region", "model", "kind")
    return _in_order(table, survey)[BEST_COLUMNS]


def layers_table(survey: Survey) -> pd.DataFrame:
    """Average the alignment of every layer, on data that chose none.

    Parameters
    ----------
    survey : Survey
        Of one metric.

    Returns
    -------
    DataFrame
        Columns `LAYER_COLUMNS`: one row per region (from posterior to anterior), model (or tower;
        by kind, noise left out) and layer (by depth), mean over subjects.
    """
    scores = held_apart(survey.scores)
    named = with_names(scores[scores["kind"] == "layer"].drop(columns="kind"), survey.models)
    named = named[named["kind"] != NOISE].drop(columns="model").rename(columns={"name": "model"})
    by = ("region", "model", "kind", "architecture", "layer", "depth")
    return _in_order(mean_over_people(named, *by), survey)[LAYER_COLUMNS]


def _in_order(table: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """Sort by region, from posterior to anterior, and add the network and its purity."""
    order = ordered_regions(survey.regions).set_index("region")
    places = {region: place for place, region in enumerate(order.index)}
    table = table.iloc[table["region"].map(places).argsort(kind="stable")].reset_index(drop=True)
    networks = table["region"].map(order["network"]).astype(object)
    purity = table["region"].map(purity_of).astype(float).where(networks != "")
    return table.assign(network=networks, purity=purity)


def by_network(table: pd.DataFrame) -> pd.DataFrame:
    """Average a table made by `layers_table` over the regions of every network.

    Returns
    -------
    DataFrame
        With networks in place of regions, in the order of their first region.
    """
    by = ["network", "model", "kind", "architecture", "layer", "depth"]
    means = table.groupby(by, sort=False)[[*NUMBERS, "purity"]].mean().reset_index()
    return means.assign(region=means["network"].replace("", NOWHERE))[LAYER_COLUMNS]


def ceilings_table(survey: Survey) -> pd.DataFrame:
    """Average every kind of ceiling over subjects.

    Parameters
    ----------
    survey : Survey
        Of one metric.

    Returns
    -------
    DataFrame
        Columns region, network, ceiling_kind and ceiling, one row per region and kind.
    """
    scores = held_apart(survey.scores)
    scores = scores.assign(
        ceiling=scores["score"].where(scores["kind"] == "ceiling", scores["ceiling"])
    )
    known = of_people(scores[scores["ceiling"].notna()])
    known = known.drop_duplicates(["subject", "region", "ceiling_kind"])
    means = known.groupby(["region", "ceiling_kind"], sort=False)["ceiling"].mean().reset_index()
    return _in_order(means, survey)[["region", "network", "ceiling_kind", "ceiling"]]


def models_table(survey: Survey) -> pd.DataFrame:
    """List the models with their best alignment, the failed ones with their error.

    Parameters
    ----------
    survey : Survey
        Of one metric.

    Returns
    -------
    DataFrame
        Columns model, modality, trained, seed, parameters, layers, best (largest over regions of
        the mean over subjects; missing if there is none), best_region and error; one row per
        model, in the order of the zoo.
    """
    scores = of_people(survey.best).groupby(["model", "region"], sort=False)["score"].mean()
    best = scores.groupby("model", sort=False).max().round(4)
    places = scores.groupby("model", sort=False).idxmax()
    where = dict(places.to_list())
    roll = survey.models
    table = roll[["model", "modality", "trained", "seed", "parameters", "layers"]].assign(
        best=roll["model"].map(best).astype(float),
        best_region=[where.get(model, "") for model in roll["model"]],
        error=roll["error"],
    )
    return table.reset_index(drop=True)


def performance_table(related: pd.DataFrame) -> pd.DataFrame:
    """Select the correlations of the results of relate.

    Returns
    -------
    DataFrame
        The rows whose statistic is one of `STATISTICS` and of which a value is known.
    """
    shown = related[related["statistic"].isin(STATISTICS) & related["value"].notna()]
    return shown.replace([np.inf, -np.inf], np.nan).reset_index(drop=True)


STATISTICS = {
    "pearson": "Pearson",
    "spearman": "Spearman",
    "partial_pearson": "Pearson, partial, given size",
    "partial_spearman": "Spearman, partial, given size",
}
