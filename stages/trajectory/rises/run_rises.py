"""How far the curves of runs rise between steps that all of them have."""

from collections.abc import Sequence

import pandas as pd

from stages.core.names.vocabulary import GROUP, MEAN
from stages.trajectory.onsets.onset_times import Ends


def sizes_of(rows: pd.DataFrame) -> list[str]:
    """List the sizes: empty for all together, then each where there are several."""
    sizes = list(dict.fromkeys(rows["size"].astype(str)))
    return ["", *sizes] if len(sizes) > 1 else [""]


def of_size(rows: pd.DataFrame, size: str) -> pd.DataFrame:
    """Select the rows of a size, or all."""
    return rows[rows["size"].eq(size)] if size else rows


def whole(rows: pd.DataFrame) -> pd.DataFrame:
    """Select the curves of all people together."""
    return rows[rows["subject"].isin([GROUP, MEAN])]


def people(rows: pd.DataFrame) -> pd.DataFrame:
    """Select the curves of single people."""
    return rows[~rows["subject"].isin([GROUP, MEAN])]


def rises_of_runs(
    own: pd.DataFrame, other: pd.DataFrame, ends: Ends
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take from every run (rows) and subject (columns) its rise over the steps that all have.

    Of too few steps no rise is taken: there are no columns.
    """
    steps = common_ends(own, other, ends)
    if steps is None:
        return _without_rise(own), _without_rise(other)
    first, last = steps
    one, two = (_mean_over(rows, last) - _mean_over(rows, first) for rows in (own, other))
    return one, two


def common_ends(
    own: pd.DataFrame, other: pd.DataFrame, ends: Ends
) -> tuple[list[int], list[int]] | None:
    """List the first and the last of the steps that all runs have; None of too few."""
    both = pd.concat([own, other]).dropna(subset="value")
    runs = [set(rows) for _, rows in both.groupby(["of", "size", "seed", "subject"])["step"]]
    steps = sorted(set.intersection(*runs)) if runs else []
    if len(steps) <= ends.base + ends.plateau:
        return None
    return steps[: ends.base], steps[-ends.plateau :]


def _without_rise(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop_duplicates(["size", "seed"]).set_index(["size", "seed"])[[]]


def _mean_over(rows: pd.DataFrame, steps: Sequence[int]) -> pd.DataFrame:
    """Average each run over some steps; missing of a run without a value."""
    some = rows[rows["step"].isin(steps)]
    values = some.groupby(["size", "seed", "subject"])["value"].mean()
    means = values.unstack("subject")  # noqa: PD010 (pivot_table takes ten times as long)
    return means.reindex(_without_rise(rows).index)
