"""What the survey of the scene study wrote, and which of its rows pictures show."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.results.results import COLUMNS, GROUP
from stages.core.run.tables import read_table

HELD_APART = ("test", "all")  # splits whose scores did not choose a layer
MEAN = "mean"  # the subject that stands for all
NOISE = "noise"
UNTRAINED = "untrained"
NOWHERE = "no network"
KINDS = ("vision", "language", UNTRAINED, NOISE)  # of models, in the order of the pictures
_PLACE = ("subject", "region", "network", "metric")
_SCORES = (*COLUMNS, "modality", "network", "depth")
TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "models": (
        *("model", "string", "modality", "family", "seed", "trained"),
        *("parameters", "layers", "width", "error"),
    ),
    "regions": ("subject", "region", "network", "voxels", "x", "y", "z", "reliability"),
    "scores": _SCORES,
    "best": (*_SCORES, "chosen_on", "chosen_score"),
    "depth": ("model", "modality", *_PLACE, "bin", "score", "layers"),
    "gradient": (
        *("model", "modality", "metric", "quantity"),
        *("subject", "regions", "spearman", "p"),
    ),
    "networks": (
        *("model", "modality", "subject", "network", "metric"),
        *("score", "depth", "regions"),
    ),
    "bandwidth": (
        *("model", "modality", "subject", "region", "network", "kernel"),
        *("bandwidth", "score", "biased", "normalized"),
    ),
    "consistency": (
        *("model", "modality", "metric", "first", "second"),
        *("r", "rho", "regions"),
    ),
    "contrast": (
        *_PLACE,
        *("language", "vision", "language_model", "vision_model", "difference"),
    ),
    "control": (
        *("model", "modality", "layer", "units", "subject", "region", "metric", "split"),
        *("score", "noise", "projected", "null_mean", "null_sd", "chance", "z_width", "flagged"),
    ),
    "umap": ("model", "modality", "trained", "x", "y"),
}


@dataclass(frozen=True)
class Survey:
    """The tables of the survey, each as the stage survey wrote it; any may be without rows."""

    models: pd.DataFrame
    regions: pd.DataFrame
    scores: pd.DataFrame
    best: pd.DataFrame
    depth: pd.DataFrame
    gradient: pd.DataFrame
    networks: pd.DataFrame
    bandwidth: pd.DataFrame
    consistency: pd.DataFrame
    contrast: pd.DataFrame
    control: pd.DataFrame
    umap: pd.DataFrame


def read_survey(folder: Path) -> Survey:
    """Read all tables of a survey.

    Raises
    ------
    InputError
        If a table is missing or unreadable, or lacks a column.
    """
    do = "Run `dvc repro survey`."
    names = [field.name for field in fields(Survey)]
    paths = {name: folder / f"{name}.parquet" for name in names}
    return Survey(**{name: read_table(paths[name], TABLE_COLUMNS[name], do) for name in names})


def of_metric(survey: Survey, metric: str) -> Survey:
    """Keep the rows of one metric, of the tables that tell metrics apart."""
    tables = {field.name: getattr(survey, field.name) for field in fields(Survey)}
    kept = {
        name: table[table["metric"] == metric]
        for name, table in tables.items()
        if "metric" in table
    }
    return replace(survey, **kept)


def of_people(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out averages over subjects, where the subjects themselves are there.

    Parameters
    ----------
    table : DataFrame
        With a column subject, and perhaps a column region: an average is left out of the regions
        that are measured in somebody.
    """
    table = table[table["subject"] != MEAN]
    group = table["subject"] == GROUP
    if "region" in table:
        measured = table["region"].isin(table.loc[~group, "region"].unique())
        return table[~group | ~measured]
    return table if group.all() else table[~group]


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
        family, sorted by kind and by the order of `models`; the rows of a name keep their order.
    """
    roll = models.set_index("model")
    table = table[table["model"].isin(roll.index)].copy()
    about = roll.loc[table["model"]]
    trained = about["trained"].to_numpy(bool)
    table["kind"] = table["modality"].where(trained | (table["modality"] == NOISE), UNTRAINED)
    two = about["modality"].to_numpy() == "both"
    towers = [f" ({modality})" for modality in table["modality"]]
    table["name"] = table["model"].astype(str) + np.where(two, towers, "").astype(object)
    table["family"] = about["family"].to_numpy()
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
