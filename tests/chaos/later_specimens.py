"""Whole inputs of commands that read what others found: of trainings, and of what is claimed."""

import shutil
from pathlib import Path

import numpy as np

from tests.chaos.specimens import Specimen, apart_of, line, specimen, write_params
from tests.chaos.trial import Command
from tests.conftest import PROJECT

PUBLISHED = "brainalign-training"
TRAJECTORY = Command(
    "trajectory",
    line(
        f"story --family scores --activations activations --published {PUBLISHED}"
        " --truth activations/read/truth.json --out out --summary summary.json"
    ),
)
LADDER = Command(
    "ladder",
    line(
        "studies --results . --others others --out ladder --summary ladder.json"
        " --metrics ladder_metrics.json"
    ),
)
RELATE = Command("relate", line("scene --survey survey --raw raw --out relate.parquet"
                                " --summary relate.json"))  # fmt: skip


def _trained(folder: Path) -> None:
    """Two families, of which one is the control, with the truth of the other."""
    from tests.trajectory.planted_scores import write_families

    write_params(folder)
    write_families(folder)
    shutil.copytree(PROJECT / "data" / "raw" / PUBLISHED, folder / PUBLISHED)


def _claimed(folder: Path) -> None:
    """Results of both studies, as their stages would have written them."""
    from tests.ladder.findings import write_findings

    write_params(folder)
    write_findings(folder, np.random.default_rng(42))


def _surveyed(folder: Path) -> None:
    """The survey of a few models, and where published benchmarks would be found."""
    from stages.core.results.survey import write_survey
    from tests.plots.survey_tables import survey_of

    write_params(folder)
    write_survey(folder / "survey", survey_of(np.random.default_rng(42)))
    shutil.copytree(PROJECT / "data" / "raw" / "brainalign", folder / "raw")


ALL: tuple[Specimen, ...] = (
    specimen(
        "trajectory",
        apart_of(_trained),
        TRAJECTORY,
        "scores/*.parquet activations/**/*.parquet",
        "out summary.json",
        sealed=True,
    ),
    specimen(
        "ladder",
        apart_of(_claimed),
        LADDER,
        "*.parquet survey/*",
        "ladder ladder.json ladder_metrics.json",
        sealed=True,
    ),
    specimen(
        "relate",
        apart_of(_surveyed),
        RELATE,
        "survey/best.parquet survey/models.parquet",
        "relate.parquet relate.json",
        sealed=True,
    ),
)
