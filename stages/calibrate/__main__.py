"""Command of the calibrate stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.command()
@path_option("--out", "Table to write (parquet).")
@path_option("--summary", "Summary to write (JSON).")
@params_option
@stage
def main(out: Path, summary: Path, params_file: Path) -> None:
    """Measure how often the tests and intervals of the other stages are wrong.

    Stages are run on simulated recordings of which the truth is known; what a stage gave is kept
    in CONCORD_SCRATCH as long as its code, the recording and the parameters stay the same.
    """
    from stages.calibrate.page import calibration_page
    from stages.calibrate.stage_runs import Study
    from stages.calibrate.summary import summarise
    from stages.core.params.read import read_params
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table

    params = read_params(params_file)
    used = (
        *(params.folds, params.ridge, params.decode, params.probe, params.encode, params.align),
        *(params.encode_scene, params.ceilings_story),
    )
    table = calibration_page(Study(params, params.calibrate, used))
    write_table(out, table)
    write_json(summary, summarise(table))


if __name__ == "__main__":
    main()
