"""What an alignment owes to the number of units alone.

A row is flagged if either holds:

- the score is above that of permuted rows (p < .05), yet not above that of noise of the same width
  (z_width < 1.645);
- noise of the same width is above the metric's nominal chance, and so is the mean over permuted
  rows (each by 1.645 standard deviations of the null): by this metric, unrelated representations
  of this width align. Both are asked, since one draw of noise may be lucky and permuted rows keep
  more of a layer than its width. Permuted rows alone cannot tell: they are as wide as the layer.

Nominal chance is what the metric gives to unrelated representations if taken at its word: 0 for
CKA and correlations of dissimilarities, k / (n - 1) for the overlap of k neighbours among n rows,
1 - (1 - k / (n - 1))^k for the share that a cycle returns to. Where only a null tells (CKNNA and
other metrics), the second rule does not apply.

Of layers that align with nothing, the first rule flags some three of a hundred, by chance.
"""

import numpy as np
import pandas as pd

from stages.core.names.metrics import parse_metric
from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.survey import TABLES
from stages.core.run.errors import InputError
from stages.survey.all_scores import KEYS, LAYER, RERUN

CRITICAL = 1.645  # standard deviations that chance exceeds in one of twenty cases
CONTROLS = ("noise", "projected")
_ROW = [*KEYS, "layer", "split"]


def control_table(scores: pd.DataFrame, layers: pd.DataFrame) -> pd.DataFrame:
    """Put the scores of layers beside those of noise as wide, and of the layers at a common width.

    Parameters
    ----------
    scores : DataFrame
        Made by `stages.survey.all_scores.gather`.
    layers : DataFrame
        Made by `stages.survey.zoo_models.list_layers`.

    Returns
    -------
    DataFrame
        One row per layer, region, metric and split; units are those of the layer as compared,
        chance is nominal (missing where there is none), and z_width is (score - noise) / null_sd
        (0 where the null does not vary). See the module for `flagged`.

    Raises
    ------
    InputError
        If a score has no control.
    """
    rows = scores.loc[scores["kind"] == LAYER, [*_ROW, "score", "null_mean", "null_sd", "p", "n"]]
    for kind in CONTROLS:
        control = scores.loc[scores["kind"] == kind, [*_ROW, "score"]]
        control = control.rename(columns={"score": kind})
        rows = rows.merge(control, on=_ROW, how="left", validate="one_to_one")
        bare = rows.loc[rows[kind].isna(), _ROW]
        if len(bare):
            got = ", ".join(str(value) for value in bare.iloc[0])
            raise InputError(f"score without {kind}", where="results of align", got=got, do=RERUN)
    rows = rows.merge(layers[["model", "layer", "units"]], on=["model", "layer"], how="left")
    rows["chance"] = _chances(rows[["metric", "n"]])
    return _judge(rows)[list(TABLES["control"])]


def _judge(rows: pd.DataFrame) -> pd.DataFrame:
    """Add z_width and flags, as the module defines them."""
    sd = rows["null_sd"].where(rows["null_sd"] > 1e-12)
    z = ((rows["score"] - rows["noise"]) / sd).fillna(0.0)
    bound = rows["chance"] + CRITICAL * rows["null_sd"]
    least = rows[["noise", "null_mean"]].min(axis=1)
    flagged = ((rows["p"] < SIGNIFICANT) & (z < CRITICAL)) | (least > bound)
    return rows.assign(z_width=z, flagged=flagged)


def _chances(rows: pd.DataFrame) -> "pd.Series[float]":
    """Nominal chance of every row, found once per metric and number of rows."""
    pairs = rows.drop_duplicates()
    chances = [parse_metric(name).nominal_chance(int(n)) for name, n in pairs.to_numpy()]
    known = pairs.assign(chance=np.array(chances, float))
    return rows.merge(known, on=["metric", "n"], how="left")["chance"]
