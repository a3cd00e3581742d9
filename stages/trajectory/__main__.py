"""Commands of the trajectory stages."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from stages.core.run.command import params_option, path_option, stage


def study_options(function: Callable[..., None]) -> Callable[..., None]:
    """Declare what both studies read and write."""
    truth = "What was planted in a family (truth.json in its folder)."
    for option in (
        params_option,
        path_option("--metrics", "Metrics to write (JSON)."),
        path_option("--out", "Folder of tables to write (parquet)."),
        click.option("--truth", type=click.Path(path_type=Path), help=truth),
        path_option("--activations", "Folder of the families' members and performance."),
        path_option("--family", "Folder of the families' tables of scores."),
    ):
        function = option(function)
    return function


@click.group()
def main() -> None:
    """Find when alignment arrives in training, and whether it comes before performance."""


@main.command()
@study_options
@stage
def story(params_file: Path, **paths: Any) -> None:
    """Follow the encoding of the story through training: r given nuisance, else r."""
    _study(params_file, ("r_partial", "r"), **paths)


@main.command()
@study_options
@stage
def scene(params_file: Path, **paths: Any) -> None:
    """Follow the alignment with the scenes through training, by `trajectory.metric`."""
    _study(params_file, (), **paths)


@main.command()
@path_option("--raw", "Folder with the sources.json of the published curves.")
@click.option(
    "--alignment",
    type=click.Path(path_type=Path),
    help="Published alignment by size and step (tab-separated), as read from its figure.",
)
@path_option("--out", "Folder of tables to write (parquet).")
@path_option("--metrics", "Metrics to write (JSON).")
@stage
def published(raw: Path, alignment: Path | None, out: Path, metrics: Path) -> None:
    """Derive the published claim of precedence again, from its own curves.

    LAMBADA and ImageNet accuracies are fetched. The alignment was published as a figure only:
    without its file the claim is not derived, and the metrics say so.
    """
    from stages.core.run.fetch import fetch
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table
    from stages.trajectory.published_run import published_tables, summarise_published

    tables = published_tables(fetch(raw), alignment)
    for name, table in tables.items():
        write_table(out / f"{name}.parquet", table)
    write_json(metrics, summarise_published(tables))


def _study(params_file: Path, measures: Sequence[str], **paths: Any) -> None:
    from stages.core.params.read import read_params
    from stages.trajectory.onset_tables import Asked
    from stages.trajectory.onset_times import Ends
    from stages.trajectory.study_run import run_study

    params = read_params(params_file).trajectory
    asked = Asked(
        tuple(params.shares),
        Ends(params.base, params.plateau),
        params.lag,
        params.draws,
        params.seed,
    )
    run_study(**paths, asked=asked, measures=measures or (params.metric,))


if __name__ == "__main__":
    main()
