"""From the scores of members to one curve per run, place and measure."""

from collections.abc import Iterator, Sequence

import pandas as pd

from stages.core.names.areas import networks_in
from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE, GROUP, MEAN, PERFORMANCE
from stages.core.results.leaks import mark
from stages.core.run.errors import InputError
from stages.trajectory.curves.curve_names import CURVE, NULL, RUN, SERIES
from stages.trajectory.curves.layer_choice import chosen_rows

POINT = [*RUN, "step", "seen", *SERIES, "choice"]
AVERAGED = ["value", "relative", *NULL]


def alignment_curves(scores: pd.DataFrame, metrics: Sequence[str], last: int) -> pd.DataFrame:
    """Make the curves of alignment of every family.

    Parameters
    ----------
    scores : DataFrame
        From `read_scores`, of one recording.
    metrics : sequence of str
        The first that a family has is taken.
    last : int
        Number of last steps on which layers are chosen.

    Returns
    -------
    DataFrame
        The columns `CURVE`; the measure is the metric, and says so where folds were shuffled
        (`stages.core.results.leaks`). The layer is `chosen`, for each subject and for all
        (`group` where it was recorded, else `mean`), or a layer's name, for all subjects. The
        region `all` is the mean over the regions that every member of a family has, and areas of
        the cortex are also averaged over each of its seven networks. `relative` is over the ceiling
        (missing without one), `gain` minus the run's own step 0 (missing without one). `null_mean`
        and `null_sd` are those of the value's null, averaged like the value: the mean is that of
        the average, the deviation that of one of what is averaged, and so too large.
    """
    parts = []
    for measured in measured_scores(scores, metrics):
        chosen = chosen_rows(measured, last).assign(layer=CHOSEN)
        layers = measured[measured["kind"].eq("hidden")].assign(choice="")
        whole = _whole(layers)
        parts += [chosen, _over_subjects(chosen), whole[whole["subject"].isin([GROUP, MEAN])]]
    curves = _tidy(pd.concat(parts, ignore_index=True))
    (dataset,) = scores["dataset"].unique()
    wider = [curves, _over_networks(curves, dataset), _over_regions(curves)]
    return with_gain(pd.concat(wider, ignore_index=True))


def measured_scores(scores: pd.DataFrame, metrics: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Yield the scores of every family, size and kind of weights by the metric that is taken.

    Raises
    ------
    InputError
        If one has none of the metrics.
    """
    for (of, size, weights), rows in scores.groupby(["of", "size", "weights"], sort=False):
        measured = rows[rows["kind"].isin(["hidden", "nested"])]
        found = [name for name in metrics if name in set(measured["metric"])]
        if not found:
            got = sorted(set(measured["metric"]))
            where = f"scores of {of} {size} {weights}".rstrip()
            raise InputError("metric missing", where=where, expected=list(metrics), got=got)
        yield measured[measured["metric"].eq(found[0])]


def performance_curves(performance: pd.DataFrame) -> pd.DataFrame:
    """Make the curves of performance: the columns `CURVE`, without a place and without a null."""
    rows = performance.assign(side=PERFORMANCE, layer="", region="", subject="", choice="")
    missing = dict.fromkeys(("relative", *NULL), float("nan"))
    return with_gain(rows.assign(**missing)[[*POINT, *AVERAGED]])


def with_gain(curves: pd.DataFrame) -> pd.DataFrame:
    """Add what every curve has gained since its own step 0; missing where there is none."""
    series = [*RUN, *SERIES]
    start = curves.loc[curves["step"].eq(0), [*series, "value"]]
    repeated = start[series].duplicated()
    if repeated.any():
        where = start.loc[repeated, series].iloc[0].to_dict()
        raise InputError("two values at step 0", where=where, expected="one")
    joined = curves.merge(start.rename(columns={"value": "start"}), on=series, how="left")
    return joined.assign(gain=joined["value"] - joined["start"])[CURVE]


def _whole(layers: pd.DataFrame) -> pd.DataFrame:
    """Layers of all subjects together: those of `group`, or their mean."""
    return layers if GROUP in set(layers["subject"]) else _over_subjects(layers)


def _over_subjects(rows: pd.DataFrame) -> pd.DataFrame:
    """Average over subjects, unless all of them together were recorded as one."""
    if GROUP in set(rows["subject"]):
        return rows.iloc[:0]
    return rows.assign(subject=MEAN)


def _tidy(rows: pd.DataFrame) -> pd.DataFrame:
    """Average what is left of targets and subjects at each point of a curve."""
    ratio = rows["score"] / rows["ceiling"].where(rows["ceiling"] > 0)
    measure = rows["metric"] + mark(rows["split"])
    named = rows.assign(side=ALIGNMENT, measure=measure, value=rows["score"], relative=ratio)
    return _mean(named, POINT)


def _over_regions(curves: pd.DataFrame) -> pd.DataFrame:
    """Average over the regions that every member of a family has."""
    mean = _mean(everywhere(curves), [name for name in POINT if name != "region"])
    return mean.assign(region=EVERYWHERE)


def _over_networks(curves: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Average the chosen layers over the areas of each network; no rows without such areas."""
    chosen = everywhere(curves[curves["layer"].eq(CHOSEN)])
    network = chosen["region"].map(networks_in(dataset, chosen["region"].unique()))
    return _mean(chosen.assign(region=network)[network.ne("")], POINT)


def everywhere(curves: pd.DataFrame) -> pd.DataFrame:
    """Keep the regions that every member of a family has."""
    series = ["of", "size", "weights", "layer", "subject"]
    points = curves.groupby([*series, "region"], sort=False)["value"].transform("size")
    most = points.groupby([curves[name] for name in series], sort=False).transform("max")
    return curves[points.eq(most)]


def _mean(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Average `value` and what is told of it; missing where one of the values is."""
    groups = rows.groupby(by, sort=False)
    mean = groups[AVERAGED].mean()
    known = groups[AVERAGED].count().eq(groups.size(), axis=0)
    return mean.where(known).reset_index()
