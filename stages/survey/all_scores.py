"""The scores of models in one table, with what the survey knows of their layers."""

from collections.abc import Iterable

import pandas as pd

from stages.core.names.areas import networks_in
from stages.core.names.vocabulary import HELD_APART
from stages.core.results.results import COLUMNS, results_table
from stages.core.results.survey import TABLES
from stages.core.run.errors import InputError

# What a score of a layer is about, the layer left out.
KEYS = ["model", "modality", "subject", "region", "metric"]
# What tells any two rows of align apart.
IDENTITY = ["model", "subject", "region", "layer", "kind", "metric", "split", "ceiling_kind"]
LAYER = "layer"
RERUN = "Run `dvc repro`."


def gather(tables: Iterable[pd.DataFrame], layers: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Put the results of models together.

    Parameters
    ----------
    tables : iterable of DataFrame
        Results of align.
    layers : DataFrame
        Made by `stages.survey.zoo_models.list_layers`.
    dataset : str
        That they must be about.

    Returns
    -------
    DataFrame
        All rows, with modality and depth of the layer and network of the region (empty where it is
        in none). q is missing: `stages.survey.all_q` finds it over all models.

    Raises
    ------
    InputError
        If a table is of another dataset, names a layer that was not extracted, or has a row twice.
    """
    found = pd.concat([results_table([]), *tables], ignore_index=True)[list(COLUMNS)]
    for name, value in _faults(found, layers, dataset).items():
        raise InputError(name, where="results of align", got=value, do=RERUN)
    known = layers[["model", "layer", "modality", "depth"]]
    scores = found.merge(known, on=["model", "layer"], how="left", validate="many_to_one")
    networks = networks_in(dataset, scores["region"].unique())
    scores["modality"] = scores["modality"].fillna("").astype(str)
    scores["network"] = scores["region"].map(networks).astype(str)
    return scores.assign(q=float("nan"), q_family="")[list(TABLES["scores"])]


def _faults(found: pd.DataFrame, layers: pd.DataFrame, dataset: str) -> dict[str, str]:
    """Name what is wrong, and the first row where."""
    extracted = pd.MultiIndex.from_frame(layers[["model", "layer"]])
    known = pd.MultiIndex.from_frame(found[["model", "layer"]]).isin(extracted)
    wrong = {
        f"other dataset than {dataset}": found["dataset"] != dataset,
        "layer that was not extracted": (found["layer"] != "") & ~known,
        "row that is there twice": found.duplicated(IDENTITY),
    }
    return {
        fault: ", ".join(str(value) for value in found.loc[rows, ["dataset", *IDENTITY]].iloc[0])
        for fault, rows in wrong.items()
        if rows.any()
    }


def scored(scores: pd.DataFrame) -> pd.DataFrame:
    """Rows of layers that are reported: on the images for testing, or on all."""
    return scores[(scores["kind"] == LAYER) & scores["split"].isin(HELD_APART)]
