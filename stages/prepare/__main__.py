"""Commands of the prepare stages."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage

RAW = "Folder with the raw files, or with the sources.json that names them."
OUT = "Folder of the recording."


@click.group()
def main() -> None:
    """Turn raw files into a recording.

    Files of public repositories come from the folder named by CONCORD_DATA_MIRROR, or else are
    downloaded once.
    """


@main.command()
@params_option
@path_option("--raw", RAW)
@path_option("--out", OUT)
@stage
def story(params_file: Path, raw: Path, out: Path) -> None:
    """Prepare story.dataset: words and brains over time.

    Words are assigned to scans by onset; scans that show no word are dropped; every run is
    cleaned for itself.
    """
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import write_recording
    from stages.prepare.composed import composed
    from stages.prepare.left_drift import warn_of_drift
    from stages.prepare.loaders import STORIES

    params = read_params(params_file)
    recording = STORIES[params.story.dataset](raw, params.story.prepare, params.bids)
    warn_of_drift(recording)
    write_recording(out, composed(recording))


@main.command()
@params_option
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    help="Recording that was made of it; say what has changed since, and nothing else.",
)
@stage
def look(params_file: Path, folder: Path, since: Path | None) -> None:
    """Say what there is to study in a BIDS dataset, such as data/raw/bids, and what would be."""
    from stages.core.params.read import read_params
    from stages.prepare.bids.bids_recording import dataset_root
    from stages.prepare.bids.file_sources import changes_since
    from stages.prepare.bids.look import lines_about

    params, root = read_params(params_file), dataset_root(folder)
    lines = (
        lines_about(root, params.bids, params.story.prepare.subjects)
        if since is None
        else changes_since(since, root)
    )
    for line in lines:
        click.echo(line)


@main.command()
@params_option
@click.option("--name", required=True, help="One of `language.recordings`.")
@path_option("--raw", RAW)
@path_option("--out", OUT)
@stage
def language(params_file: Path, name: str, raw: Path, out: Path) -> None:
    """Prepare one of `language.recordings`: words or sentences, of all people.

    A story is prepared as `story.prepare` says, but for its choice of people, and not smoothed. An
    assembly is the .nc file in its folder, that of CONCORD_DATA_MIRROR, or is downloaded once.
    """
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import write_recording
    from stages.prepare.composed import composed
    from stages.prepare.left_drift import warn_of_drift
    from stages.prepare.loaders import load_language

    params = read_params(params_file)
    recording = load_language(raw, name, params.story.prepare, params.bids)
    warn_of_drift(recording)
    write_recording(out, composed(recording))


@main.command()
@params_option
@path_option("--raw", RAW)
@path_option("--out", OUT)
@stage
def scene(params_file: Path, raw: Path, out: Path) -> None:
    """Prepare scene.dataset: images and what brains do with each.

    Repeats of an image are averaged, after each session was standardised; responses are read and
    written piece by piece. Of NSD, what was read of each session is kept in CONCORD_SCRATCH: an
    interrupted run goes on where it stopped, and one with more people or sessions reads no other.
    """
    from stages.core.params.read import read_params
    from stages.prepare.loaders import SCENES
    from stages.prepare.scenes import write_scenes

    params = read_params(params_file)
    write_scenes(out, SCENES[params.scene.dataset](raw, params.scene, params.bids))


@main.command()
@params_option
@path_option("--recording", "Folder of the recording.")
@path_option("--out", "Table to write (parquet): the group of each image.")
@stage
def alike(params_file: Path, recording: Path, out: Path) -> None:
    """Group the images of a recording that are nearly the same, by `encode_scene.alike`."""
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_stimuli
    from stages.core.run.origins import of_recording
    from stages.core.run.tables import write_table
    from stages.prepare.alike_images import alike_images

    params = read_params(params_file)
    ids = list(read_stimuli(recording / "stimuli.parquet")["id"])
    groups = alike_images(recording, ids, params.encode_scene.alike)
    write_table(out, groups, of_recording(recording))


if __name__ == "__main__":
    main()
