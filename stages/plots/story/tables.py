"""The part of the results that a picture shows."""

import pandas as pd

from stages.core.names.features import feature_type
from stages.core.results.shown import shown_subject
from stages.core.results.upheld import upheld
from stages.plots.kit.averages import average
from stages.plots.kit.hemispheres import by_block


def encoding_table(results: pd.DataFrame) -> pd.DataFrame:
    """Select held-out r by region and layer, with chance and ceiling.

    Parameters
    ----------
    results : DataFrame
        Results of encode; those of `shown_subject` are taken.

    Returns
    -------
    DataFrame
        One row per region (alphabetical) and layer or control (in the order of the model): region,
        layer, kind, layer_number (missing for controls), score, null_low and
        null_high (95 % of the null, taken as normal), ceiling, and significant (1 where q is
        below .05). Voxels are averaged over their region; significant is then their share.
    """
    shown = of_shown_subject(results)
    layers = shown["kind"].isin(["hidden", "attention", "control"])
    table = average(shown[(shown["metric"] == "r") & layers], "region")
    return table.sort_values("region", kind="stable", ignore_index=True)


def probing_table(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by type of feature and layer, with chance.

    Parameters
    ----------
    results : DataFrame
        Results of probe.

    Returns
    -------
    DataFrame
        As `encoding_table`, with type and family (families, and the types of each, in the order
        of the results) in place of region; significant is the share of a type's features with q
        below .05 in every test of `upheld`.
    """
    return mean_by_type(upheld(results[results["kind"].isin(["hidden", "attention"])]))


def heads_table(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by type of feature and attention head, with chance.

    Parameters
    ----------
    results : DataFrame
        Results of probe.

    Returns
    -------
    DataFrame
        As `probing_table`, with head (as in `L2H11`, of layer `attention_02`) after layer, and q
        against shifts alone. There are no rows if the model's attention was not described.
    """
    table = mean_by_type(results[results["kind"] == "head"])
    names = table["layer"].str.extract(r"^(.*_(\d+))\.head_(\d+)$")
    table["layer"], table["layer_number"] = names[0], names[1].astype(float)
    heads = "L" + names[1].str.lstrip("0") + "H" + names[2].str.lstrip("0")
    table.insert(3, "head", heads)
    return table


def decoding_table(results: pd.DataFrame) -> pd.DataFrame:
    """Average held-out r by region and type of feature, with chance and ceiling.

    Parameters
    ----------
    results : DataFrame
        Results of decode; those of `shown_subject` are taken. There may be none.

    Returns
    -------
    DataFrame
        One row per region (by block, see `by_block`) and type (by family, as in
        `probing_table`): region, block, type, family, score, null_low, null_high, ceiling, and
        significant, the share of the type's features.
    """
    shown = of_shown_subject(results)
    table = mean_by_type(shown[shown["kind"] == "frem"], "region")
    return by_block(table.drop(columns=["layer", "kind", "layer_number"]))


def of_shown_subject(results: pd.DataFrame) -> pd.DataFrame:
    """Select the rows of `shown_subject`, if there are rows."""
    return results[results["subject"] == shown_subject(results)] if len(results) else results


def mean_by_type(results: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Average over the features of each type, with the types of a family together."""
    shown = results[results["metric"] == "r"]
    table = average(shown.assign(type=shown["target"].map(feature_type)), *by, "type", "family")
    return table.sort_values(
        ["family", "type"], key=lambda names: pd.factorize(names)[0], ignore_index=True
    )
