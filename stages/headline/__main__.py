"""Commands of the headline stages."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage

SUMMARY = path_option("--summary", "Folder of the summaries that the stages wrote (JSON).")
OUT = path_option("--out", "Metrics to write (JSON).")
RERUN, RERUN_TRAINING = "Run `dvc repro`.", "Run `dvc repro data/training/dvc.yaml`."


@click.group()
def main() -> None:
    """Pick the few numbers by which two runs are compared: `dvc metrics diff`, `dvc exp show`."""


@main.command()
@SUMMARY
@OUT
@stage
def story(summary: Path, out: Path) -> None:
    """Pick those of the story study."""
    from stages.core.run.files import read_json, write_json
    from stages.headline.story_numbers import PARTS, story_numbers

    found = {name: read_json(summary / f"{name}.json", RERUN) for name in PARTS}
    write_json(out, story_numbers(found))


@main.command()
@params_option
@path_option("--survey", "Folder of the tables of the survey.")
@SUMMARY
@OUT
@stage
def scene(params_file: Path, survey: Path, summary: Path, out: Path) -> None:
    """Pick those of the scene study, by `survey.metric`."""
    from stages.core.params.read import read_params
    from stages.core.results.survey import read_tables
    from stages.core.run.files import read_json, write_json
    from stages.headline.scene_numbers import scene_numbers

    metric = read_params(params_file).survey.metric
    tables = read_tables(survey, ("models", "best"), {"metric": [metric]})
    found = {
        name: read_json(summary / f"{name}.json", RERUN) for name in ("survey", "recover_scene")
    }
    write_json(out, scene_numbers(tables["models"], tables["best"], found, metric))


@main.command()
@SUMMARY
@OUT
@stage
def trajectory(summary: Path, out: Path) -> None:
    """Pick those of the families, story and scene."""
    from stages.core.run.files import read_json, write_json
    from stages.headline.trajectory_numbers import trajectory_numbers

    found = {
        study: read_json(summary / f"trajectory_{study}.json", RERUN_TRAINING)
        for study in ("story", "scene")
    }
    write_json(out, trajectory_numbers(found))


if __name__ == "__main__":
    main()
