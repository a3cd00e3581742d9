"""Commands of the share stages."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, paths_option, stage

RECORDING = "Folder of the recording."
RESULTS = "Folder of the results."
RAW = "Folder of the raw data, with sources.json where they are public."
FOLDER = "Folder to write; it must not hold anything."
today = click.option(
    "--published",
    default=lambda: datetime.now(tz=UTC).date().isoformat(),
    show_default="today",
    help="Day of publication, as YYYY-MM-DD.",
)
licence = click.option(
    "--license", "terms", default="", help="Address of the licence, if it has one of its own."
)


@click.group()
def main() -> None:
    """Write what the studies found as files that others open without this project."""


@main.command()
@path_option("--recording", RECORDING)
@path_option("--results", RESULTS)
@path_option("--raw", RAW)
@path_option("--out", FOLDER)
@stage
def story(recording: Path, results: Path, raw: Path, out: Path) -> None:
    """Write the story study as derivatives of BIDS: tables, maps and what they mean."""
    from stages.core.recording.recording_files import read_recording
    from stages.core.run.origins import of_recording
    from stages.share.derivative_folder import close_derivative, open_derivative
    from stages.share.found_tables import check_same_recording, read_story
    from stages.share.story_derivative import write_story
    from stages.share.whole_folder import whole

    data, found = read_recording(recording), read_story(results, of_recording(recording))
    check_same_recording(data, (found.encode, found.probe, found.decode, found.ceilings), results)
    with whole(out) as folder:
        made = open_derivative(folder, "story", data)
        write_story(made, data, found)
        close_derivative(made, data.dataset, raw)


@main.command()
@path_option("--recording", RECORDING)
@path_option("--results", RESULTS)
@path_option("--raw", RAW)
@path_option("--out", FOLDER)
@stage
def scene(recording: Path, results: Path, raw: Path, out: Path) -> None:
    """Write the scene study as derivatives of BIDS: tables, surfaces and what they mean."""
    from stages.core.pictures.surfaces import read_surfaces
    from stages.core.recording.recording_files import read_recording
    from stages.core.run.origins import of_recording
    from stages.share.derivative_folder import close_derivative, open_derivative
    from stages.share.found_tables import check_same_recording, read_scene
    from stages.share.scene_derivative import write_scene
    from stages.share.whole_folder import whole

    data, found = read_recording(recording), read_scene(results, of_recording(recording))
    check_same_recording(data, (found.layers, found.best, found.ceilings), results)
    with whole(out) as folder:
        made = open_derivative(folder, "scene", data)
        write_scene(made, data, found, read_surfaces(recording))
        close_derivative(made, data.dataset, raw)


@main.command()
@path_option("--recording", RECORDING)
@path_option("--encode", "Folder of the results of encode_scene, one table per model.")
@path_option("--raw", RAW)
@path_option("--out", FOLDER)
@params_option
@stage
def encoding(recording: Path, encode: Path, raw: Path, out: Path, params_file: Path) -> None:
    """Write which voxels the zoo predicts as derivatives of BIDS: tables, and maps of all layers.

    Volumes, GIFTI or CIFTI, whichever the recording is of.
    """
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.run.origins import of_recording
    from stages.share.derivative_folder import close_derivative, open_derivative
    from stages.share.encoding_derivative import read_encodings, write_encoded_images
    from stages.share.whole_folder import whole

    data, zoo = read_recording(recording), read_params(params_file).zoo
    with whole(out) as folder:
        made = open_derivative(folder, "scene", data)
        write_encoded_images(made, data, read_encodings(encode, zoo, of_recording(recording)))
        close_derivative(made, data.dataset, raw)


@main.command()
@path_option("--results", RESULTS)
@path_option("--out", FOLDER)
@click.option("--language", is_flag=True, help="The tables are those of the language study.")
@today
@licence
@stage
def croissant(results: Path, out: Path, *, language: bool, published: str, terms: str) -> None:
    """Write the tables of results with a description that Croissant's readers understand."""
    from stages.share.croissant import LANGUAGE_TABLES, TABLES, write_tables
    from stages.share.whole_folder import whole

    tables = LANGUAGE_TABLES if language else TABLES
    with whole(out) as folder:
        write_tables(results, folder, published, terms, tables)


@main.command()
@path_option("--activations", "Folder of the layers of one model.")
@path_option("--recording", RECORDING)
@path_option("--raw", RAW)
@path_option("--out", "Card to write (Markdown).")
@click.option(
    "--license", "terms", default="", help="Identifier of the licence, such as cc-by-4.0."
)
@stage
def card(activations: Path, recording: Path, raw: Path, out: Path, terms: str) -> None:
    """Write a card for the layers of a model, to be passed on beside them."""
    from stages.core.run.files import atomic
    from stages.share.activation_card import write_card

    text = write_card(activations, recording, raw, terms)
    with atomic(out) as partial:
        partial.write_text(text, encoding="utf-8")


@main.command()
@paths_option("--lock", "locks", "dvc.lock of the study; may be repeated.")
@path_option("--out", "Description to write, at the root of the project (JSON).")
@today
@licence
@stage
def crate(locks: Sequence[Path], out: Path, published: str, terms: str) -> None:
    """Write which command made which file from what, as an RO-Crate."""
    from stages.core.run.files import lies_there, write_json
    from stages.share.provenance_crate import describe_runs
    from stages.share.run_lock import read_lock

    # A flow that was not run has no lock.
    there = [lock for lock in locks if lies_there(lock)] or locks
    runs = [run for lock in there for run in read_lock(lock)]
    write_json(out, describe_runs(runs, published, terms))


if __name__ == "__main__":
    main()
