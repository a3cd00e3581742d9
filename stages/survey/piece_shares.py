"""The share of each piece of the stimuli in the scores of chosen layers; see `jackknife`."""

import pandas as pd

from stages.core.run.errors import InputError
from stages.core.stats.jackknife import pseudo_values

PLACE = ["metric", "region", "subject"]
_SIDE = ["model", "modality", *PLACE]

Entity = tuple[str, str]  # a model, and the modality of its tower
Shares = dict[Entity, pd.DataFrame]


def piece_shares(chosen: pd.DataFrame, without: pd.DataFrame) -> Shares:
    """Find the share of each piece of the stimuli in the scores of chosen layers.

    Parameters
    ----------
    chosen : DataFrame
        Columns model, modality, metric, region, subject, layer and score; several rows of a place,
        such as voxels, are averaged.
    without : DataFrame
        Table of `stages.core.results.left_out_scores` of the same models; rows of layers that are
        not chosen are ignored.

    Returns
    -------
    dict of DataFrame
        By model and modality: a row for each place (`PLACE`), a column for each piece.

    Raises
    ------
    InputError
        If a score has no counterpart without a piece that others have.
    """
    rows = chosen[chosen["metric"].isin(without["metric"].unique())]
    if rows.empty:
        return {}
    keys = ["model", *PLACE, "layer", *(["target"] if "target" in rows else [])]
    columns = [*keys, "piece", "score", "fitted"]
    both = rows.merge(without[columns], on=keys, suffixes=("", "_without"))
    wide = both.pivot_table("score_without", _SIDE, "piece", sort=False, dropna=False)
    scores = rows.groupby(_SIDE, sort=False)["score"].mean()
    fitted = both.groupby(_SIDE, sort=False)["fitted"].first()
    told = both.groupby(_SIDE, sort=False).size().reindex(scores.index, fill_value=0)
    asked = rows.groupby(_SIDE, sort=False).size() * both["piece"].nunique()
    absent = scores.index[told.to_numpy() != asked.to_numpy()]
    if len(absent):
        raise InputError(
            "score without pieces is missing",
            where=", ".join(map(str, absent[0])),
            expected="one for each piece",
            do="Run `dvc repro` again.",
        )
    parts = (one.reindex(scores.index).to_numpy() for one in (scores, wide, fitted))
    shares = pseudo_values(*parts)
    table = pd.DataFrame(shares, index=scores.index, columns=wide.columns)
    return {
        (str(model), str(modality)): rows.droplevel([0, 1])
        for (model, modality), rows in table.groupby(level=[0, 1], sort=False)
    }
