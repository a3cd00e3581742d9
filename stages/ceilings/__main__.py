"""Command of the ceilings stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Find how well any model could agree with what was measured."""


@main.command()
@path_option("--recording", "Folder of the recording.")
@path_option("--out", "Table of ceilings to write (parquet).")
@path_option("--points", "Table of the points and curves behind them to write (parquet).")
@params_option
@stage
def story(recording: Path, out: Path, points: Path, params_file: Path) -> None:
    """Find the ceilings of every region that encode predicts, by what each of them bounds.

    The mean of the subjects from split halves; one held-out subject from the mean of the others;
    one held-out subject from infinitely many others, extrapolated.
    """
    from stages.ceilings.story_tables import story_ceilings
    from stages.core.params.read import read_params
    from stages.core.recording.recording_files import read_recording
    from stages.core.run.origins import of_recording
    from stages.core.run.tables import write_table

    params = read_params(params_file)
    found = story_ceilings(read_recording(recording), params.encode, params.ceilings_story)
    made_from = of_recording(recording)
    write_table(out, found.ceilings, made_from)
    write_table(points, found.points, made_from)


if __name__ == "__main__":
    main()
