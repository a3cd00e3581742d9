"""The table of scores as published analyses make them, one row per layer, region and way.

A way is an estimator (`ols`, `ridge`, `cka`, `rdm`) and how folds are cut (`shuffled`, single
samples at random; `groups`, `runs` or `blocks`, as the parameters have it; `none`, nothing is left
out). `score` is the median over the targets of a person and then over people, and `error` its
median absolute deviation over people. Only where nothing is left out is there a null.
"""

from pathlib import Path

import pandas as pd

from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.core.results.typed_tables import Columns, number, read_typed, text

# A model that knows nothing but which samples are neighbours.
PLACES = "places"
# Other people in place of a model, of whole matrices alone: `others`, their mean, and
# `infinitely_many` like them, each in place of a layer.
PEOPLE, CEILING = "people", "ceiling"

RESCORED: Columns = text(
    "recording", "model", "layer", "kind", "region", "estimator", "folds"
) | number("score", "error", "subjects", "targets", "null_mean", "null_sd", "p")


def read_rescored(path: Path) -> pd.DataFrame:
    """Read the table.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a column is absent or of another kind.
    """
    return read_typed(path, RESCORED, "Run `dvc repro metrics/dvc.yaml:rescore_language`.")


def best_layers(table: pd.DataFrame) -> pd.DataFrame:
    """Pick the best layer of each model in each way, as published: by the scores it shows.

    Returns
    -------
    DataFrame
        Columns recording, model, estimator, folds and score, the mean over the regions but the
        control networks of the layer where that is highest; people are no model.
    """
    rows = table[~table["region"].isin(CONTROL_NETWORKS) & (table["kind"] != CEILING)]
    by = ["recording", "model", "estimator", "folds"]
    means = rows.groupby([*by, "layer"], sort=False)["score"].mean()
    return means.groupby(level=by, sort=False).max().reset_index()
