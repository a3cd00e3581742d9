"""What layers and nuisance variables explain together: the part of R² that either could."""

import pandas as pd

from stages.encode.judging import UNIQUE

_PLACE = ["subject", "region", "target", "kind", "layer"]
_JUDGED = ["null_mean", "null_sd", "z", "p"]


def shared_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Take the unique part of R² away from R², for every hidden layer.

    Of two sets of variables, what both explain is R² of one less what it explains beyond the other
    (commonality analysis; Mood 1971, American Educational Research Journal 8:191). It may be
    negative, and has no null. The choice among layers has none: with nuisance variables and
    without, other layers are chosen.

    Parameters
    ----------
    results : DataFrame
        Results of a model, with the metrics `r2` and `r2_unique`.

    Returns
    -------
    DataFrame
        Rows of the metric `r2_shared`.
    """
    rows = results[results["kind"] == "hidden"]
    unique = rows.loc[rows["metric"] == UNIQUE, [*_PLACE, "score"]]
    plain = rows[rows["metric"] == "r2"]
    both = plain.merge(unique, on=_PLACE, suffixes=("", "_unique"), validate="one_to_one")
    score = both["score"] - both.pop("score_unique")
    return both.assign(metric="r2_shared", score=score, **dict.fromkeys(_JUDGED))
