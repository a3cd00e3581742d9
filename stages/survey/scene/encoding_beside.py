"""Encoding of images beside alignment: what models predict, and what geometry they share."""

import pandas as pd

from stages.core.names.vocabulary import HELD_APART
from stages.core.results.encoded_images import ALIGNMENT, BESIDE, ENCODING
from stages.core.results.results import results_table
from stages.core.stats.multiple import adjust
from stages.survey.all_scores import LAYER
from stages.survey.piece_shares import Shares, piece_shares
from stages.survey.scene.choice import NESTED, choose_layers

HIDDEN = "hidden"
PLACE = ["dataset", "subject", "region", "model", "layer", "kind", "metric"]
FAMILY = ("model", "subject", "measure")
OVER = {LAYER: "regions × layers", NESTED: "regions"}


def encoding_beside(
    encoded: pd.DataFrame, aligned: pd.DataFrame, roll: pd.DataFrame
) -> pd.DataFrame:
    """Put both measures of every model into one table.

    Parameters
    ----------
    encoded, aligned : DataFrame
        Results of `encode_scene`, by region, and, of one metric, of `align`, both gathered by
        `stages.survey.all_scores.gather`.
    roll : DataFrame
        Made by `stages.survey.zoo_models.call_roll`.

    Returns
    -------
    DataFrame
        With the columns of `stages.core.results.encoded_images.BESIDE`. q is over the
        regions of a model and person and, of layers, over these, by measure.
    """
    layers = aligned[(aligned["kind"] == LAYER) & aligned["split"].isin(HELD_APART)]
    parts = [encoded.assign(measure=ENCODING)]
    parts += [rows.assign(measure=ALIGNMENT) for rows in (layers, choose_layers(aligned))]
    about = roll.set_index("model")[["architecture", "trained"]]
    table = pd.concat(parts, ignore_index=True).join(about, on="model")
    table["kind"] = table["kind"].replace(HIDDEN, LAYER)
    table = table.assign(q=float("nan"), q_family="")
    tested = [adjust(table[table["kind"] == kind], FAMILY, over) for kind, over in OVER.items()]
    whole = pd.concat(tested, ignore_index=True)
    order = {name: place for place, name in enumerate(roll["model"])}
    whole = whole.sort_values("model", key=lambda names: names.map(order), kind="stable")
    return whole[list(BESIDE)].reset_index(drop=True)


def region_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Average voxels by region, where there are any; their p do not average, and are left out."""
    if (results["target"] == "").all():
        return results
    means = results.groupby([*PLACE, "split"], sort=False)[["score", "ceiling", "n"]].mean()
    return results_table(means.reset_index())


def region_shares(encoded: pd.DataFrame, without: pd.DataFrame) -> Shares:
    """Find the share of each piece of the images in the scores of chosen layers.

    Parameters
    ----------
    encoded : DataFrame
        Results of `encode_scene`, by region, gathered by `stages.survey.all_scores.gather`.
    without : DataFrame
        The same without pieces; voxels are averaged by region.
    """
    means = without.groupby([*PLACE, "piece"], sort=False)[["score", "fitted"]].mean()
    chosen = encoded[encoded["kind"] == NESTED]
    return piece_shares(chosen, means.reset_index().assign(target=""))
