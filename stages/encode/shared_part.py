"""What layers and nuisance variables explain together: the part of R² that either could."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.stats.scores import Moments, explained, r_squared
from stages.encode.judging import UNIQUE

Array = NDArray[np.float64]
SHARED = "r2_shared"
_PLACE = ["subject", "region", "target", "kind", "layer"]
_JUDGED = ["null_mean", "null_sd", "z", "p"]


def shared_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Take the unique part of R² away from R², for every hidden layer.

    Of two sets of variables, what both explain is R² of one less what it explains beyond the other
    (commonality analysis; Mood 1971, American Educational Research Journal 8:191). It may be
    negative. It has no null: shifting the responses takes away what each explains alone, too.

    Parameters
    ----------
    results : DataFrame
        Results of a model, with the metrics `r2` and `r2_unique`.

    Returns
    -------
    DataFrame
        Rows of the metric `r2_shared`; those of the choice among layers come of `parts`.
    """
    rows = results[results["kind"] == "hidden"]
    unique = rows.loc[rows["metric"] == UNIQUE, [*_PLACE, "score"]]
    plain = rows[rows["metric"] == "r2"]
    both = plain.merge(unique, on=_PLACE, suffixes=("", "_unique"), validate="one_to_one")
    score = both["score"] - both.pop("score_unique")
    return both.assign(metric=SHARED, score=score, **dict.fromkeys(_JUDGED, np.nan))


def parts(beyond: Moments, plain: Moments) -> tuple[Array, Array]:
    """Split R² of layers in what they add to nuisance variables, and what either explains.

    Parameters
    ----------
    beyond : Moments
        Of responses and layers without what nuisance variables explain of them.
    plain : Moments
        Of the same layers and test samples, as they are.

    Returns
    -------
    ndarray, ndarray, each of shape (n_targets,)
        The unique and the shared part.
    """
    total = plain.yy.sum(axis=0) - plain.y.sum(axis=0) ** 2 / plain.n.sum(axis=0)
    unique = explained(beyond, total)
    return unique, r_squared(plain) - unique
