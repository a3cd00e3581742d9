"""Command of the rescore stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Score again, as published analyses do, for comparison with scores that leave runs out."""


@main.command()
@path_option("--recordings", "Folder with a folder of each recording.")
@path_option("--activations", "Folder with a folder of each recording, and in it of each model.")
@path_option("--out", "Table to write (parquet).")
@path_option("--summary", "The best score of each model in each way, to write (JSON).")
@params_option
@stage
def language(
    recordings: Path, activations: Path, out: Path, summary: Path, params_file: Path
) -> None:
    """Score every layer on every recording of words: least squares, ridge, RSA and CKA.

    Folds are cut at random, as published, and as the parameters have it.
    """
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.run.files import write_json
    from stages.core.run.origins import of_layers
    from stages.core.run.tables import write_table
    from stages.rescore.scored_again import Settings, best_shown, rescore, rescored_table

    params = read_params(params_file)
    sections = params.folds, params.ridge, params.chance, params.encode
    settings = Settings(*sections, centre=params.story.centre)
    specs, rows = params.language_specs, []
    made_from: dict[str, str] = {}
    for name in params.language.recordings:
        recording = read_recording(recordings / name)
        found = rescore(recording, specs, activations / name, settings)
        models = (activations / name / one.label for one in specs)
        made_from |= of_layers(recordings / name, *models)
        rows += [{"recording": name, **row} for row in found]
    table = rescored_table(rows)
    write_table(out, table, made_from)
    write_json(summary, best_shown(table))


if __name__ == "__main__":
    main()
