"""What the numbers can be trusted by: ceilings, calibration, published numbers derived again."""

from pathlib import Path

import pandas as pd

from stages.core.results.calibrations import CALIBRATION_COLUMNS, read_calibrations
from stages.core.results.replications import REPLICATION_COLUMNS, read_replications
from stages.core.results.results import read_results
from stages.core.results.shown import of_people
from stages.core.results.story_ceilings import CEILING_COLUMNS, read_story_ceilings
from stages.core.run.files import read_json


def read_story_limits(path: Path) -> pd.DataFrame:
    """Read the ceilings of the story study."""
    return read_story_ceilings(path)[list(CEILING_COLUMNS)]


def read_scene_limits(path: Path) -> pd.DataFrame:
    """Read the ceilings of the scene study, and average them over people; see `scene_limits`."""
    return scene_limits(read_results(path, "ceilings", "Run `dvc repro ceilings`."))


def scene_limits(ceilings: pd.DataFrame) -> pd.DataFrame:
    """Average ceilings over people.

    Returns
    -------
    DataFrame
        Columns dataset, region, metric, split, ceiling_kind, ceiling and people.
    """
    by = ["dataset", "region", "metric", "split", "ceiling_kind"]
    cells = of_people(ceilings).groupby(by, sort=False)
    return cells.agg(ceiling=("score", "mean"), people=("subject", "nunique")).reset_index()


def read_calibration(path: Path) -> pd.DataFrame:
    """Read how often tests and intervals are wrong."""
    return read_calibrations(path)[list(CALIBRATION_COLUMNS)]


def read_replication(path: Path) -> pd.DataFrame:
    """Read published numbers beside ours."""
    return read_replications(path)[list(REPLICATION_COLUMNS)]


def read_told(path: Path) -> pd.DataFrame:
    """Read what a metrics file tells in words.

    Parameters
    ----------
    path : Path
        A JSON object of numbers, and of lists of sentences by topic.

    Returns
    -------
    DataFrame
        Columns topic and line.
    """
    content = read_json(path, "Run `git checkout` on it.")
    lines = {topic: told for topic, told in content.items() if isinstance(told, list)}
    rows = [(topic, str(line)) for topic, told in lines.items() for line in told]
    return pd.DataFrame(rows, columns=["topic", "line"]).astype(str)
