"""What layers and nuisance variables explain together: the part of R² that either could."""

import pandas as pd

from stages.encode.judging import UNIQUE

_TARGET = ["subject", "region", "target", "kind"]
_JUDGED = ["null_mean", "null_sd", "z", "p"]


def shared_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Take the unique part of R² away from R², for every layer and for the chosen one.

    Of two sets of variables, what both explain is R² of one less what it explains beyond the other
    (commonality analysis; Mood 1971, American Educational Research Journal 8:191). It may be
    negative, and has no null.

    Parameters
    ----------
    results : DataFrame
        Results of a model, with the metrics `r2` and `r2_unique`.

    Returns
    -------
    DataFrame
        Rows of the metric `r2_shared`; of kind `nested`, the layer is the one chosen for `r2`.
    """
    parts = []
    for kind, more in (("hidden", ["layer"]), ("nested", [])):
        rows = results[results["kind"] == kind]
        unique = rows.loc[rows["metric"] == UNIQUE, [*_TARGET, *more, "score"]]
        plain = rows[rows["metric"] == "r2"]
        both = plain.merge(unique, on=[*_TARGET, *more], suffixes=("", "_unique"))
        score = both["score"] - both.pop("score_unique")
        parts.append(both.assign(metric="r2_shared", score=score, **dict.fromkeys(_JUDGED)))
    return pd.concat(parts, ignore_index=True)
