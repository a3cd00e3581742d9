"""The layer of a model that aligns best with a region, chosen on data it is not scored on.

Choosing the best of many layers by the score that is then reported inflates it (Kriegeskorte et al.
2009, Nat Neurosci 12:535). Where images are kept apart, the layer is chosen on those for training
and scored on those for testing. Where they are not, it is chosen on the mean score of the other
subjects' same region; where nobody else has it, as the monkey's, and for the subject average, which
is made of the others, on the other regions of others.
"""

import logging

import pandas as pd

from stages.core.names.vocabulary import GROUP, TRAIN
from stages.core.results.survey import TABLES
from stages.survey.all_scores import KEYS, LAYER

NESTED = "nested"
ON_TRAIN, ON_OTHERS, ON_REGIONS = TRAIN, "other subjects", "other regions"
_PLACE = [*KEYS, "layer"]

log = logging.getLogger("concord.survey")


def choose_layers(scores: pd.DataFrame) -> pd.DataFrame:
    """Choose a layer for every model, tower, subject, region and metric.

    Parameters
    ----------
    scores : DataFrame
        Made by `stages.survey.all_scores.gather`.

    Returns
    -------
    DataFrame
        The row of the chosen layer, of the kind `nested`; `chosen_on` says on what (`train`,
        `other subjects` or `other regions`) and `chosen_score` how it scored there. Of equals, the
        first in depth. q is missing: `stages.survey.all_q` finds it over all models.
    """
    layers = scores[scores["kind"] == LAYER]
    apart = pd.concat([_on_train(layers), *_on_others(layers)])
    deeper = apart.sort_values("depth", kind="stable")
    chosen = apart.loc[deeper.groupby(KEYS, sort=False)["chosen_score"].idxmax()]
    best = apart[KEYS].drop_duplicates().merge(chosen, on=KEYS, validate="one_to_one")
    return best.assign(kind=NESTED, q=float("nan"), q_family="")[list(TABLES["best"])]


def _on_train(layers: pd.DataFrame) -> pd.DataFrame:
    """Scores on the images for testing, with those on the images for training."""
    train = layers[layers["split"] == TRAIN]
    test = layers[layers["split"] == "test"]
    return _with_choice(test, train.set_index(_PLACE)["score"], ON_TRAIN)


def _on_others(layers: pd.DataFrame) -> list[pd.DataFrame]:
    """Scores of each subject on all images, with the mean of the others' scores."""
    whole = layers[layers["split"] == "all"]
    people = whole[whole["subject"] != GROUP]
    place = [name for name in _PLACE if name not in ("subject", "region")]
    tables = []
    for (subject, region), rows in whole.groupby(["subject", "region"], sort=False):
        others = people[people["subject"] != subject]
        alike = others["region"] == region
        same = alike.any() and subject != GROUP
        apart = others[alike if same else ~alike]
        chosen_on = ON_OTHERS if same else ON_REGIONS
        tables.append(_with_choice(rows, apart.groupby(place)["score"].mean(), chosen_on))
    return tables


def _with_choice(rows: pd.DataFrame, apart: "pd.Series[float]", chosen_on: str) -> pd.DataFrame:
    """Put beside each score the one its layer is chosen by; without one, a row is left out."""
    rows = rows.join(apart.rename("chosen_score"), on=[str(name) for name in apart.index.names])
    known = rows["chosen_score"].notna()
    for subject, region in rows.loc[~known, ["subject", "region"]].drop_duplicates().to_numpy():
        log.warning(
            "no layer chosen for region %s of subject %s: expected scores on %s",
            *(region, subject, "other images" if chosen_on == ON_TRAIN else chosen_on),
        )
    return rows[known].assign(chosen_on=chosen_on)
