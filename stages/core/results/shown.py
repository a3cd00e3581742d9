"""Which subjects and models of a table of results are shown."""

from collections.abc import Sequence

import pandas as pd

from stages.core.names.vocabulary import GROUP, MEAN, SIGNIFICANT
from stages.core.run.errors import InputError


def shown_subject(table: pd.DataFrame) -> str:
    """Name the subject average, or the first subject where there is no average.

    Raises
    ------
    InputError
        If there are no results.
    """
    subjects = table["subject"].unique()
    if not len(subjects):
        raise InputError("no results", expected="somebody's", got="a table without rows")
    return GROUP if GROUP in subjects else str(subjects[0])


def of_people(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out averages over subjects, where the subjects themselves are there.

    Parameters
    ----------
    table : DataFrame
        With a column subject, and perhaps a column region: an average is left out of the regions
        that are measured in somebody.
    """
    table = table[table["subject"] != MEAN]
    group = table["subject"] == GROUP
    if "region" in table:
        measured = table["region"].isin(table.loc[~group, "region"].unique())
        return table[~group | ~measured]
    return table if group.all() else table[~group]


def aligned(scores: pd.DataFrame) -> pd.DataFrame:
    """Keep the scores of what aligns: where it does not, no layer is better than another.

    Parameters
    ----------
    scores : DataFrame
        With columns score and p. Those with p below .05 are kept; of those that have none, since no
        null was drawn, the ones above 0.
    """
    above = scores["p"].isna() & (scores["score"] > 0)
    return scores[(scores["p"] < SIGNIFICANT) | above]


def where_aligned(table: pd.DataFrame, best: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Keep the rows where the chosen layer aligns; see `aligned`.

    Parameters
    ----------
    table : DataFrame
    best : DataFrame
        Scores of chosen layers, with columns score and p, one at most of each `by`.
    by : sequence of str
        Columns of both that say where a row belongs.
    """
    return table.merge(aligned(best)[list(by)], on=list(by), validate="many_to_one")


def of_first_model(results: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of the first model: the one that the study is about."""
    return results[results["model"] == results["model"].iloc[0]] if len(results) else results
