"""The rows behind the courses of alignment and performance: means, runs and times to half."""

import pandas as pd

from stages.core.names.vocabulary import ALIGNMENT, PERFORMANCE
from stages.plots.trajectory.course_tables import (
    HALF,
    Trajectories,
    by_line,
    main_rows,
    with_lines,
)

KINDS = ("loss", "perplexity", "bits", "error")  # how measures end that fall with training
ACCURATE = ("accuracy", "acc", "top1", "top5")
GAIN = "gain in alignment"
RISES = "rises"  # of the shapes, the one that has times
WITHIN = 1.96  # standard deviations, of 95 %
CHANCE = ["chance", "chance_low", "chance_high"]
SHOWN = ["line", "of", "size", "weights", "side", "measure", "step", "seen"]


def courses_table(made: Trajectories) -> pd.DataFrame:
    """Pick the mean courses: alignment above its own step 0, and performance as it is.

    Returns
    -------
    DataFrame
        line, of, size, weights, side, measure, step, seen, `value` with `low` and `high`, n_runs,
        and of alignment `chance` with `chance_low` and `chance_high`: what its null would gain
        since the same step 0, mean over runs, and 95 % of it in one region, where regions are
        averaged: of their mean it is less.
    """
    gain = main_rows(made.bands)
    gain = gain[gain["quantity"].eq("gain")]
    performed = made.bands["side"].eq(PERFORMANCE) & made.bands["quantity"].eq("value")
    both = with_lines(pd.concat([gain, made.bands[performed]], ignore_index=True))
    table = both.rename(columns={"mean": "value"})[[*SHOWN, "value", "low", "high", "n_runs"]]
    table = table.merge(_chances(made.curves), on=SHOWN, how="left", validate="one_to_one")
    numbers = ["value", "low", "high", *CHANCE]
    table[numbers] = table[numbers].round(4)
    return table


def _chances(curves: pd.DataFrame) -> pd.DataFrame:
    """Set the null of alignment beside its gain: less the same value at step 0."""
    rows = with_lines(main_rows(curves)).dropna(subset="gain")
    rows = rows.assign(chance=rows["null_mean"] - (rows["value"] - rows["gain"]))
    mean = rows.groupby(SHOWN, sort=False)[["chance", "null_sd"]].mean()
    reach = WITHIN * mean["null_sd"]
    ends = {"chance_low": mean["chance"] - reach, "chance_high": mean["chance"] + reach}
    return mean.assign(**ends)[CHANCE].reset_index()


def kind_of(table: pd.DataFrame) -> "pd.Series[str]":
    """Tell which axis a measure belongs to: what ends alike has one unit."""
    endings = table["measure"].str.rpartition("_")[2]
    kinds = endings.where(~endings.isin(ACCURATE), ACCURATE[0])
    return kinds.where(table["side"].ne(ALIGNMENT), GAIN)


def run_courses(made: Trajectories) -> pd.DataFrame:
    """Pick the course of every run, in the same units as the means."""
    gain = main_rows(made.curves)
    gain = gain.assign(value=gain["gain"])
    performed = made.curves[made.curves["side"].eq(PERFORMANCE)]
    both = with_lines(pd.concat([gain, performed], ignore_index=True))
    return both.assign(kind=kind_of(both)).dropna(subset="value")


def half_times(made: Trajectories) -> pd.DataFrame:
    """Pick the times to half of the rise, of alignment as a whole and of performance."""
    half = made.onsets[made.onsets["share"].eq(HALF) & made.onsets["octave"].notna()]
    performed = half[half["side"].eq(PERFORMANCE)]
    return with_lines(pd.concat([main_rows(half), performed], ignore_index=True))


def timeless(made: Trajectories) -> dict[str, str]:
    """Say of each line what those runs do whose alignment does not rise, and so has no time."""
    half = with_lines(main_rows(made.run_onsets[made.run_onsets["share"].eq(HALF)]))
    told = {}
    for name, rows in by_line(half[half["shape"].ne(RISES)]):
        shapes = rows["shape"].replace("", "too short").value_counts(sort=False)
        told[name] = "no time: " + ", ".join(f"{n} {shape}" for shape, n in shapes.items())
    return told
