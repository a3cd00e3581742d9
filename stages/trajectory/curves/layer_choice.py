"""Which layer stands for a run, chosen without the data that its curve is made of."""

import pandas as pd

from stages.core.names.vocabulary import GROUP

OTHER_SEEDS = "other seeds"
INNER_FOLDS = "inner folds"
OTHER_SUBJECTS = "other subjects"
ITSELF = "its own last steps"


def chosen_rows(rows: pd.DataFrame, last: int) -> pd.DataFrame:
    """Pick the rows of one layer for every run, region and subject.

    The scores of layers chosen in the inner folds are taken, where there are any: other seeds have
    met the same responses, noise included, and so do not choose without the test data. Else, with
    several seeds of a size, it is the layer that is best at the last steps of the other seeds; else
    that at the last steps of the other subjects; else, and the column `choice` says so, that of the
    run itself. In these cases the end of a curve is somewhat too high.

    Parameters
    ----------
    rows : DataFrame
        Scores of one family, size, kind of weights and metric: seed, step, seen, kind (`hidden`
        or `nested`), layer, region, subject, score, ceiling.
    last : int
        Number of last steps.

    Returns
    -------
    DataFrame
        The chosen rows, with the column `choice`.
    """
    hidden, nested = (rows[rows["kind"].eq(kind)] for kind in ("hidden", "nested"))
    late = late_scores(hidden, last)
    if len(nested):
        return nested.assign(choice=INNER_FOLDS)
    if len(set(rows["seed"])) > 1:
        return _best(hidden, _of_others(late, "seed"), OTHER_SEEDS)
    people = [name for name in rows["subject"].unique() if name != GROUP]
    if len(people) > 1:
        others = _of_others(late[late["subject"].ne(GROUP)], "subject")
        return _best(hidden[hidden["subject"].ne(GROUP)], others, OTHER_SUBJECTS)
    return _best(hidden, late, ITSELF)


def late_scores(hidden: pd.DataFrame, last: int) -> pd.DataFrame:
    """Mean score of every layer over the last steps of its run.

    Returns
    -------
    DataFrame
        seed, region, subject, layer, late.
    """
    late = hidden["step"].groupby(hidden["seed"]).rank("dense", ascending=False).le(last)
    groups = hidden[late].groupby(["seed", "region", "subject", "layer"], sort=False)["score"]
    return groups.mean().rename("late").reset_index()


def _of_others(late: pd.DataFrame, over: str) -> pd.DataFrame:
    """Replace the late scores of each seed or subject by the mean of those of all others."""
    by = [name for name in ("seed", "region", "subject", "layer") if name != over]
    groups = late.groupby(by, sort=False)["late"]
    others = groups.transform("size") - 1
    total = groups.transform("sum") - late["late"]
    return late.assign(late=total / others.where(others > 0))


def _best(hidden: pd.DataFrame, late: pd.DataFrame, choice: str) -> pd.DataFrame:
    place = ["seed", "region", "subject"]
    ranked = late.dropna(subset="late").sort_values("late", ascending=False, kind="stable")
    best = ranked.drop_duplicates(place)[[*place, "layer"]]
    return hidden.merge(best, on=[*place, "layer"]).assign(choice=choice)
