"""What the language study has left of one recording, read from its folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stages.core.activations.surprisal import read_surprisal
from stages.core.names.models import ModelSpec
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import stimuli_digest
from stages.core.results.left_out_scores import read_jackknife
from stages.core.results.results import read_results
from stages.core.results.story_ceilings import read_story_ceilings
from stages.survey.language_tables import Studied
from stages.survey.story_models import chosen_shares, side_by_side
from stages.survey.zoo_models import read_models


@dataclass(frozen=True)
class Folders:
    """Folders with one of each recording: itself, its activations, and its results.

    Attributes
    ----------
    recordings, activations : Path
    results : Path
        With `encode`, `jackknife` and `ceilings`.
    """

    recordings: Path
    activations: Path
    results: Path


def read_studied(name: str, specs: Sequence[ModelSpec], folders: Folders) -> Studied:
    """Read what was found of one recording.

    Raises
    ------
    InputError
        If a table is missing, or a model was shown other stimuli.
    """
    stimuli = read_stimuli(folders.recordings / name / "stimuli.parquet")
    activations = folders.activations / name
    models = read_models(specs, activations, stimuli_digest(stimuli))
    ran = [model.name for model in models if model.about is not None]
    encoded = side_by_side(
        models,
        [
            read_results(
                folders.results / "encode" / name / f"{one.name}.parquet", _do(name, one.name)
            )
            for one in models
        ],
    )
    without = (
        read_jackknife(folders.results / "jackknife" / name / f"{one}.parquet", _do(name, one))
        for one in ran
    )
    told = {one: read_surprisal(activations / one, list(stimuli["id"])) for one in ran}
    return Studied(
        name,
        models,
        encoded,
        chosen_shares(encoded, without),
        read_story_ceilings(folders.results / "ceilings" / f"{name}.parquet"),
        {one: table for one, table in told.items() if table is not None},
    )


def _do(recording: str, model: str) -> str:
    return f"Run `dvc repro encode_language@{recording}-{model}`."
