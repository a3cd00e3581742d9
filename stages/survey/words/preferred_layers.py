"""Which layers the people and places of a recording prefer: how often inner folds choose each."""

import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.core.results.language_scores import PREFERENCES
from stages.core.results.typed_tables import empty_table


def preference_rows(encoded: pd.DataFrame) -> pd.DataFrame:
    """Count the choices of the inner folds, a row per model, region and layer that is chosen.

    Parameters
    ----------
    encoded : DataFrame
        Results of encode, of all models.

    Returns
    -------
    DataFrame
        Columns `PREFERENCES`, but for the recording and the depth. `targets` are regions or voxels
        of people, of the average where there is nobody else, and `share` is that of those which
        prefer the layer.
    """
    nested = encoded[(encoded["kind"] == "nested") & (encoded["metric"] == "r")]
    people = nested[nested["subject"] != GROUP]
    counted = people if len(people) else nested
    if counted.empty:
        return empty_table(PREFERENCES)
    found = counted.groupby(["model", "region", "layer"], sort=True).size()
    totals = found.groupby(level=["model", "region"]).transform("sum")
    return pd.DataFrame({"targets": found, "share": found / totals}).reset_index()
