"""From the results of every model to the tables of the survey."""

from collections.abc import Mapping, Sequence

import pandas as pd

from stages.core.params import schema
from stages.core.results.survey import Survey
from stages.survey.all_scores import gather
from stages.survey.bandwidth import bandwidth_table
from stages.survey.choice import choose_layers
from stages.survey.consistency import consistency_table
from stages.survey.contrast import contrast_table
from stages.survey.control import control_table
from stages.survey.depths import depth_centre, depth_profile
from stages.survey.embedding import model_map
from stages.survey.gradient import gradients
from stages.survey.networks import network_table
from stages.survey.places import Place
from stages.survey.zoo_models import Model, call_roll, list_layers


def survey(
    models: Sequence[Model],
    aligned: Mapping[str, pd.DataFrame],
    place: Place,
    settings: schema.Survey,
) -> Survey:
    """Make all tables.

    Parameters
    ----------
    models : sequence of Model
        The zoo, those included that could not be run.
    aligned : mapping of str to DataFrame
        Results of align, by model that ran.
    place : Place
        The recording.
    settings : Survey
        Of params.yaml.
    """
    roll, layers = call_roll(models), list_layers(models)
    scores = gather(aligned.values(), layers, place.dataset)
    best, centres = choose_layers(scores), depth_centre(scores)
    return Survey(
        models=roll,
        regions=place.regions,
        scores=scores,
        best=best,
        depth=depth_profile(scores, settings.bins),
        centres=centres,
        gradient=gradients(best, centres, place.regions, settings.seed),
        networks=network_table(best),
        bandwidth=bandwidth_table(best),
        consistency=consistency_table(best),
        contrast=contrast_table(best, set(roll.loc[roll["trained"], "model"])),
        control=control_table(scores, layers),
        umap=model_map(best, roll, settings.metric, settings.neighbours, settings.seed),
    )
