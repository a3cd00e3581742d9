"""Blocks of regions: those of one hemisphere stand together, and their means come last."""

import pandas as pd

MEANS = ("left hemisphere", "right hemisphere")  # what profile calls the means over regions
SIDES = {"_L": "left", "_R": "right"}  # how the atlas ends the names of its regions
BLOCKS = (*SIDES.values(), "neither", "mean")


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
    return "mean" if region in MEANS else SIDES.get(region[-2:], "neither")
