"""The first, the last and the best layer of each model, beside areas of either hemisphere."""

import logging

import pandas as pd

from stages.core.results.area_alignment import BEST, CURVES, ENDS, FIRST, LAST, WHOLE

AREA = ["parts", "region", "hemisphere"]
TOWER = ["model", "modality"]

log = logging.getLogger("concord.survey")


def layer_ends(layers: pd.DataFrame, listed: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Pick three layers of every model, or tower of a model of two, for every area of a person.

    The first and the last are those of its depth. The best is chosen by the mean score in the same
    area of the other people, not by the score that is reported; of equals, the first. With one
    person there is none, by name.

    Parameters
    ----------
    layers : DataFrame
        Made by the stage `compare_areas`.
    listed, roll : DataFrame
        Made by `list_layers` and `call_roll` of `stages.survey.zoo_models`.

    Returns
    -------
    DataFrame
        Columns `ENDS`. Layers of noise have no depth, and no rows.
    """
    table = _by_depth(layers, listed, roll)
    if len(table["subject"].unique()) == 1:
        log.warning("no best layers: expected other people to choose them, got one person")
    groups = table.groupby(["subject", *AREA, *TOWER], sort=False)
    table = table.assign(chosen_score=_of_others(table))
    known = table[table["chosen_score"].notna()]
    best = known.loc[known.groupby(["subject", *AREA, *TOWER])["chosen_score"].idxmax()]
    parts = {FIRST: groups.head(1), BEST: best, LAST: groups.tail(1)}
    ends = pd.concat([rows.assign(end=name) for name, rows in parts.items()], ignore_index=True)
    return ends[list(ENDS)]


def layer_curves(layers: pd.DataFrame, listed: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Put all layers in the order of their depth, beside whole areas, person by person.

    Parameters
    ----------
    layers, listed, roll : DataFrame
        As those of `layer_ends`.

    Returns
    -------
    DataFrame
        Columns `CURVES`.
    """
    table = _by_depth(layers, listed, roll)
    return table.loc[table["parts"] == WHOLE, list(CURVES)].reset_index(drop=True)


def _by_depth(layers: pd.DataFrame, listed: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """Say of each layer beside an area how deep it is, and what its model is."""
    scores = layers[layers["second_model"] == ""].rename(columns={"second": "region"})
    places = listed[["model", "layer", "modality", "depth"]]
    table = scores.merge(places, on=["model", "layer"], validate="many_to_one")
    table = table[table["depth"].notna()].sort_values("depth", kind="stable")
    about = roll.set_index("model")[["architecture", "trained"]]
    return table.join(about, on="model").astype({"trained": bool})


def _of_others(table: pd.DataFrame) -> "pd.Series[float]":
    """Mean score of the same layer in the same area of the others; missing where nobody else is."""
    groups = table.groupby([*AREA, *TOWER, "layer"], sort=False)["score"]
    others = groups.transform("size") - 1
    total: pd.Series[float] = groups.transform("sum") - table["score"]
    return (total / others).where(others > 0)
