"""What the language study has left of one recording, read from its folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stages.core.activations.surprisal import read_surprisal
from stages.core.names.models import ModelSpec
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import stimuli_digest
from stages.core.results.leaks import mark
from stages.core.results.left_out_scores import read_jackknife
from stages.core.results.results import read_results
from stages.core.results.story_ceilings import read_story_ceilings
from stages.core.run.origins import of_layers, together
from stages.survey.words.language_tables import Studied
from stages.survey.words.story_models import chosen_shares, side_by_side
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
        If a table is missing, or a model was shown other stimuli, or something was made from
        another recording or other activations.
    """
    stimuli = read_stimuli(folders.recordings / name / "stimuli.parquet")
    activations = folders.activations / name
    models = read_models(specs, activations, stimuli_digest(stimuli))
    ran = [model.name for model in models if model.about is not None]
    made_from = of_layers(folders.recordings / name, *(activations / one for one in ran))
    encode, jackknife = (folders.results / kind / name for kind in ("encode", "jackknife"))
    ceilings = folders.results / "ceilings" / f"{name}.parquet"
    for one in ran:
        paths = (folder / f"{one}.parquet" for folder in (encode, jackknife))
        together(made_from, *paths, do=_do(name, one))
    together(
        made_from, ceilings, do=f"Run `dvc repro data/language/dvc.yaml:ceilings_language@{name}`."
    )
    tables = {one.name: encode / f"{one.name}.parquet" for one in models}
    found = [read_results(path, "encode", _do(name, one)) for one, path in tables.items()]
    encoded = side_by_side(models, found)
    without = (read_jackknife(jackknife / f"{one}.parquet", _do(name, one)) for one in ran)
    told = {one: read_surprisal(activations / one, list(stimuli["id"])) for one in ran}
    return Studied(
        name + mark(encoded["split"]),
        models,
        encoded,
        chosen_shares(encoded, without),
        read_story_ceilings(ceilings),
        {one: table for one, table in told.items() if table is not None},
        made_from,
    )


def _do(recording: str, model: str) -> str:
    return f"Run `dvc repro data/language/dvc.yaml:encode_language@{recording}-{model}`."
