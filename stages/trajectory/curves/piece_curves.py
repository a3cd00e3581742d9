"""Curves of the share that each piece of the stimuli has in an alignment; see `jackknife`."""

from collections.abc import Sequence

import pandas as pd

from stages.core.names.areas import networks_in
from stages.core.names.vocabulary import CHOSEN, EVERYWHERE, GROUP
from stages.core.results.leaks import mark
from stages.core.run.errors import InputError
from stages.core.stats.jackknife import pseudo_values
from stages.trajectory.curves.curve_names import RUN
from stages.trajectory.curves.layer_choice import chosen_rows
from stages.trajectory.curves.run_curves import everywhere, measured_scores

PIECE = [*RUN, "step", "measure", "region", "piece", "value"]
_KEY = ["member", "subject", "region", "target", "layer", "metric"]


def piece_curves(
    scores: pd.DataFrame, without: pd.DataFrame, metrics: Sequence[str], last: int
) -> pd.DataFrame:
    """Find the share of each piece of the stimuli in the curves of chosen layers.

    Parameters
    ----------
    scores : DataFrame
        From `read_scores`.
    without : DataFrame
        From `read_pieces`: the same without each piece.
    metrics, last
        See `alignment_curves`.

    Returns
    -------
    DataFrame
        The columns `PIECE`, for all subjects together: the mean of `value` over pieces is the
        curve's own value. Regions are also averaged as in `alignment_curves`.

    Raises
    ------
    InputError
        If a score of a chosen layer has no counterpart without each piece.
    """
    parts = [_shares(chosen_rows(one, last), without) for one in measured_scores(scores, metrics)]
    shares = pd.concat(parts, ignore_index=True)
    whole = shares[shares["subject"].eq(GROUP)] if GROUP in set(shares["subject"]) else shares
    measure = whole["metric"] + mark(scores["split"])
    named = whole.assign(layer=CHOSEN, subject="", measure=measure)
    point = [name for name in PIECE if name != "value"]
    places = named.groupby([*point, "layer", "subject"], sort=False)["value"]
    curves = places.agg(_known).reset_index()
    common = everywhere(curves)
    (dataset,) = scores["dataset"].unique()
    network = common["region"].map(networks_in(dataset, common["region"].unique()))
    wider = [common.assign(region=network)[network.ne("")], common.assign(region=EVERYWHERE)]
    means = pd.concat(wider).groupby(point, sort=False)["value"].agg(_known).reset_index()
    return pd.concat([curves[PIECE], means[PIECE]], ignore_index=True)


def _shares(chosen: pd.DataFrame, without: pd.DataFrame) -> pd.DataFrame:
    """Turn the scores of chosen layers into shares, a row for each piece."""
    columns = [*_KEY, "of", "piece", "score", "fitted"]
    both = chosen.merge(without[columns], on=[*_KEY, "of"], suffixes=("", "_without"))
    place = [*RUN, "step", *_KEY]
    each = both.set_index([*place, "piece"])["score_without"]
    wide = each.unstack("piece").dropna(how="all")  # noqa: PD010 (pivot_table makes every product)
    if len(wide) != len(chosen):
        of, got = chosen["of"].iloc[0], len(chosen) - len(wide)
        raise InputError(
            "score without pieces is missing",
            where=f"scores of {of}",
            expected="one of each piece for every chosen layer",
            got=f"none for {got} of {len(chosen)}",
            do="Run the stage that makes the family's scores.",
        )
    known = both.drop_duplicates(place).set_index(place).loc[wide.index]
    values = pseudo_values(known["score"], wide, known["fitted"])
    table = pd.DataFrame(values, wide.index, wide.columns).reset_index()
    return table.melt(place, var_name="piece", value_name="value")


def _known(values: "pd.Series[float]") -> float:
    """Average; missing where one is."""
    return float(values.mean(skipna=False))
