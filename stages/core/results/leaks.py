"""What is said of scores by shuffled folds, in names that every table and picture repeats."""

import pandas as pd

MARK = " (SHUFFLED FOLDS)"


def mark(split: "pd.Series[str]") -> str:
    """Say whether folds were shuffled: `MARK`, or nothing.

    Parameters
    ----------
    split : Series of str
        Column of the results contract.
    """
    return MARK if split.str.contains("shuffled").any() else ""


def unmarked(name: str) -> str:
    """Name what was scored without saying how: a recording, as its files are named."""
    return name.removesuffix(MARK)
