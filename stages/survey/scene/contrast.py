"""Where language models align better with the brain than vision models do."""

from collections.abc import Collection

import pandas as pd

from stages.core.names.vocabulary import GROUP, MEAN
from stages.core.results.survey import TABLES

MODALITIES = ("language", "vision")
_WHERE = ["subject", "region", "network", "metric"]


def contrast_table(best: pd.DataFrame, trained: Collection[str]) -> pd.DataFrame:
    """Compare the best trained models of both modalities.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.scene.choice.choose_layers`.
    trained : collection of str
        Models that were trained.

    Returns
    -------
    DataFrame
        Scores of the language and the vision model, chosen where their layers were, on data they
        are not scored on; their names; and the difference, language minus vision. Of the subject
        `mean`, a model is named if it is everybody's choice.
    """
    chosen = leaders(best, trained)
    language, vision = (
        chosen.loc[chosen["modality"] == modality, [*_WHERE, "score", "model"]].rename(
            columns={"score": modality, "model": f"{modality}_model"}
        )
        for modality in MODALITIES
    )
    pairs = language.merge(vision, on=_WHERE, validate="one_to_one")
    people = pairs[pairs["subject"] != GROUP]
    both = pd.concat([pairs, _mean(people)], ignore_index=True)
    return both.assign(difference=both["language"] - both["vision"])[list(TABLES["contrast"])]


def leaders(best: pd.DataFrame, trained: Collection[str]) -> pd.DataFrame:
    """Keep the rows of the best trained model of each modality; the first one of equals.

    Those of some models, put before the rows of others, have the same leaders as the rows of all.
    """
    rows = best[best["model"].isin(list(trained)) & best["modality"].isin(MODALITIES)]
    rows = rows.reset_index(drop=True)
    return rows.loc[rows.groupby([*_WHERE, "modality"], sort=False)["chosen_score"].idxmax()]


def _mean(pairs: pd.DataFrame) -> pd.DataFrame:
    """Average over subjects."""
    groups = pairs.groupby(_WHERE[1:], sort=False)
    models = ["language_model", "vision_model"]
    table = groups[list(MODALITIES)].mean()
    names = groups[models].min()
    table[models] = names.where(names == groups[models].max(), "")
    return table.reset_index().assign(subject=MEAN)
