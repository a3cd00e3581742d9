"""Command of the check stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.command()
@path_option("--out", "File to write; its content never changes, so that nothing reruns.")
@params_option
@stage
def main(out: Path, params_file: Path) -> None:
    """Refuse wrong parameters before any work, naming what is wrong with each."""
    from stages.core.params.read import read_params
    from stages.core.run.files import atomic

    read_params(params_file)
    with atomic(out) as partial:
        partial.write_text("The parameters are right.\n")


if __name__ == "__main__":
    main()
