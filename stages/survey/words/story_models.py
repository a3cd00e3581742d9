"""The models of the story side by side: tables over models, and a few numbers of each."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.results import results_table, rounded
from stages.core.results.shown import shown_subject
from stages.core.results.upheld import upheld
from stages.core.run.errors import InputError
from stages.survey.piece_shares import Shares, piece_shares
from stages.survey.zoo_models import Model


def side_by_side(models: Sequence[Model], tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the results of all models into one table, in the order of the models.

    Parameters
    ----------
    models : sequence of Model
    tables : sequence of DataFrame
        Results of each of them; empty of those that could not be run.

    Raises
    ------
    InputError
        If results are of another model: one model would be there twice, and one not at all.
    """
    both = zip(models, tables, strict=True)
    ran = [(model.name, table) for model, table in both if model.about is not None]
    for name, table in ran:
        found = table["model"].unique()
        if any(one != name for one in found):
            where = f"results of {name}"
            raise InputError(
                "results of another model", where=where, expected=name, got=list(found)
            )
    return pd.concat([results_table([]), *(table for _, table in ran)], ignore_index=True)


def chosen_shares(encoded: pd.DataFrame, without: Iterable[pd.DataFrame]) -> Shares:
    """Find the share of each piece of the story in the scores of layers that inner folds choose.

    Parameters
    ----------
    encoded : DataFrame
        Made by `side_by_side`.
    without : iterable of DataFrame
        Scores without pieces of the story, of each model that ran.

    Raises
    ------
    InputError
        If one model is there twice: another would be without an interval.
    """
    nested = encoded[encoded["kind"] == "nested"].assign(modality="")
    shares: Shares = {}
    seen: set[str] = set()
    for table in without:
        names = set(table["model"].unique())
        if names & seen:
            got = f"{min(names & seen)} twice"
            raise InputError("results of another model", where="scores without pieces", got=got)
        seen |= names
        own = nested[nested["model"].isin(names)]
        shares |= piece_shares(own, table)
    return shares


def model_numbers(
    models: Sequence[Model], encoded: pd.DataFrame, probed: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    """Sum up every model that ran.

    Parameters
    ----------
    models : sequence of Model
    encoded, probed : DataFrame
        Made by `side_by_side`.

    Returns
    -------
    dict
        By model: `encode`, the mean over regions of the held-out r of the layer chosen in the
        inner folds, of the subject average or the only subject; `encode_significant`, the share of
        regions with q below .05; `encode_layer`, the layer chosen most often; `probe`, the mean
        held-out r over features of the layer `probe_layer`, where that is highest; and
        `probe_upheld`, the share of features that are read there by every test: against shifts,
        beyond nuisance variables, and from these words and no other order of them.
    """
    return {
        model.name: _encoding(encoded[encoded["model"] == model.name])
        | _probing(probed[probed["model"] == model.name])
        for model in models
        if model.about is not None
    }


def _encoding(rows: pd.DataFrame) -> dict[str, Any]:
    rows = rows[(rows["kind"] == "nested") & (rows["metric"] == "r")]
    rows = rows[rows["subject"] == shown_subject(rows)]
    return {
        "encode": rounded(rows.groupby("region")["score"].mean().mean()),
        "encode_significant": rounded((rows["q"] < SIGNIFICANT).mean()),
        "encode_layer": str(rows["layer"].mode().iloc[0]),
    }


def _probing(rows: pd.DataFrame) -> dict[str, Any]:
    rows = upheld(rows[rows["kind"] == "hidden"])
    means = rows.groupby("layer", sort=False)["score"].mean()
    best = int(np.argmax(means.to_numpy()))
    layer = str(means.index[best])
    return {
        "probe": rounded(means.iloc[best]),
        "probe_layer": layer,
        "probe_upheld": rounded((rows.loc[rows["layer"] == layer, "q"] < SIGNIFICANT).mean()),
    }
