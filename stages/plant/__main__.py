"""Command of the plant stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.command()
@params_option
@path_option("--raw", "Folder of the raw files; where they are simulated, of truth.json.")
@path_option("--recording", "Folder of the recording.")
@path_option("--trained", "Folder of activations of the model.")
@path_option("--out", "Folder for the family.")
@stage
def main(*, params_file: Path, raw: Path, recording: Path, trained: Path, out: Path) -> None:
    """Mix the layers of a model with noise, as if it were being trained, by a known course.

    Writes a folder of activations per member, their tables, and the course in truth.json.
    """
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_stimuli
    from stages.core.recording.types import stimuli_digest
    from stages.plant.planting import planted_regions, write_family

    settings = read_params(params_file).story.plant
    digest = stimuli_digest(read_stimuli(recording / "stimuli.parquet"))
    write_family(trained, digest, settings, out, planted_regions(raw))


if __name__ == "__main__":
    main()
