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


@main.command()
@params_option
@path_option("--stimuli", "The words: stimuli.parquet of a prepared recording.")
@path_option("--out", "Folder of the dataset's activations; the model gets its own in it.")
@stage
def story(params_file: Path, stimuli: Path, out: Path) -> None:
    """Show the words of a story to the model and keep the output of every layer."""
    from stages.core.params.read import read_params
    from stages.core.recording.files import read_stimuli
    from stages.extract.extraction import extract

    params = read_params(params_file)
    extract(
        read_stimuli(stimuli),
        params.model_spec,
        params.story.extract,
        out / params.model_spec.label,
    )


@main.command()
@params_option
@path_option("--recording", "Folder of the recording: images, and their captions.")
@click.option("--model", required=True, help="Short name of a model of the zoo.")
@path_option("--out", "The model's own folder of activations.")
@stage
def scene(params_file: Path, recording: Path, model: str, out: Path) -> None:
    """Show images, or their captions, to a model of the zoo and keep the output of every layer.

    CONCORD_DEVICE may list several devices, such as `cuda:0,cuda:1`, which share the work. A model
    that cannot be run leaves failure.json in its folder, and is told of at the end of the study.
    """
    from stages.core.params.read import read_params
    from stages.extract.scene import extract_scene

    params = read_params(params_file)
    failure = extract_scene(recording, params.zoo_spec(model), params.scene.extract, out)
    if failure is not None:
        click.secho(f"failed: {model}: {failure}", fg="red", err=True)


if __name__ == "__main__":
    main()
