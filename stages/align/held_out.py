"""Alignment of one model, held out: on the images kept apart, with the layer that others choose."""

import pandas as pd

from stages.align.sides import WHOLE
from stages.core.results.results import results_table

HIDDEN, NESTED = "hidden", "nested"


def held_out_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the scores of layers on the images kept apart, and say which layer the others choose.

    Parameters
    ----------
    table : DataFrame
        Made by `stages.align.model.align_model`.

    Returns
    -------
    DataFrame
        A results table. Rows of kind `hidden` are the layers' scores on the split `test`; rows of
        kind `nested` repeat, for each subject, region and metric, that of the layer that is best
        on the split `train`. Recordings without splits have no rows of the second kind.
    """
    layers = table[table["kind"] == "layer"].assign(kind=HIDDEN)
    train = layers[layers["split"] == "train"]
    tested = layers[layers["split"].isin(["test", WHOLE])]
    place = ["subject", "region", "metric"]
    best = train.loc[train.groupby(place, sort=False)["score"].idxmax(), [*place, "layer"]]
    nested = tested.merge(best, on=[*place, "layer"]).assign(kind=NESTED)
    return results_table(pd.concat([tested, nested], ignore_index=True))
