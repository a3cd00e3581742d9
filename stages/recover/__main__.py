"""Commands of the recover stages."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stages.core.run.command import params_option, path_option, stage

if TYPE_CHECKING:
    from stages.core.results.stage_rows import Stage

RAW = "Folder of the raw data, where simulated brains have their truth.json."
SUMMARY = "Metrics to write (JSON)."
NOT_SIMULATED = {"truth": "not simulated"}
# Tables of results, and the stages that make them.
RESULTS: Mapping["Stage", str] = {
    "encode": "survey_story",
    "probe": "survey_story",
    "decode": "decode",
    "profile": "profile",
}


@click.group()
def main() -> None:
    """Hold what was found against what was planted in simulated brains."""


@main.command()
@path_option("--raw", RAW)
@path_option("--results", "Folder of the results of encode, probe, decode and profile.")
@path_option("--summary", SUMMARY)
@stage
def story(raw: Path, results: Path, summary: Path) -> None:
    """Hold the findings against the truth planted in simulated brains, where there is one.

    Findings are those of the first model in the results.
    """
    from stages.core.results.results import read_results
    from stages.core.results.shown import of_first_model
    from stages.core.run.files import lies_there, write_json
    from stages.core.run.origins import together
    from stages.recover.planted_truth import read_truth
    from stages.recover.story_layers import recover
    from stages.recover.story_profiles import recover_decoding, recover_profiles

    truth = raw / "truth.json"
    if not lies_there(truth):
        write_json(summary, NOT_SIMULATED)
        return
    planted = read_truth(truth, "story")
    paths = {name: results / f"{name}.parquet" for name in RESULTS}
    encoded, probed, decoded, profiled = (
        of_first_model(read_results(paths[name], name, f"Run `dvc repro {stage}`."))
        for name, stage in RESULTS.items()
    )
    together(*paths.values())
    found = recover(planted, encoded, probed)
    found |= recover_decoding(planted, decoded) | recover_profiles(planted, profiled)
    write_json(summary, found)


@main.command()
@params_option
@path_option("--raw", RAW)
@path_option("--survey", "Folder of the tables of the survey.")
@path_option("--summary", SUMMARY)
@stage
def scene(*, params_file: Path, raw: Path, survey: Path, summary: Path) -> None:
    """Hold the survey of the zoo against the truth planted in simulated scenes."""
    from stages.core.params.read import read_params
    from stages.core.results.survey import read_survey
    from stages.core.run.files import lies_there, write_json
    from stages.recover.planted_truth import read_truth
    from stages.recover.scene import recover_scene

    params = read_params(params_file)
    truth = raw / "truth.json"
    if not lies_there(truth):
        write_json(summary, NOT_SIMULATED)
        return
    planted = read_truth(truth, "scene")
    write_json(summary, recover_scene(planted, read_survey(survey), params.survey.metric))


if __name__ == "__main__":
    main()
