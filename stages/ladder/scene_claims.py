"""The ladder of the scene study: models that align with regions, and models that do so better."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.core.results.ladder import CLAIM, FAILS, HOLDS, ladder_table
from stages.ladder.other_ladders import in_other_data
from stages.ladder.pair_rungs import NO_CEILING, NO_TWIN, over_people, same_width, surpasses, turned
from stages.ladder.rungs import (
    against_twins,
    count_people,
    of_ceiling,
    of_everybody,
    of_people,
    predicts,
    shown,
    significant,
    with_intervals,
)
from stages.ladder.seed_rung import ONE_SEED, over_seeds

CRITICAL = 1.645  # standard deviations that chance exceeds in one of twenty cases
BOTH, TOWERS = "both", ["vision", "language"]  # of the modality of a model, and its towers
_PLACE = ["model", "region"]
_NO_NUISANCE = "no nuisance variables are known of images"


@dataclass(frozen=True)
class Evidence:
    """What is known of the zoo, by one metric; see `stages.core.results.survey`.

    Attributes
    ----------
    best, control, pairs, intervals, roll : DataFrame
        Tables of the survey; `roll` is that of the models.
    others : DataFrame
        Ladders of other recordings.
    metric : str
    share : float
        Of the ceiling, that is asked for.
    """

    best: pd.DataFrame
    control: pd.DataFrame
    pairs: pd.DataFrame
    intervals: pd.DataFrame
    roll: pd.DataFrame
    others: pd.DataFrame
    metric: str
    share: float


def scene_ladder(found: Evidence) -> pd.DataFrame:
    """Hold what the scene study says against what speaks against it.

    A model with two towers is two: NAME/vision and NAME/language.
    """
    of = _by_tower(found)
    dataset = str(of.best["dataset"].iloc[0]) if len(of.best) else ""
    known = {"dataset": dataset, "metric": of.metric}
    return pd.concat([_aligning(of, known), _surpassing(of, known)], ignore_index=True)


def _by_tower(of: Evidence) -> Evidence:
    """Name towers where a model has two."""
    two = set(of.roll.loc[of.roll["modality"] == BOTH, "model"])

    def named(rows: pd.DataFrame, model: str, modality: str) -> pd.DataFrame:
        tower = rows[model] + "/" + rows[modality]
        return rows.assign(**{model: rows[model].where(~rows[model].isin(two), tower)})

    towers = of.roll["modality"].map(lambda one: TOWERS if one == BOTH else [one])
    split = of.roll.assign(modality=towers).explode("modality", ignore_index=True)
    pairs = named(of.pairs, "model", "modality")
    return Evidence(
        named(of.best, "model", "modality"),
        named(of.control, "model", "modality"),
        named(pairs, "other", "other_modality"),
        named(of.intervals, "model", "modality"),
        named(split, "model", "modality"),
        of.others,
        of.metric,
        of.share,
    )


def _aligning(of: Evidence, known: dict[str, str]) -> pd.DataFrame:
    """Hold that trained models align with regions."""
    best = of.best[of.best["model"].isin(of.roll.loc[of.roll["trained"], "model"])]
    told = shown(best)
    means = with_intervals(of_everybody(told), shown(of.intervals)).assign(**known)
    means = means.merge(best.drop_duplicates("model")[["model", "modality"]], on="model")
    people = best[best["subject"] != GROUP]
    return ladder_table(
        means[[*CLAIM, "modality", *known]],
        {
            "chance": significant(means),
            "nuisance": _NO_NUISANCE,
            "untrained twin": against_twins(shown(of.pairs), of.roll),
            "equal width": _at_equal_width(told, of.control),
            "ceiling": of_ceiling(means, of.share),
            "other people": of_people(count_people(people)),
            "other data": in_other_data(means, of.others),
            "other seeds": over_seeds(shown(of.pairs), of.roll),
        },
    )


def _surpassing(of: Evidence, known: dict[str, str]) -> pd.DataFrame:
    """Hold that trained models align with regions better than others."""
    claims = surpasses(shown(of.pairs), of.roll).assign(**known)
    people = surpasses(of.pairs[of.pairs["people_q"].notna()], of.roll)
    return ladder_table(
        claims[[*CLAIM, "modality", *known]],
        {
            "chance": significant(claims),
            "nuisance": _NO_NUISANCE,
            "untrained twin": NO_TWIN,
            "equal width": same_width(claims, _widths(shown(of.best), of.control)),
            "ceiling": NO_CEILING,
            "other people": turned(over_people(people), claims),
            "other data": in_other_data(claims, of.others),
            "other seeds": ONE_SEED,
        },
    )


def _widths(best: pd.DataFrame, control: pd.DataFrame) -> pd.DataFrame:
    """Find the units of the chosen layers, as they are compared."""
    units = control.drop_duplicates(["model", "modality", "layer"])
    keys = ["model", "modality", "layer"]
    return best.merge(units[[*keys, "units"]], on=keys).rename(columns={"units": "width"})


def _at_equal_width(told: pd.DataFrame, control: pd.DataFrame) -> pd.DataFrame:
    """Hold the chosen layers at the common width, and beside noise as wide as they are."""
    keys = [*_PLACE, "modality", "subject", "layer", "metric", "split"]
    columns = [*keys, "projected", "null_mean", "null_sd", "flagged"]
    rows = told[keys].merge(control[columns], on=keys)
    above = rows["projected"] > rows["null_mean"] + CRITICAL * rows["null_sd"]
    rows = rows.assign(held=above & ~rows["flagged"])
    cells = rows.groupby(_PLACE, sort=False)
    table = cells.agg(value=("projected", "mean"), held=("held", "all"), who=("held", "sum"))
    table["why"] = "in " + table["who"].astype(int).astype(str) + " of " + cells.size().astype(str)
    return predicts(table.reset_index()).assign(
        state=np.where(table["held"].to_numpy(), HOLDS, FAILS)
    )
