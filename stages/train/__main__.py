"""Commands of the train stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage

RUN = click.option("--run", required=True, help="What is learnt, and the seed, such as read-0.")
OUT = path_option("--out", "Folder of checkpoints to write.")
CURVES = path_option("--curves", "Learning curve to write (CSV).")


@click.group()
def main() -> None:
    """Train networks and keep them at many steps, each as a model of its own."""


@main.command()
@path_option("--text", "Text file, or folder of them.")
@RUN
@OUT
@CURVES
@params_option
@stage
def story(text: Path, run: str, out: Path, curves: Path, params_file: Path) -> None:
    """Train a language model on a text, or on its words in random order.

    A run that was killed goes on where it was, and ends with the same weights.
    """
    from stages.core.params.read import read_params
    from stages.train.run_name import parse_run
    from stages.train.story.story_run import KINDS, train_words

    settings = read_params(params_file).train.story
    train_words(text, parse_run(run, KINDS, list(settings.sizes)), settings, out, curves)


if __name__ == "__main__":
    main()
