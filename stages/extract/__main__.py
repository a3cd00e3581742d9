"""The commands of the stage `extract`."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Show words, images or captions to a model and keep the output of every layer.

    An interrupted run goes on where it stopped. CONCORD_DEVICE chooses the devices,
    CONCORD_BATCH_TOKENS and CONCORD_BATCH_IMAGES the size of a batch, CONCORD_SCRATCH the folder
    of unfinished work.
    """


MODEL = click.option("--model", required=True, help="Short name of a model, or a model string.")
OUT = path_option("--out", "The model's own folder of activations.")


@main.command()
@params_option
@path_option("--stimuli", "The words: stimuli.parquet of a prepared recording.")
@MODEL
@OUT
@click.option("--optional", is_flag=True, help="Record a failure instead of stopping the study.")
@stage
def story(params_file: Path, stimuli: Path, model: str, out: Path, *, optional: bool) -> None:
    """Show the words of a story to a model and keep the output of every layer.

    CONCORD_DEVICE may list several devices, such as `cuda:0,cuda:1`, which share the work. An
    optional model that cannot be run leaves failure.json in its folder, and is told of at the end
    of the study.
    """
    from stages.core.names.models import parse_model
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_stimuli
    from stages.extract.extraction import extract_story

    params = read_params(params_file)
    spec = parse_model(model, params.models)
    words, settings = read_stimuli(stimuli), params.story.extract
    _tell(model, extract_story(words, spec, settings, out, required=not optional))


@main.command()
@params_option
@path_option("--recording", "Folder of the recording: images, and their captions.")
@MODEL
@OUT
@stage
def scene(params_file: Path, recording: Path, model: str, out: Path) -> None:
    """Show images, or their captions, to a model of the zoo and keep the output of every layer.

    CONCORD_DEVICE may list several devices, such as `cuda:0,cuda:1`, which share the work. A model
    that cannot be run leaves failure.json in its folder, and is told of at the end of the study.
    """
    from stages.core.params.read import read_params
    from stages.extract.extraction import extract_scene

    params = read_params(params_file)
    _tell(model, extract_scene(recording, params.zoo_spec(model), params.scene.extract, out))


def _tell(model: str, failure: str | None) -> None:
    """Say what is wrong with a model, in red."""
    if failure is not None:
        click.secho(f"failed: {model}: {failure}", fg="red", err=True)


if __name__ == "__main__":
    main()
