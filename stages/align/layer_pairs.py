"""How layers of all models align with each other and with areas, by images that everybody saw."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from stages.align.area_pairs import Person
from stages.align.area_sets import AreaSet, Shown
from stages.align.controls import Features
from stages.align.engine import measure
from stages.align.representation import Representation
from stages.core.results.area_alignment import LAYERS
from stages.core.stats.backend import Array, Backend

Models = Mapping[str, Mapping[str, Features]]


def layer_table(
    models: Models, shown: Shown, people: Sequence[Person], metric: str, backend: Backend
) -> pd.DataFrame:
    """Align every layer with every other one, and with the areas of everybody.

    Parameters
    ----------
    models : mapping of str to mapping of str to ndarray, shape (n_stimuli, n_units)
        Layers by the model's name and their own.
    shown : Shown
        The stimuli that are compared.
    people : sequence of Person
        Made by `stages.align.area_pairs.judge_areas`, of these.
    metric : str
    backend : Backend

    Returns
    -------
    DataFrame
        Columns `LAYERS`. Every two layers once; their ceiling is 1, since they have no noise. That
        of an area is its `limits`.
    """
    names = [(model, layer) for model, layers in models.items() for layer in layers]
    values = [models[model][layer][shown.stimuli] for model, layer in names]
    places = pd.DataFrame(names, columns=["model", "layer"])
    split = people[0].areas.split
    tables = [_layers_beside_layers(places, values, metric, backend).assign(split=split)]
    for person in people:
        score = _measured(values, person.areas.representations, metric, backend)
        tables.append(_layers_beside_areas(places, person.areas, score, person.limits))
    table = pd.concat(tables, ignore_index=True).assign(dataset=shown.dataset, metric=metric)
    return table.assign(n=float(len(shown.stimuli)))[list(LAYERS)]


def _layers_beside_layers(
    places: pd.DataFrame, values: Sequence[Features], metric: str, backend: Backend
) -> pd.DataFrame:
    score = _measured(values, values, metric, backend)
    first, second = np.triu_indices(len(values), 1)
    there = places.iloc[second].reset_index(drop=True)
    return (
        places.iloc[first]
        .reset_index(drop=True)
        .assign(
            subject="", parts="", hemisphere="", second_model=there["model"], second=there["layer"]
        )
        .assign(score=score[first, second], ceiling=1.0)
    )


def _layers_beside_areas(
    places: pd.DataFrame, one: AreaSet, score: Array, limits: Array
) -> pd.DataFrame:
    n_layers, n_areas = score.shape
    table = places.iloc[np.repeat(np.arange(n_layers), n_areas)].reset_index(drop=True)
    return table.assign(
        split=one.split,
        subject=one.subject,
        parts=one.parts,
        second_model="",
        second=np.tile(np.array(one.regions, dtype=object), n_layers),
        hemisphere=np.tile(np.array(one.hemispheres, dtype=object), n_layers),
        score=score.ravel(),
        ceiling=np.tile(limits, n_layers),
    )


def _measured(
    left: Sequence[Features], right: Sequence[Representation], metric: str, backend: Backend
) -> Array:
    """Measure every pair, the rows as they are."""
    rows = np.arange(len(left[0]), dtype=np.intp)[None]
    score: Array = measure(left, right, [metric], rows, backend)[metric][..., 0]
    return score
