"""Blocks of regions: those of one hemisphere stand together, and their means come last."""

import pandas as pd

from stages.core.names.vocabulary import HEMISPHERES, hemisphere_mean, hemisphere_of

MEANS = [hemisphere_mean(name) for name in HEMISPHERES]
BLOCKS = (*HEMISPHERES, "neither", "mean")


def by_block(table: pd.DataFrame) -> pd.DataFrame:
    """Sort by hemisphere, then by region; rows of a region keep their order.

    Parameters
    ----------
    table : DataFrame
        With a column region.

    Returns
    -------
    DataFrame
        The same rows, with block (one of `BLOCKS`) after region.
    """
    table = table.sort_values("region", kind="stable")
    table.insert(list(table).index("region") + 1, "block", table["region"].map(_block))
    ranks = table["block"].map(BLOCKS.index)
    return table.iloc[ranks.argsort(kind="stable")].reset_index(drop=True)


def _block(region: str) -> str:
    return "mean" if region in MEANS else hemisphere_of(region) or "neither"
