"""Commands of the trajectory stages."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stages.core.run.command import params_option, path_option, stage

if TYPE_CHECKING:
    from stages.core.params.family_section import Family
    from stages.core.params.schema import Trajectory


def study_options(function: Callable[..., None]) -> Callable[..., None]:
    """Declare what both studies read and write."""
    truth = "What was planted in a family (truth.json in its folder)."
    for option in (
        params_option,
        path_option("--summary", "Summary to write (JSON)."),
        path_option("--published", "Folder of the list of published scores (sources.json)."),
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
    from stages.core.params.family_section import PLANTED
    from stages.core.params.read import read_params

    params = read_params(params_file)
    families = [PLANTED, *params.story.families]
    _study(params.trajectory, ("r_partial", "r"), families, params.families, **paths)


@main.command()
@study_options
@stage
def scene(params_file: Path, **paths: Any) -> None:
    """Follow the alignment with the scenes through training, by `trajectory.metric`."""
    from stages.core.params.read import read_params

    params = read_params(params_file)
    measures, studied = (params.trajectory.metric,), params.scene.families
    _study(params.trajectory, measures, studied, params.families, **paths)


def _study(
    settings: "Trajectory",
    measures: Sequence[str],
    families: Sequence[str],
    known: "Mapping[str, Family]",
    **paths: Any,
) -> None:
    from stages.trajectory.onsets.onset_tables import Asked
    from stages.trajectory.onsets.onset_times import Ends
    from stages.trajectory.study_run import run_study

    asked = Asked(
        tuple(settings.shares),
        Ends(settings.base, settings.plateau),
        settings.lag,
        settings.draws,
        settings.seed,
    )
    studied = {name: known[name] for name in families if name in known}
    run_study(
        **paths,
        asked=asked,
        measures=measures,
        families=families,
        controls={name: family.control for name, family in studied.items()},
        whose={name: family.published for name, family in studied.items()},
    )


if __name__ == "__main__":
    main()
