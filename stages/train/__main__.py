"""Commands of the train stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage

RUN = click.option("--run", required=True, help="What is learnt, and the seed, such as read-0.")
OUT = path_option("--out", "Folder of checkpoints to write.")
RECORDING = click.option(
    "--recording", type=click.Path(path_type=Path), help="Recording of images with categories."
)
IMAGES = click.option(
    "--images", type=click.Path(path_type=Path), help="Folder with a folder of images per class."
)
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
    from stages.core.names.run_name import STORY_KINDS, parse_run
    from stages.core.params.read import read_params
    from stages.train.processes import joined_processes
    from stages.train.story.story_run import train_words

    settings = read_params(params_file).train.story
    name = parse_run(run, STORY_KINDS, list(settings.sizes), "--run")
    with joined_processes() as processes:
        train_words(text, name, settings, out, curves, processes=processes)


@main.command()
@RECORDING
@IMAGES
@RUN
@OUT
@CURVES
@params_option
@stage
def scene(
    *,
    recording: Path | None,
    images: Path | None,
    run: str,
    out: Path,
    curves: Path,
    params_file: Path,
) -> None:
    """Train an image network on labelled images, or on labels dealt at random among them.

    A run that was killed goes on where it was, and ends with the same weights.
    """
    from stages.core.names.run_name import SCENE_KINDS, parse_run
    from stages.core.params.read import read_params
    from stages.train.processes import joined_processes
    from stages.train.scene.image_sources import open_labelled
    from stages.train.scene.scene_run import train_images

    settings, name = (
        read_params(params_file).train.scene,
        parse_run(run, SCENE_KINDS, where="--run"),
    )
    with joined_processes() as processes, open_labelled(recording, images) as labelled:
        train_images(labelled, name, settings, out, curves, processes=processes)


@main.command()
@path_option("--checkpoint", "Folder of one checkpoint, with config.json and model.safetensors.")
@click.option("--text", type=click.Path(path_type=Path), help="Text, of a language model.")
@RECORDING
@IMAGES
@click.option("--whole", is_flag=True, help="Measure on everything, not on what is held out.")
@path_option("--out", "Measures to write (JSON).")
@params_option
@stage
def validate(
    *,
    checkpoint: Path,
    text: Path | None,
    recording: Path | None,
    images: Path | None,
    whole: bool,
    out: Path,
    params_file: Path,
) -> None:
    """Measure a checkpoint: loss and accuracy on a text, or loss, top-1 and top-5 on images."""
    from stages.core.params.read import read_params
    from stages.core.run.files import write_json
    from stages.train.scene.image_sources import open_labelled
    from stages.train.validation import validate_images, validate_words

    params = read_params(params_file).train
    if text is not None:
        write_json(out, validate_words(checkpoint, text, params.story, whole))
        return
    with open_labelled(recording, images) as labelled:
        write_json(out, validate_images(checkpoint, labelled, params.scene, whole))


if __name__ == "__main__":
    main()
