"""Command of the recover stage."""

from pathlib import Path

import click

from stages.core.command import path_option, stage


@click.command()
@path_option("--raw", "Folder of the raw data, where simulated brains have their truth.json.")
@path_option("--encode", "Results of encode.")
@path_option("--probe", "Results of probe.")
@path_option("--metrics", "Metrics to write (JSON).")
@stage
def main(raw: Path, encode: Path, probe: Path, metrics: Path) -> None:
    """Hold the findings against the truth planted in simulated brains, where there is one."""
    from stages.core.files import read_json, write_json
    from stages.core.results import read_results
    from stages.recover.recovery import recover

    truth = raw / "truth.json"
    if not truth.exists():
        write_json(metrics, {"truth": "not simulated"})
        return
    summary = recover(
        read_json(truth, "Run `dvc repro simulate`."),
        read_results(encode, "Run `dvc repro encode`."),
        read_results(probe, "Run `dvc repro probe`."),
    )
    write_json(metrics, summary)


if __name__ == "__main__":
    main()
