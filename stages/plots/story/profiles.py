"""The part of the results of profile that a picture shows."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.features import family, feature_type
from stages.core.names.vocabulary import SIGNIFICANT
from stages.plots.kit.averages import average
from stages.plots.kit.hemispheres import MEANS, by_block
from stages.plots.story.tables import of_shown_subject

CONTRASTED = {"discourse", "syntax"}
ALL = "all"  # what profile calls the features of all families together


def similarity_table(results: pd.DataFrame) -> pd.DataFrame:
    """Select the Spearman correlation of the profiles of every region and layer.

    Parameters
    ----------
    results : DataFrame
        Results of profile; those of `shown_subject` are taken. There may be none.

    Returns
    -------
    DataFrame
        One row per family of features (or `all`), region (by block, see `by_block`) and layer:
        family, region, block, layer, kind, depth, score, null_low, null_high, ceiling,
        significant (1 where q is below .05), and preferred (1 for the layer of its kind that the
        region resembles most, beyond what other regions do, where q both of that preference and of
        the similarity is below .05).
    """
    shown = of_shown_subject(results)
    table = average(shown[shown["metric"] == "spearman"], "family", "region")
    some = shown[shown["metric"] == "spearman_preference"]
    some = some[some.groupby("kind")["layer"].transform("nunique") > 1]  # of one, none is preferred
    best = some.loc[some.groupby(["family", "kind", "region"])["score"].idxmax()]
    preferred = _among(table, best[best["q"] < SIGNIFICANT])
    table["preferred"] = preferred * (table["significant"] > 0)
    return by_block(table)


def _among(table: pd.DataFrame, rows: pd.DataFrame) -> NDArray[np.int_]:
    """1 for the places (family, region, layer) of the table that the rows name, 0 for others."""
    places, named = (
        pd.MultiIndex.from_frame(one[["family", "region", "layer"]]) for one in (table, rows)
    )
    return places.isin(named).astype(int)


def contrast_table(results: pd.DataFrame) -> pd.DataFrame:
    """Average the Spearman correlation of profiles by layer and by region, within families.

    Discourse and syntax are taken, or whatever families there are if both are lacking.

    Parameters
    ----------
    results : DataFrame
        Results of profile; those of `shown_subject` are taken. There may be none.

    Returns
    -------
    DataFrame
        One row per layer (`by` is layer: the mean over regions) or region (`by` is region: the
        mean over hidden layers), and family: by, name, block (see `by_block`; `all` for layers),
        kind, family, score, null_low, null_high, ceiling, significant (share of q below .05). The
        null is as wide as that of one region and layer: see `average`.
    """
    shown = of_shown_subject(results)
    shown = shown[shown["metric"] == "spearman"]
    shown = shown[shown["family"].isin(_contrasted(shown["family"].unique()))]
    layers = average(shown[~shown["region"].isin(MEANS)], "family")
    layers = layers.assign(by="layer", name=layers["layer"], block=ALL)
    hidden = shown[shown["kind"] == "hidden"]
    regions = by_block(average(hidden.assign(layer=""), "family", "region"))
    regions = regions.assign(by="region", name=regions["region"])
    columns = ["by", "name", "block", "kind", "family", "score", "null_low", "null_high"]
    return pd.concat([layers, regions])[[*columns, "ceiling", "significant"]].reset_index(drop=True)


def _contrasted(families: Iterable[str]) -> set[str]:
    """Discourse and syntax, or else the families that there are, or else all features."""
    known = set(families) - {ALL}
    return known & CONTRASTED or known or {ALL}


def features_table(decoded: pd.DataFrame, probed: pd.DataFrame) -> pd.DataFrame:
    """Set what regions and hidden layers carry of each feature side by side.

    Parameters
    ----------
    decoded : DataFrame
        Results of decode; those of `shown_subject` are taken. There may be none.
    probed : DataFrame
        Results of probe.

    Returns
    -------
    DataFrame
        One row per feature that both were scored on: feature, type, family; decoded and probed,
        the mean of held-out r over regions and over hidden layers; regions_found and
        layers_found, the share of them with q below .05; best_region and best_layer; and
        rank_difference: its rank among the features in regions less that in layers, from -1
        (layers only) to 1 (regions only).
    """
    brain = of_shown_subject(decoded)
    regions = _by_feature(brain[brain["kind"] == "frem"], "region", "decoded")
    layers = _by_feature(probed[probed["kind"] == "hidden"], "layer", "probed")
    table = regions.join(layers, how="inner").rename_axis("feature").reset_index()
    ranks = table[["decoded", "probed"]].rank(pct=True)
    table["rank_difference"] = ranks["decoded"] - ranks["probed"]
    table.insert(1, "type", table["feature"].map(feature_type))
    table.insert(2, "family", table["feature"].map(family))
    return table.round(4)


def _by_feature(rows: pd.DataFrame, by: str, score: str) -> pd.DataFrame:
    """Mean score of each feature, where it is found, and where best."""
    rows = rows[rows["metric"] == "r"]
    found = rows.assign(found=rows["q"] < SIGNIFICANT).groupby("target", sort=False)
    table = found[["score", "found"]].mean()
    best = rows.loc[found["score"].idxmax()].set_index("target")[by]
    table = table.assign(best=best)
    return table.rename(columns={"score": score, "found": f"{by}s_found", "best": f"best_{by}"})


def mean_kappa(results: pd.DataFrame) -> tuple[float, float]:
    """Average kappa of the features found over regions and hidden layers, and by chance.

    Parameters
    ----------
    results : DataFrame
        Results of profile, with at least one row.
    """
    shown = of_shown_subject(results)
    shown = shown[(shown["metric"] == "kappa") & (shown["kind"] == "hidden")]
    shown = shown[(shown["family"] == ALL) & ~shown["region"].isin(MEANS)]
    return float(shown["score"].mean()), float(shown["null_mean"].mean())
