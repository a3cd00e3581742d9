"""The command `python -m stages.prepare`."""

from pathlib import Path

import click

from stages.core.command import params_option, path_option, stage


@click.command()
@params_option
@path_option("--raw", "Folder with the raw files, or with the sources.json that names them.")
@path_option("--out", "Folder of the recording.")
@stage
def main(params_file: Path, raw: Path, out: Path) -> None:
    """Turn the raw files of story.dataset into a recording.

    Words are assigned to scans by onset; scans that show no word are dropped; every run is
    cleaned for itself. The files of alice and naturalstories come from the folder named by
    CONCORD_DATA_MIRROR, or else from their public repositories.
    """
    from stages.core.params import read_params
    from stages.core.recording import write_recording
    from stages.prepare.datasets import load_dataset

    params = read_params(params_file)
    write_recording(out, load_dataset(params.story.dataset, raw, params.prepare))


if __name__ == "__main__":
    main()
