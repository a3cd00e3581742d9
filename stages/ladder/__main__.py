"""Command of the ladder stage."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stages.core.run.command import params_option, path_option, stage

if TYPE_CHECKING:
    import pandas as pd


@click.group()
def main() -> None:
    """Hold what was found against what speaks against it, rung by rung."""


def writes(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of what is read and written by every command."""
    options = (
        path_option("--others", "Folder with ladders of other recordings."),
        path_option("--out", "Folder to write, one table per study (parquet)."),
        path_option("--summary", "Summary of all claims to write (JSON)."),
        path_option("--metrics", "Metrics to write (JSON): a few numbers of each first claim."),
        params_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@path_option("--results", "Folder of the results of both studies.")
@writes
@stage
def studies(
    *, results: Path, others: Path, out: Path, summary: Path, metrics: Path, params_file: Path
) -> None:
    """Hold the claims of the story and the scene study."""
    from stages.core.params.read import read_params
    from stages.ladder.read_evidence import Asked, read_studies, studies_made_from

    params = read_params(params_file)
    asked = Asked(
        story=params.story.dataset,
        scene=params.scene.dataset,
        metric=params.survey.metric,
        share=params.ladder.share,
    )
    made_from = studies_made_from(results)
    _write(read_studies(results, others, asked), made_from, out, summary, metrics)


@main.command()
@path_option("--trajectories", "Folder of the results of trajectory, one folder per study.")
@writes
@stage
def training(
    *, trajectories: Path, others: Path, out: Path, summary: Path, metrics: Path, params_file: Path
) -> None:
    """Hold the claims about training."""
    from stages.core.params.read import read_params
    from stages.ladder.read_evidence import read_trainings, trainings_made_from

    params = read_params(params_file)
    recordings = {"story": params.story.dataset, "scene": params.scene.dataset}
    made_from = trainings_made_from(trajectories, list(recordings))
    leaks = params.folds.scheme == "shuffled"
    ladders = read_trainings(trajectories, others, recordings, leaks=leaks)
    _write(ladders, made_from, out, summary, metrics)


def _write(
    ladders: Mapping[str, "pd.DataFrame"],
    made_from: Mapping[str, dict[str, str]],
    out: Path,
    summary: Path,
    metrics: Path,
) -> None:
    """Write a table per study, the summary of all, and a few numbers."""
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table
    from stages.ladder.summary import headline, summarise

    for study, table in ladders.items():
        write_table(out / f"{study}.parquet", table, made_from[study])
    found = {study: summarise(table) for study, table in ladders.items()}
    write_json(summary, found)
    write_json(metrics, headline(found))


if __name__ == "__main__":
    main()
