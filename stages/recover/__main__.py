"""Commands of the recover stages."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage

RAW = "Folder of the raw data, where simulated brains have their truth.json."
METRICS = "Metrics to write (JSON)."
NOT_SIMULATED = {"truth": "not simulated"}


@click.group()
def main() -> None:
    """Hold what was found against what was planted in simulated brains."""


@main.command()
@path_option("--raw", RAW)
@path_option("--encode", "Results of encode.")
@path_option("--probe", "Results of probe.")
@path_option("--decode", "Results of decode.")
@path_option("--profile", "Results of profile.")
@path_option("--metrics", METRICS)
@stage
def story(
    *, raw: Path, encode: Path, probe: Path, decode: Path, profile: Path, metrics: Path
) -> None:
    """Hold the findings against the truth planted in simulated brains, where there is one."""
    from stages.core.results.results import read_results
    from stages.core.run.files import read_json, write_json
    from stages.recover.story_layers import recover
    from stages.recover.story_profiles import recover_decoding, recover_profiles

    truth = raw / "truth.json"
    if not truth.exists():
        write_json(metrics, NOT_SIMULATED)
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


@main.command()
@params_option
@path_option("--raw", RAW)
@path_option("--survey", "Folder of the tables of the survey.")
@path_option("--metrics", METRICS)
@stage
def scene(*, params_file: Path, raw: Path, survey: Path, metrics: Path) -> None:
    """Hold the survey of the zoo against the truth planted in simulated scenes."""
    from stages.core.params.read import read_params
    from stages.core.run.files import read_json, write_json
    from stages.recover.scene import read_findings, recover_scene

    params = read_params(params_file)
    truth = raw / "truth.json"
    if not truth.exists():
        write_json(metrics, NOT_SIMULATED)
        return
    planted = read_json(truth, "Run `dvc repro simulate_scene`.")
    write_json(metrics, recover_scene(planted, read_findings(survey), params.survey.metric))


if __name__ == "__main__":
    main()
