"""The models of the story side by side, as tables."""

import pandas as pd

from stages.core.names.vocabulary import UNTRAINED
from stages.core.results.upheld import upheld
from stages.plots.kit.averages import average
from stages.plots.story.tables import mean_by_type, of_shown_subject

TRAINED = "trained"
_NUMBERS = ["score", "null_low", "null_high", "ceiling", "significant"]
_OF_MODEL = ["model", "weights", "layer", "kind", "depth", *_NUMBERS]


def twins(models: pd.DataFrame) -> list[str]:
    """Name the model that the study is about, and its untrained twin if there is one.

    Parameters
    ----------
    models : DataFrame
        The roll of the models that ran.
    """
    return [str(name) for name in models["model"].head(2)]


def by_model(results: pd.DataFrame, names: list[str]) -> dict[str, pd.DataFrame]:
    """Select the rows of each of some models; there may be none."""
    return {name: results[results["model"] == name] for name in names}


def encoding_models(results: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Select held-out r by region, model and hidden layer, and that of the layers chosen.

    Parameters
    ----------
    results : DataFrame
        Results of encode; those of `shown_subject` are taken.
    models : DataFrame
        The roll of the models that ran.

    Returns
    -------
    DataFrame
        One row per region (alphabetical), model, and hidden layer, and one of kind `nested`: the
        score where the inner folds choose the layer, and the layer that they choose on the whole
        (most often, over voxels). Columns region, model, weights (trained or untrained), layer,
        kind, depth (relative, from 0 to 1), and the numbers of `encoding_table`.
    """
    rows = of_shown_subject(results)
    rows = rows[rows["metric"] == "r"]
    hidden, nested = (rows[rows["kind"] == kind] for kind in ("hidden", "nested"))
    layers = nested.groupby(["model", "region"])["layer"].transform(lambda one: one.mode().iloc[0])
    both = pd.concat([hidden, nested.assign(layer=layers)])
    table = _placed(average(both, "model", "region"), models)
    return table.sort_values("region", kind="stable", ignore_index=True)[["region", *_OF_MODEL]]


def chosen_layers(compared: pd.DataFrame) -> pd.DataFrame:
    """Keep the layers chosen in the inner folds, one per region and model.

    Parameters
    ----------
    compared : DataFrame
        As made by `encoding_models`.
    """
    chosen = compared[compared["kind"] == "nested"]
    return chosen.drop(columns="kind").reset_index(drop=True)


def probing_models(results: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by type of feature, model and hidden layer.

    Parameters
    ----------
    results : DataFrame
        Results of probe.
    models : DataFrame
        The roll of the models that ran.

    Returns
    -------
    DataFrame
        As `encoding_models`, with type and family (ordered as by `probing_table`) in place of
        region, and no row of kind `nested`; significant as by `probing_table`.
    """
    table = mean_by_type(upheld(results[results["kind"] == "hidden"]), "model")
    return _placed(table, models)[["type", "family", *_OF_MODEL]]


def _placed(table: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Say how deep in its model every layer is, as the survey does, and of which weights it is."""
    hidden = table[table["kind"] == "hidden"].drop_duplicates(["model", "layer"])
    layers = hidden.groupby("model")["layer"]
    last = layers.transform("size") - 1
    depths = (layers.cumcount() / last.where(last > 0)).fillna(0.5).round(4)
    depth = dict(zip(zip(hidden["model"], hidden["layer"], strict=True), depths, strict=True))
    trained = models.set_index("model")["trained"]
    return table.assign(
        depth=[depth[place] for place in zip(table["model"], table["layer"], strict=True)],
        weights=[TRAINED if trained[name] else UNTRAINED for name in table["model"]],
    )
