"""The table of all recordings, models and layers, each scored in every way."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.activations.activations import read_about, read_failure, read_layer
from stages.core.names.layers import layer_kind
from stages.core.names.models import ModelSpec
from stages.core.params.schema import Chance, Encode, Folds, Ridge
from stages.core.recording.types import Recording, stimuli_digest
from stages.core.regression.ridge import lambda_grid
from stages.core.results.rescored_scores import CEILING, PEOPLE, PLACES, RESCORED, best_layers
from stages.core.results.results import rounded
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.chance import draw_shifts, warn_of_short_runs
from stages.core.time.timeline import aligner
from stages.rescore.fold_scores import Array
from stages.rescore.people_matrices import bounds
from stages.rescore.variants import Ways, partitions, places, rescored

DRAWS = 200  # shifts at most, whose p tells no less than .005
log = logging.getLogger("concord.rescore")


@dataclass(frozen=True)
class Settings:
    """What scoring follows: sections of params.yaml, and whether words are centred."""

    folds: Folds
    ridge: Ridge
    chance: Chance
    encode: Encode
    centre: bool


def rescore(
    recording: Recording, specs: Iterable[ModelSpec], activations: Path, settings: Settings
) -> Iterator[dict[str, Any]]:
    """Score every layer of every model on one recording, the places of its samples, and people.

    Parameters
    ----------
    recording : Recording
    specs : iterable of ModelSpec
    activations : Path
        With a folder of each model; one that could not be run is left out, by name.
    settings : Settings

    Yields
    ------
    dict
        Rows of `RESCORED`, but for the recording.

    Raises
    ------
    InputError
        If the activations are not those of the recording's stimuli.
    """
    ways = _ways(recording, settings)
    runs = recording.samples["run"].to_numpy()
    told = {"model": PLACES, "kind": "control"}
    yield from _rows({PLACES: places(runs)}, recording, ways, told)
    splits = [fold.outer for fold in ways.shuffled.folds]
    yield from ({"model": PEOPLE, "kind": CEILING, **row} for row in bounds(recording, splits))
    for spec in specs:
        folder = activations / spec.label
        failure = read_failure(folder)
        if failure is not None:
            log.warning("%s: left out, since it could not be run: %s", spec.label, failure)
            continue
        designs = _layers(folder, recording, settings)
        told = {"model": spec.label, "kind": "hidden"}
        yield from _rows(designs, recording, ways, told)


def _ways(recording: Recording, settings: Settings) -> Ways:
    shuffled, held = partitions(recording.samples["run"].to_numpy(), settings.folds)
    draws = min(settings.chance.draws, DRAWS)
    gap, seed = settings.folds.gap, settings.chance.seed
    do = "Scoring again has no control of that: see what `encode` says of its control `onset`"
    warn_of_short_runs(held.segments, gap, held.joined, do)
    orders = draw_shifts(held.segments, draws, gap, seed, held.joined, once=True)
    return Ways(shuffled, held, orders, lambda_grid(settings.ridge.lambdas))


def _layers(folder: Path, recording: Recording, settings: Settings) -> dict[str, Array]:
    """Bring the hidden layers of a model to the samples."""
    about, rows = read_about(folder, stimuli_digest(recording.stimuli))
    brought = settings.encode.downsample, settings.encode.delays
    align = aligner(recording.timeline, rows, *brought, centre=settings.centre)
    hidden = [layer for layer in about.layers if layer_kind(layer) == "hidden"]
    return {layer: align(read_layer(folder, layer, about, len(rows))) for layer in hidden}


def _rows(
    designs: Mapping[str, Array], recording: Recording, ways: Ways, told: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    task = partial(_rescored, recording=Shared(recording), ways=Shared(ways))
    found = parallel_map(task, [Shared(one) for one in designs.values()], "layers")
    for layer, rows in zip(designs, found, strict=True):
        yield from ({**told, "layer": layer, **row} for row in rows)


def _rescored(
    design: Shared[Array], *, recording: Shared[Recording], ways: Shared[Ways]
) -> list[dict[str, Any]]:
    return rescored(design.value, recording.value, ways.value)


def rescored_table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make the table, with the columns that are declared."""
    table = pd.DataFrame(list(rows)).reindex(columns=list(RESCORED))
    numbers = [name for name, kind in RESCORED.items() if kind == "number"]
    return table.astype(dict.fromkeys(numbers, float))


def best_shown(table: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Pick the highest score of each model in each way, as published: by the scores it shows.

    Returns
    -------
    dict
        By recording, model and way (`ols_shuffled`), the mean over the regions but the control
        networks of the layer where that is highest.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in best_layers(table).to_dict("records"):
        ways = found.setdefault(row["recording"], {}).setdefault(row["model"], {})
        ways[f"{row['estimator']}_{row['folds']}"] = rounded(row["score"])
    return found
