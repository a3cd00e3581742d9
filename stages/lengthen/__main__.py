"""Command of the lengthen stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Read more and more before each word, and score each time."""


@main.command()
@path_option("--recordings", "Folder with a folder of each recording.")
@path_option("--out", "Table to write (parquet).")
@params_option
@stage
def language(recordings: Path, out: Path, params_file: Path) -> None:
    """Score the model of `contexts` on its recording of words, by extract and encode."""
    from stages.core.params.read import read_params
    from stages.core.run.origins import of_recording
    from stages.core.run.tables import write_table
    from stages.lengthen.context_scores import context_scores

    params = read_params(params_file)
    folder = recordings / params.contexts.recording
    write_table(out, context_scores(folder, params), of_recording(folder))


if __name__ == "__main__":
    main()
