"""What stands against every null that a probe was held to."""

import pandas as pd

# Held-out r against shifts, beyond nuisance variables, and against other orders of the words.
TESTS = ("r", "r_partial", "r_words")
WHAT = ["model", "layer", "kind", "target"]


def upheld(results: pd.DataFrame) -> pd.DataFrame:
    """Keep held-out r, with the largest q of all its tests.

    Attention is not tested beyond nuisance variables, and a head is held to shifts alone.

    Parameters
    ----------
    results : DataFrame
        Results of probe.

    Returns
    -------
    DataFrame
        The rows of metric `r`, in their order.
    """
    tests = results[results["metric"].isin(TESTS)]
    largest = tests.groupby(WHAT, sort=False)["q"].max()
    rows = results[results["metric"] == "r"]
    found = largest.reindex(pd.MultiIndex.from_frame(rows[WHAT]))
    return rows.assign(q=found.to_numpy())
