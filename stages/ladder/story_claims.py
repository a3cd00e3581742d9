"""The ladder of the story study: models that predict regions, and models that do so better."""

from dataclasses import dataclass

import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.core.results.ladder import CLAIM, RUNGS, ladder_table
from stages.ladder.other_ladders import in_other_data
from stages.ladder.pair_rungs import NO_CEILING, NO_TWIN, over_people, same_width, surpasses, turned
from stages.ladder.rungs import (
    SHUFFLED,
    against_twins,
    count_people,
    of_ceiling,
    of_everybody,
    of_people,
    shown,
    significant,
    with_intervals,
)
from stages.ladder.seed_rung import ONE_SEED, over_seeds

PLAIN, PARTIAL = "r", "r_partial"
_AS_WIDE = "an untrained twin is as wide, where there is one"
_NO_NUISANCE = "the recording has no nuisance variables"


@dataclass(frozen=True)
class Evidence:
    """What is known of the models of a story.

    Attributes
    ----------
    nested : DataFrame
        Results of encode, of the layers that inner folds choose.
    pairs : DataFrame
        Models compared two by two.
    intervals : DataFrame
        Of the scores of the same layers.
    roll : DataFrame
        Of the models.
    others : DataFrame
        Ladders of other recordings.
    share : float
        Of the ceiling, that is asked for.
    """

    nested: pd.DataFrame
    pairs: pd.DataFrame
    intervals: pd.DataFrame
    roll: pd.DataFrame
    others: pd.DataFrame
    share: float

    @property
    def metric(self) -> str:
        """By what claims are told: beyond the nuisance variables, where there are some."""
        return PARTIAL if (self.nested["metric"] == PARTIAL).any() else PLAIN

    @property
    def dataset(self) -> str:
        """The recording."""
        return str(self.nested["dataset"].iloc[0]) if len(self.nested) else ""

    @property
    def leaks(self) -> bool:
        """Whether folds were shuffled."""
        return bool(self.nested["split"].str.contains("shuffled").any())


def story_ladder(evidence: Evidence) -> pd.DataFrame:
    """Hold what the story study says against what speaks against it.

    From the third rung on all is beyond the nuisance variables, where the recording has some, but
    for the share of the ceiling. Of shuffled folds nothing is asked.
    """
    parts = [_predicting(evidence), _surpassing(evidence)]
    return pd.concat(parts, ignore_index=True)


def _predicting(of: Evidence) -> pd.DataFrame:
    """Hold that trained models predict regions."""
    rows = of.nested[of.nested["model"].isin(of.roll.loc[of.roll["trained"], "model"])]
    told, sure = shown(rows), shown(of.intervals)
    plain, partial = (
        with_intervals(of_everybody(told[told["metric"] == name]), sure[sure["metric"] == name])
        for name in (PLAIN, PARTIAL)
    )
    claims = plain.assign(dataset=of.dataset, modality="", metric=of.metric)
    people = rows[(rows["subject"] != GROUP) & (rows["metric"] == of.metric)]
    here = shown(of.pairs[of.pairs["metric"] == of.metric])
    return _held(
        of,
        claims[[*CLAIM, "dataset", "modality", "metric"]],
        {
            "chance": significant(plain),
            "nuisance": significant(partial) if of.metric == PARTIAL else _NO_NUISANCE,
            "untrained twin": against_twins(here, of.roll),
            "equal width": _AS_WIDE,
            "ceiling": of_ceiling(plain, of.share),
            "other people": of_people(count_people(people)),
            "other data": in_other_data(claims, of.others),
            "other seeds": over_seeds(here, of.roll),
        },
    )


def _surpassing(of: Evidence) -> pd.DataFrame:
    """Hold that trained models predict regions better than others."""
    here = shown(of.pairs)
    plain, partial = (surpasses(here[here["metric"] == name], of.roll) for name in (PLAIN, PARTIAL))
    claims = plain.assign(dataset=of.dataset, metric=of.metric)
    people = of.pairs[of.pairs["people_q"].notna() & (of.pairs["metric"] == of.metric)]
    return _held(
        of,
        claims[[*CLAIM, "dataset", "modality", "metric"]],
        {
            "chance": significant(plain),
            "nuisance": (
                turned(significant(partial), claims) if of.metric == PARTIAL else _NO_NUISANCE
            ),
            "untrained twin": NO_TWIN,
            "equal width": same_width(claims, of.nested.merge(of.roll[["model", "width"]])),
            "ceiling": NO_CEILING,
            "other people": turned(over_people(surpasses(people, of.roll)), claims),
            "other data": in_other_data(claims, of.others),
            "other seeds": ONE_SEED,
        },
    )


def _held(of: Evidence, claims: pd.DataFrame, rungs: dict[str, pd.DataFrame | str]) -> pd.DataFrame:
    return ladder_table(claims, dict.fromkeys(RUNGS, SHUFFLED) if of.leaks else rungs)
