"""Command of the recover stage."""

from pathlib import Path

import click

from stages.core.command import path_option, stage


@click.command()
@path_option("--raw", "Folder of the raw data, where simulated brains have their truth.json.")
@path_option("--encode", "Results of encode.")
@path_option("--probe", "Results of probe.")
@path_option("--decode", "Results of decode.")
@path_option("--profile", "Results of profile.")
@path_option("--metrics", "Metrics to write (JSON).")
@stage
def main(
    *, raw: Path, encode: Path, probe: Path, decode: Path, profile: Path, metrics: Path
) -> None:
    """Hold the findings against the truth planted in simulated brains, where there is one."""
    from stages.core.files import read_json, write_json
    from stages.core.results import read_results
    from stages.recover.profiles import recover_decoding, recover_profiles
    from stages.recover.recovery import recover

    truth = raw / "truth.json"
    if not truth.exists():
        write_json(metrics, {"truth": "not simulated"})
        return
    planted = read_json(truth, "Run `dvc repro simulate`.")
    summary = recover(
        planted,
        read_results(encode, "Run `dvc repro encode`."),
        read_results(probe, "Run `dvc repro probe`."),
    )
    summary |= recover_decoding(planted, read_results(decode, "Run `dvc repro decode`."))
    summary |= recover_profiles(planted, read_results(profile, "Run `dvc repro profile`."))
    write_json(metrics, summary)


if __name__ == "__main__":
    main()
