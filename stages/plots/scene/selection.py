"""What the survey of the scene study wrote, and which of its rows pictures show."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd

from stages.core.names.metrics import debiased_and_biased
from stages.core.names.vocabulary import HELD_APART, NOISE, UNTRAINED
from stages.core.results.survey import Survey

KINDS = ("vision", "language", UNTRAINED, NOISE)  # of models, in the order of the pictures


def kept_of_metric(metric: str) -> dict[str, list[str]]:
    """Name the rows that the pictures of a metric, and of its counterpart, are made of."""
    kinds = ["layer", "nested", "ceiling"]
    return {"metric": [*debiased_and_biased(metric)], "split": list(HELD_APART), "kind": kinds}


def of_metric(survey: Survey, metric: str) -> Survey:
    """Keep the rows of one metric, of the tables that tell metrics apart."""
    tables = {field.name: getattr(survey, field.name) for field in fields(Survey)}
    kept = {
        name: table[table["metric"] == metric]
        for name, table in tables.items()
        if "metric" in table
    }
    return replace(survey, **kept)


def held_apart(table: pd.DataFrame) -> pd.DataFrame:
    """Select the scores that did not choose a layer."""
    return table[table["split"].isin(HELD_APART)]


def with_names(table: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Say of every row what kind of model it is of, and how pictures call it.

    Parameters
    ----------
    table : DataFrame
        With columns model and modality (of the tower, for a model with two).
    models : DataFrame
        The table `models` of the survey; others have no rows in what is returned.

    Returns
    -------
    DataFrame
        With columns kind (one of `KINDS`), name (the model, and its tower if it has two) and
        architecture, sorted by kind and by the order of `models`; the rows of a name keep their
        order.
    """
    roll = models.set_index("model")
    table = table[table["model"].isin(roll.index)].copy()
    about = roll.loc[table["model"]]
    trained = about["trained"].to_numpy(bool)
    table["kind"] = table["modality"].where(trained | (table["modality"] == NOISE), UNTRAINED)
    two = about["modality"].to_numpy() == "both"
    towers = [f" ({modality})" for modality in table["modality"]]
    table["name"] = table["model"].astype(str) + np.where(two, towers, "").astype(object)
    table["architecture"] = about["architecture"].to_numpy()
    order = {name: place for place, name in enumerate(roll.index)}
    pairs = table[["kind", "model"]].itertuples(index=False)
    places = [KINDS.index(kind) * len(roll) + order[model] for kind, model in pairs]
    return table.iloc[np.argsort(np.array(places, int), kind="stable")].reset_index(drop=True)


def ordered_regions(regions: pd.DataFrame) -> pd.DataFrame:
    """List the regions from posterior to anterior; those without coordinates come last.

    Parameters
    ----------
    regions : DataFrame
        The table `regions` of the survey.

    Returns
    -------
    DataFrame
        Columns region, network and y (mm, mean over subjects), one row per region.
    """
    found = regions.groupby("region", sort=False).agg(network=("network", "first"), y=("y", "mean"))
    return found.sort_values("y", kind="stable", na_position="last").reset_index()


def of_trained(table: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of trained models, named as `with_names` does."""
    named = with_names(table, models)
    return named[~named["kind"].isin([UNTRAINED, NOISE])].reset_index(drop=True)


def tower_names(table: pd.DataFrame, model: str) -> "pd.Series[str]":
    """Name the model of every row, and its tower if the table has two of it.

    Parameters
    ----------
    table : DataFrame
        With column modality.
    model : str
        Column that names the model.
    """
    two = table.groupby(model)["modality"].transform("nunique") > 1
    return table[model].where(~two, table[model] + " (" + table["modality"] + ")")
