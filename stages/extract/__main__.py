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
@path_option("--recording", "Folder of the recording.")
@MODEL
@OUT
@stage
def language(params_file: Path, recording: Path, model: str, out: Path) -> None:
    """Show words or sentences to a model, and keep every layer and how unexpected they were.

    A model that cannot be run leaves failure.json in its folder, and is told of at the end of the
    study; one that predicts no words has no surprisal.
    """
    from stages.core.activations.activations import write_failure
    from stages.core.activations.surprisal import write_surprisal
    from stages.core.names.models import parse_model
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_stimuli
    from stages.core.run.errors import ConcordError
    from stages.extract.extraction import extract_story
    from stages.extract.stimulus_surprisal import model_surprisal

    params = read_params(params_file)
    spec, words = parse_model(model, params.models), read_stimuli(recording / "stimuli.parquet")
    write_surprisal(out, None)
    settings = params.language.extract.as_story(model)
    failure = extract_story(words, spec, settings, out, begun=True)
    if failure is None:
        try:
            write_surprisal(out, model_surprisal(words, spec))
        except ConcordError as error:
            failure = str(error)
            write_failure(out, spec.string, spec.label, failure)
    _tell(model, failure)


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


@main.command()
@params_option
@path_option("--recording", "Folder of the recording.")
@click.option("--family", required=True, help="One of `families` in params.yaml.")
@path_option("--out", "The family's own folder.")
@stage
def story_family(params_file: Path, recording: Path, family: str, out: Path) -> None:
    """Show the words of a story to every checkpoint of a family, and measure its loss on them.

    Checkpoints of the hub are removed when they are done with, unless CONCORD_KEEP is 1.
    """
    from functools import partial

    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_stimuli
    from stages.core.recording.types import stimuli_digest
    from stages.extract.checkpoints import follow
    from stages.extract.extraction import extract_story
    from stages.extract.words.stimulus_loss import stimulus_loss

    params = read_params(params_file)
    words = read_stimuli(recording / "stimuli.parquet")
    settings = params.story.extract.model_copy(update={"attention": False})
    told = follow(
        params.family(family),
        lambda member, folder: extract_story(words, member.spec, settings, folder),
        partial(stimulus_loss, words),
        {"stimuli": stimuli_digest(words), "settings": settings.model_dump()},
        out,
    )
    _tell_all(told)


@main.command()
@params_option
@path_option("--recording", "Folder of the recording: images, and their captions.")
@click.option("--family", required=True, help="One of `families` in params.yaml.")
@path_option("--out", "The family's own folder.")
@stage
def scene_family(params_file: Path, recording: Path, family: str, out: Path) -> None:
    """Show images, or their captions, to every checkpoint of a family.

    Checkpoints of the hub are removed when they are done with, unless CONCORD_KEEP is 1.
    """
    from stages.core.params.read import read_params
    from stages.core.recording.recorded_captions import read_captions
    from stages.core.recording.recording_files import read_stimuli
    from stages.core.recording.types import captions_digest, stimuli_digest
    from stages.core.run.digests import known_sha256
    from stages.extract.checkpoints import follow
    from stages.extract.extraction import extract_scene

    params = read_params(params_file)
    settings, stimuli = params.scene.extract, read_stimuli(recording / "stimuli.parquet")
    shown = {
        "stimuli": stimuli_digest(stimuli),
        "images": known_sha256(recording / "images.hdf5"),
        "settings": settings.model_dump(),
    }
    if settings.captions == "all":
        shown["captions"] = captions_digest(read_captions(recording, stimuli))
    told = follow(
        params.family(family),
        lambda member, folder: extract_scene(recording, member.spec, settings, folder),
        lambda source: {},
        shown,
        out,
    )
    _tell_all(told)


def _tell_all(lines: list[str]) -> None:
    """Say what is wrong with members of a family, in red."""
    for line in lines:
        click.secho(line, fg="red", err=True)


def _tell(model: str, failure: str | None) -> None:
    """Say what is wrong with a model, in red."""
    if failure is not None:
        click.secho(f"failed: {model}: {failure}", fg="red", err=True)


if __name__ == "__main__":
    main()
