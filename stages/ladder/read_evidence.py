"""From the results of the studies to their ladders."""

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
from stages.ladder.training_claims import LEADS, training_ladder

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


def read_all(results: Path, others: Path, asked: Asked) -> dict[str, pd.DataFrame]:
    """Read what is known of each study, and hold its claims against it.

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
        Ladders, by study: story, scene, and the trajectories of both.

    Raises
    ------
    InputError
        If a table is missing or has other columns.
    """
    found = {
        "story": read_story(results, others, asked),
        "scene": read_scene(results, others, asked),
    }
    for study, recording in (("story", asked.story), ("scene", asked.scene)):
        path = results / "trajectory" / study / "leads.parquet"
        leads = read_table(path, LEADS, f"Run `dvc repro trajectory_{study}`.")
        elsewhere = other_ladders(others, recording)
        found[f"trajectory_{study}"] = training_ladder(leads, elsewhere, recording)
    return found


def origins(results: Path) -> dict[str, dict[str, str]]:
    """Say what each study's results were made from, by the names of `read_all`.

    Raises
    ------
    InputError
        If results of one study do not belong together.
    """
    own = (results / f"{name}.parquet" for name in ("encode", "pairs", "intervals", "models"))
    surveyed = (results / "survey" / f"{name}.parquet" for name in SURVEYED)
    leads = {
        f"trajectory_{study}": together(results / "trajectory" / study / "leads.parquet")
        for study in ("story", "scene")
    }
    return {"story": together(*own), "scene": together(*surveyed)} | leads


def read_story(results: Path, others: Path, asked: Asked) -> pd.DataFrame:
    """Make the ladder of the story study."""
    do = "Run `dvc repro survey_story`."
    encode = read_results(results / "encode.parquet", do)
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
