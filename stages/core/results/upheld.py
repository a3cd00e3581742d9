"""What stands against every null that a probe was held to."""

import pandas as pd

# Held-out r against shifts, beyond nuisance variables, and against other orders of the words.
TESTS = ("r", "r_partial", "r_words")
WHAT = ["model", "layer", "kind", "target"]


def upheld(results: pd.DataFrame) -> pd.DataFrame:
    """Keep held-out r, with the largest q of all its tests.

    Attention is not tested beyond nuisance variables, and a head is held to shifts alone. A target
    of a layer that was tested beyond them, but of which they leave nothing, is not upheld: q = 1.

    Parameters
    ----------
    results : DataFrame
        Results of probe.

    Returns
    -------
    DataFrame
        The rows of metric `r`, in their order.
    """
    rows = results[results["metric"] == "r"]
    which = pd.MultiIndex.from_frame(rows[WHAT])
    tests = results[results["metric"].isin(TESTS)]
    tests = tests.assign(q=tests["q"].fillna(1.0))
    made = tests.pivot_table("q", WHAT, "metric", aggfunc="max", sort=False).reindex(which)
    if "r_partial" in made:
        layer = ["model", "layer", "kind"]
        beyond = made["r_partial"].notna().groupby(layer, sort=False).transform("any")
        made["r_partial"] = made["r_partial"].where(made["r_partial"].notna() | ~beyond, 1.0)
    return rows.assign(q=made.max(axis=1).to_numpy())
