"""From the results of every model to the tables of the survey."""

from collections.abc import Mapping, Sequence

import pandas as pd

from stages.core.params.schema import Survey
from stages.survey.all_scores import gather
from stages.survey.bandwidth import bandwidth_table
from stages.survey.choice import choose_layers
from stages.survey.consistency import consistency_table
from stages.survey.contrast import contrast_table
from stages.survey.control import control_table
from stages.survey.depths import depth_profile
from stages.survey.embedding import model_map
from stages.survey.gradient import gradients
from stages.survey.networks import network_table
from stages.survey.places import Place
from stages.survey.zoo_models import Model, call_roll, list_layers


def survey(
    models: Sequence[Model], aligned: Mapping[str, pd.DataFrame], place: Place, params: Survey
) -> dict[str, pd.DataFrame]:
    """Make all tables.

    Parameters
    ----------
    models : sequence of Model
        The zoo, those included that could not be run.
    aligned : mapping of str to DataFrame
        Results of align, by model that ran.
    place : Place
        The recording.
    params : Survey

    Returns
    -------
    dict of str to DataFrame
        By name: models, regions, scores, best, depth, gradient, networks, bandwidth, consistency,
        contrast, control, umap; see the modules that make them.
    """
    roll, layers = call_roll(models), list_layers(models)
    scores = gather(aligned.values(), layers, place.dataset)
    best = choose_layers(scores)
    return {
        "models": roll,
        "regions": place.regions,
        "scores": scores,
        "best": best,
        "depth": depth_profile(scores, params.bins),
        "gradient": gradients(best, scores, place.regions, params.seed),
        "networks": network_table(best),
        "bandwidth": bandwidth_table(best),
        "consistency": consistency_table(best),
        "contrast": contrast_table(best, set(roll.loc[roll["trained"], "model"])),
        "control": control_table(scores, layers),
        "umap": model_map(best, roll, params.metric, params.neighbours, params.seed),
    }
