"""From the results of the studies to their ladders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stages.core.results.pairs import INTERVALS, read_pairs
from stages.core.results.results import read_results
from stages.core.results.survey import TABLES, read_tables
from stages.core.results.typed_tables import read_typed
from stages.core.run.origins import together
from stages.core.run.tables import read_table
from stages.ladder import scene_claims, story_claims
from stages.ladder.other_ladders import other_ladders
from stages.ladder.training_claims import CONTROLS, LEADS, training_ladder

SURVEYED = ("best", "control", "pairs", "intervals", "models")


@dataclass(frozen=True)
class Asked:
    """What is asked of the results.

    Attributes
    ----------
    story, scene : str
        The recording of each study.
    metric : str
        By which the scene study answers its questions.
    share : float
        Of the ceiling, that is asked for.
    """

    story: str
    scene: str
    metric: str
    share: float


def read_studies(results: Path, others: Path, asked: Asked) -> dict[str, pd.DataFrame]:
    """Read what is known of the story and the scene study, and hold their claims against it.

    Parameters
    ----------
    results : Path
        Folder of the results.
    others : Path
        Folder with ladders of other recordings.
    asked : Asked

    Returns
    -------
    dict of DataFrame
        Ladders, by study.

    Raises
    ------
    InputError
        If a table is missing or has other columns.
    """
    return {
        "story": read_story(results, others, asked),
        "scene": read_scene(results, others, asked),
    }


def studies_made_from(results: Path) -> dict[str, dict[str, str]]:
    """Say what each ladder of `read_studies` was made from.

    Raises
    ------
    InputError
        If results of one study do not belong together.
    """
    own = (results / f"{name}.parquet" for name in ("encode", "pairs", "intervals", "models"))
    surveyed = (results / "survey" / f"{name}.parquet" for name in SURVEYED)
    return {"story": together(*own), "scene": together(*surveyed)}


def read_trainings(
    trajectories: Path, others: Path, recordings: Mapping[str, str], *, leaks: bool
) -> dict[str, pd.DataFrame]:
    """Read when alignment and performance rose, and hold it against what speaks against it.

    Parameters
    ----------
    trajectories : Path
        Folder of the results of trajectory, one folder per study.
    others : Path
        Folder with ladders of other recordings.
    recordings : mapping of str to str
        By study.
    leaks : bool
        Whether folds are shuffled, those of the story: scenes are aligned without any.

    Returns
    -------
    dict of DataFrame
        Ladders, by `trajectory_` and the study.

    Raises
    ------
    InputError
        If a table is missing or has other columns.
    """
    found = {}
    for study, recording in recordings.items():
        folder, do = trajectories / study, _again(study)
        leads = read_table(folder / "leads.parquet", LEADS, do)
        controls = read_table(folder / "controls.parquet", CONTROLS, do)[list(CONTROLS)]
        elsewhere = other_ladders(others, recording)
        found[f"trajectory_{study}"] = training_ladder(
            leads, controls, elsewhere, recording, leaks=leaks and study == "story"
        )
    return found


def trainings_made_from(trajectories: Path, studies: Iterable[str]) -> dict[str, dict[str, str]]:
    """Say what each ladder of `read_trainings` was made from."""
    return {
        f"trajectory_{study}": together(
            *(trajectories / study / f"{name}.parquet" for name in ("leads", "controls")),
            do=_again(study),
        )
        for study in studies
    }


def _again(study: str) -> str:
    return f"Run `dvc repro data/training/dvc.yaml:trajectory_{study}`."


def read_story(results: Path, others: Path, asked: Asked) -> pd.DataFrame:
    """Make the ladder of the story study."""
    do = "Run `dvc repro survey_story`."
    encode = read_results(results / "encode.parquet", "encode", do)
    evidence = story_claims.Evidence(
        nested=encode[encode["kind"] == "nested"],
        pairs=read_pairs(results / "pairs.parquet", do),
        intervals=read_typed(results / "intervals.parquet", INTERVALS, do),
        roll=read_typed(results / "models.parquet", TABLES["models"], do),
        others=other_ladders(others, asked.story),
        share=asked.share,
    )
    return story_claims.story_ladder(evidence)


def read_scene(results: Path, others: Path, asked: Asked) -> pd.DataFrame:
    """Make the ladder of the scene study, by the metric that answers its questions."""
    metric = asked.metric
    found = read_tables(results / "survey", SURVEYED, {"metric": [metric]})
    evidence = scene_claims.Evidence(
        best=found["best"],
        control=found["control"],
        pairs=found["pairs"],
        intervals=found["intervals"],
        roll=found["models"],
        others=other_ladders(others, asked.scene),
        metric=metric,
        share=asked.share,
    )
    return scene_claims.scene_ladder(evidence)
