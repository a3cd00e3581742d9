"""The tables of the language study: all its recordings beside all its models."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from stages.core.activations.surprisal import bits_per_byte
from stages.core.names.models import TRIGRAM
from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.core.results import pairs
from stages.core.results.language_scores import (
    EVERYWHERE,
    LAYERS,
    NETWORKS,
    PREFERENCES,
    SCORES,
    WORDS,
)
from stages.core.results.results import rounded
from stages.core.results.typed_tables import Columns, empty_table, text
from stages.survey.model_pairs import pair_table, pairs_of
from stages.survey.piece_shares import Shares
from stages.survey.score_intervals import interval_table
from stages.survey.words.control_networks import network_rows
from stages.survey.words.language_rows import layer_rows, score_rows
from stages.survey.words.preferred_layers import preference_rows
from stages.survey.zoo_models import Model, call_roll, list_layers

PAIRS: Columns = text("recording") | dict(pairs.COLUMNS)


@dataclass(frozen=True)
class Studied:
    """One recording and what was found of it.

    Attributes
    ----------
    name : str
        In all tables; it says so where folds were shuffled.
    models : sequence of Model
    encoded : DataFrame
        Results of encode, of all models.
    shares : dict of DataFrame
        Made by `stages.survey.words.story_models.chosen_shares`.
    ceilings : DataFrame
    surprisal : mapping of str to DataFrame
        By model that predicts words, its table of surprisal.
    made_from : mapping of str to str
        The recording and the activations; see `stages.core.run.origins`.
    """

    name: str
    models: Sequence[Model]
    encoded: pd.DataFrame
    shares: Shares
    ceilings: pd.DataFrame
    surprisal: Mapping[str, pd.DataFrame]
    made_from: Mapping[str, str] = field(default_factory=dict)


def tables_of(studied: Studied) -> dict[str, pd.DataFrame]:
    """Make the tables of one recording: those that `joined` puts below each other."""
    shares = {one: with_everywhere(rows) for one, rows in studied.shares.items()}
    roll = call_roll(studied.models)
    scores = score_rows(studied.encoded, studied.ceilings, interval_table(shares))
    layers = layer_rows(studied.encoded)
    told = roll.set_index("model")
    depths = list_layers(studied.models).set_index(["model", "layer"])["depth"]
    named = scores["model"]
    found = {
        "scores": _with_depth(scores, depths).assign(
            architecture=named.map(told["architecture"]), trained=named.map(told["trained"])
        ),
        "words": roll.assign(bits_per_byte=roll["model"].map(_bits(studied))),
        "layers": _with_depth(layers, depths),
        "pairs": pair_table(shares, pairs_of(roll, shares)),
        "networks": network_rows(studied.encoded, studied.ceilings),
        "preferences": _with_depth(preference_rows(studied.encoded), depths),
    }
    return {name: table.assign(recording=studied.name) for name, table in found.items()}


def with_everywhere(rows: pd.DataFrame) -> pd.DataFrame:
    """Add to the shares of pieces those in the means over the regions, as a region `all`.

    Control networks are not among these.

    Parameters
    ----------
    rows : DataFrame
        Shares of one model, by metric, region and subject.
    """
    control = rows.index.get_level_values("region").isin(CONTROL_NETWORKS)
    means = rows[~control].groupby(level=["metric", "subject"], sort=False).mean()
    means = means.assign(region=EVERYWHERE).set_index("region", append=True)
    means = means.reorder_levels([str(name) for name in rows.index.names])
    both: list[pd.DataFrame] = [rows, means]
    return pd.concat(both)


def _bits(studied: Studied) -> dict[str, float]:
    """Bits per byte of models that predict a text as it is; trigrams have no capitals or signs."""
    counted = {model.name for model in studied.models if model.spec.scheme == TRIGRAM}
    told = studied.surprisal.items()
    return {name: bits_per_byte(table) for name, table in told if name not in counted}


def _with_depth(rows: pd.DataFrame, depths: "pd.Series[float]") -> pd.DataFrame:
    places = pd.MultiIndex.from_frame(rows[["model", "layer"]])
    return rows.assign(depth=depths.reindex(places).to_numpy(float))


def joined(parts: Sequence[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Put the tables of all recordings below each other, with the columns that are declared."""
    declared = {"scores": SCORES, "words": WORDS, "layers": LAYERS, "pairs": PAIRS}
    declared |= {"networks": NETWORKS, "preferences": PREFERENCES}
    return {name: _declared([one[name] for one in parts], declared[name]) for name in declared}


def _declared(tables: Sequence[pd.DataFrame], columns: Columns) -> pd.DataFrame:
    full = [table for table in tables if len(table)]
    if not full:
        return empty_table(columns)
    table = pd.concat(full, ignore_index=True).reindex(columns=list(columns))
    for name, kind in columns.items():
        if kind == "number":
            table[name] = table[name].astype(float)
        elif kind == "text":
            table[name] = table[name].fillna("").astype(str)
    return table


def numbers(scores: pd.DataFrame, words: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Pick the numbers by which two runs are compared: of all regions of each recording.

    Returns
    -------
    dict
        By recording and model: `score`, `beyond`, `normalised`, `people_normalised` and
        `bits_per_byte`, those that there are.
    """
    rows = scores[scores["region"] == EVERYWHERE]
    rows = rows.merge(words[["recording", "model", "bits_per_byte"]], on=["recording", "model"])
    return {
        str(recording): {str(row["model"]): dict(_numbers(row)) for _, row in of.iterrows()}
        for recording, of in rows.groupby("recording", sort=False)
    }


def _numbers(row: "pd.Series[Any]") -> Iterator[tuple[str, Any]]:
    for name in ("score", "beyond", "normalised", "people_normalised"):
        if pd.notna(row[name]):
            yield name, rounded(row[name])
    if pd.notna(row["bits_per_byte"]):
        yield "bits_per_byte", rounded(row["bits_per_byte"])
