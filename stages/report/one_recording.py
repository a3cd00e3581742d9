"""Whether the tables of a study belong together, and to the recording that params.yaml names."""

import logging
from collections.abc import Sequence
from pathlib import Path

from stages.core.params.schema import Params
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there
from stages.core.run.origins import RECORDING, together
from stages.report.methods_text import SCENE, STORY
from stages.report.parts import PARTS, TRAINING

DO = "Run `dvc repro`, or `git checkout` the params.yaml of these results."
DO_TRAINING = f"Run `dvc repro {TRAINING}`."
_PARTS = {
    STORY: ("encode", "probe", "models", "decode", "profile", "story_ceilings"),
    SCENE: ("survey", "scene_ceilings", "scene_relations"),
}
_LADDER = "ladder_training"

log = logging.getLogger("concord.report")


def check_recordings(results: Path, params: Params) -> None:
    """Raise `InputError` unless each study is of one recording, the one that params.yaml names."""
    for study, dataset in _named(params).items():
        of = _recordings_of(_tables(results, study))
        if of and of != [dataset]:
            raise InputError(
                "results of another recording",
                where=results,
                expected=f"{dataset}, as {study}.dataset in params.yaml",
                got=", ".join(of),
                do=DO,
            )


def other_training(results: Path, params: Params) -> dict[str, str]:
    """Find parts about training on other recordings than params.yaml names, and say of which.

    Training is a flow of its own, which `dvc repro` leaves as it was when a study turns to another
    recording: what is left of it belongs on no page of that.

    Returns
    -------
    dict of str to str
        By part, the recording that it is of; logged, too.
    """
    found = {}
    for study, dataset in _named(params).items():
        for part, path in _of_training(results, study).items():
            if others := [name for name in _recordings_of([path]) if name != dataset]:
                found[part] = ", ".join(others)
                log.warning(
                    "%s left out: of %s, where %s.dataset in params.yaml is %s. %s",
                    *(path, found[part], study, dataset, DO_TRAINING),
                )
    return found


def _named(params: Params) -> dict[str, str]:
    return {STORY: params.story.dataset, SCENE: params.scene.dataset}


def _recordings_of(tables: Sequence[Path]) -> list[str]:
    found = together(*tables, do="Run `dvc repro`.")
    return [name.removeprefix(RECORDING) for name in found if name.startswith(RECORDING)]


def _tables(results: Path, study: str) -> list[Path]:
    """List the tables of a study that are there."""
    paths = [results / PARTS[name].path for name in _PARTS[study]]
    tables = [path / "best.parquet" if path.is_dir() else path for path in paths]
    tables.append(results / PARTS["ladder"].path / f"{study}.parquet")
    return [path for path in tables if lies_there(path)]


def _of_training(results: Path, study: str) -> dict[str, Path]:
    """Find the tables of a study's training that are there, by part."""
    courses = f"trajectory_{study}"
    tables = {
        courses: results / PARTS[courses].path / "leads.parquet",
        _LADDER: results / PARTS[_LADDER].path / f"{courses}.parquet",
    }
    return {part: path for part, path in tables.items() if lies_there(path)}
