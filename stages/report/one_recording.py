"""Whether the tables of a study belong together, and to the recording that params.yaml names."""

from collections.abc import Sequence
from pathlib import Path

from stages.core.params.schema import Params
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there
from stages.core.run.origins import RECORDING, together
from stages.report.methods_text import SCENE, STORY
from stages.report.parts import PARTS, TRAINING

DO = "Run `dvc repro`, or `git checkout` the params.yaml of these results."
# Training is a flow of its own, which `dvc repro` leaves as it was of another recording.
DO_TRAINING = f"Run `dvc repro {TRAINING}`, or remove them."
_PARTS = {
    STORY: ("encode", "probe", "models", "decode", "profile", "story_ceilings"),
    SCENE: ("survey", "scene_ceilings", "scene_relations"),
}


def check_recordings(results: Path, params: Params) -> None:
    """Raise `InputError` unless each study is of one recording, the one that params.yaml names."""
    named = {STORY: params.story.dataset, SCENE: params.scene.dataset}
    for study, dataset in named.items():
        _check(_tables(results, study), results, study, dataset, DO)
        for path in _of_training(results, study):
            _check([path], path, study, dataset, DO_TRAINING)


def _check(tables: Sequence[Path], where: Path, study: str, dataset: str, do: str) -> None:
    found = together(*tables, do="Run `dvc repro`.")
    of = [name.removeprefix(RECORDING) for name in found if name.startswith(RECORDING)]
    if of and of != [dataset]:
        raise InputError(
            "results of another recording",
            where=where,
            expected=f"{dataset}, as {study}.dataset in params.yaml",
            got=", ".join(of),
            do=do,
        )


def _tables(results: Path, study: str) -> list[Path]:
    """List the tables of a study that are there."""
    paths = [results / PARTS[name].path for name in _PARTS[study]]
    tables = [path / "best.parquet" if path.is_dir() else path for path in paths]
    tables.append(results / PARTS["ladder"].path / f"{study}.parquet")
    return [path for path in tables if lies_there(path)]


def _of_training(results: Path, study: str) -> list[Path]:
    """List the tables of a study's training that are there."""
    courses = results / PARTS[f"trajectory_{study}"].path / "leads.parquet"
    ladder = results / PARTS["ladder_training"].path / f"trajectory_{study}.parquet"
    return [path for path in (courses, ladder) if lies_there(path)]
