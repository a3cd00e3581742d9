"""The command of the stage `extract`."""

from pathlib import Path

import click

from stages.core.command import params_option, path_option, stage


@click.command()
@params_option
@path_option("--stimuli", "The words: stimuli.parquet of a prepared recording.")
@path_option("--out", "Folder of the dataset's activations; the model gets its own in it.")
@stage
def main(params_file: Path, stimuli: Path, out: Path) -> None:
    """Show the words to a model and keep the output of every layer.

    An interrupted run goes on where it stopped. CONCORD_DEVICE chooses the device,
    CONCORD_BATCH_TOKENS the size of a batch, CONCORD_SCRATCH the folder of unfinished work.
    """
    from stages.core.params import read_params
    from stages.core.recording import read_stimuli
    from stages.extract.extraction import extract

    params = read_params(params_file)
    extract(read_stimuli(stimuli), params.model_spec, params.extract, out / params.model_spec.label)


if __name__ == "__main__":
    main()
