"""Commands of the ladder stages."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Hold what a study says against what speaks against it, rung by rung."""


@main.command()
@path_option("--results", "Folder of the results of the story study.")
@path_option("--others", "Folder with ladders of other recordings.")
@path_option("--out", "Table to write (parquet).")
@path_option("--summary", "Summary to write (JSON).")
@params_option
@stage
def story(*, results: Path, others: Path, out: Path, summary: Path, params_file: Path) -> None:
    """Hold that models predict regions of readers, and that some do so better than others."""
    from stages.core.params.read import read_params
    from stages.core.results.pairs import read_pairs
    from stages.core.results.results import read_results
    from stages.core.results.survey import TABLES
    from stages.core.results.typed_tables import read_typed
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table
    from stages.ladder.other_ladders import other_ladders
    from stages.ladder.story_claims import Evidence, story_ladder
    from stages.ladder.summary import summarise

    params = read_params(params_file)
    do = "Run `dvc repro survey_story`."
    encode = read_results(results / "encode.parquet", do)
    nested = encode[encode["kind"] == "nested"]
    pairs = read_pairs(results / "pairs.parquet", do)
    roll = read_typed(results / "models.parquet", TABLES["models"], do)
    ladders = other_ladders(others, params.story.dataset)
    table = story_ladder(Evidence(nested, pairs, roll, ladders, params.ladder.share))
    write_table(out, table)
    write_json(summary, summarise(table))


@main.command()
@path_option("--survey", "Folder of the tables of survey.")
@path_option("--others", "Folder with ladders of other recordings.")
@path_option("--out", "Table to write (parquet).")
@path_option("--summary", "Summary to write (JSON).")
@params_option
@stage
def scene(*, survey: Path, others: Path, out: Path, summary: Path, params_file: Path) -> None:
    """Hold that models align with regions of those who see scenes, and some better than others."""
    from stages.core.params.read import read_params
    from stages.core.results.survey import read_tables
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table
    from stages.ladder.other_ladders import other_ladders
    from stages.ladder.scene_claims import Evidence, scene_ladder
    from stages.ladder.summary import summarise

    params = read_params(params_file)
    metric = params.survey.metric
    found = read_tables(survey, ("best", "control", "pairs", "models"), {"metric": [metric]})
    roll = found.pop("models")
    ladders = other_ladders(others, params.scene.dataset)
    table = scene_ladder(
        Evidence(**found, roll=roll, others=ladders, metric=metric, share=params.ladder.share)
    )
    write_table(out, table)
    write_json(summary, summarise(table))


@main.command()
@path_option("--tables", "Folder of the tables of trajectory.")
@path_option("--others", "Folder with ladders of other recordings.")
@click.option("--dataset", required=True, help="The study: story or scene.")
@path_option("--out", "Table to write (parquet).")
@path_option("--summary", "Summary to write (JSON).")
@stage
def trajectory(*, tables: Path, others: Path, dataset: str, out: Path, summary: Path) -> None:
    """Hold that alignment precedes performance in training."""
    from stages.core.run.files import write_json
    from stages.core.run.tables import read_table, write_table
    from stages.ladder.other_ladders import other_ladders
    from stages.ladder.summary import summarise
    from stages.ladder.training_claims import LEADS, training_ladder

    leads = read_table(tables / "leads.parquet", LEADS, f"Run `dvc repro trajectory_{dataset}`.")
    table = training_ladder(leads, other_ladders(others, dataset), dataset)
    write_table(out, table)
    write_json(summary, summarise(table))


if __name__ == "__main__":
    main()
