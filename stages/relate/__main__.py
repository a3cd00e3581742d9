"""Command of the relate stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.group()
def main() -> None:
    """Set what models share with brains beside what else is known of them, over models."""


@main.command()
@path_option("--survey", "Folder of the survey's tables.")
@path_option("--raw", "Folder with the sources.json of the tables of benchmarks.")
@path_option("--out", "Table to write (parquet).")
@path_option("--summary", "Summary to write (JSON).")
@params_option
@stage
def scene(survey: Path, raw: Path, out: Path, summary: Path, params_file: Path) -> None:
    """Set alignment with the brain beside benchmark performance and size.

    Nothing is downloaded: benchmarks are taken from the published tables if CONCORD_DATA_MIRROR or
    the cache holds them.
    """
    from stages.core.params.read import read_params
    from stages.core.results.benchmarks import read_benchmarks
    from stages.core.results.survey import read_tables
    from stages.core.run.fetch import held
    from stages.core.run.files import write_json
    from stages.core.run.origins import together
    from stages.core.run.tables import write_table
    from stages.relate.relation_rows import relations_table
    from stages.relate.summary import summarise
    from stages.relate.zoo import relate_zoo, trained_models

    params = read_params(params_file)
    metric = params.survey.metric
    tables = read_tables(survey, ("best", "models"), {"metric": [metric]})
    aligned = trained_models(tables["best"], tables["models"], metric)
    benchmarks = read_benchmarks(held(raw))
    rows = relate_zoo(aligned, benchmarks, metric, params.relate.draws, params.relate.seed)
    table = relations_table(rows)
    write_table(out, table, together(survey / "best.parquet", survey / "models.parquet"))
    write_json(summary, summarise(table, aligned["model"].nunique()))


@main.command()
@path_option("--tables", "Folder of the tables of survey.")
@click.option(
    "--losses", type=click.Path(path_type=Path), help="Table of predict, of further texts."
)
@click.option(
    "--tasks", type=click.Path(path_type=Path), help="Table of replicate, of a published zoo."
)
@path_option("--out", "Table to write (parquet).")
@params_option
@stage
def language(
    tables: Path, losses: Path | None, tasks: Path | None, out: Path, params_file: Path
) -> None:
    """Set scores on each recording of words beside next-word prediction, size and each other.

    And beside published tasks (GLUE), of those models that are in the published zoo.
    """
    from stages.core.params.read import read_params
    from stages.core.results.language_scores import read_language_scores
    from stages.core.results.language_tasks import read_tasks
    from stages.core.results.text_losses import read_text_losses
    from stages.core.run.origins import together
    from stages.core.run.tables import write_table
    from stages.relate.language_relations import relate_language
    from stages.relate.relation_rows import relations_table

    settings, found = read_params(params_file).relate, read_language_scores(tables)
    rows = relate_language(
        *(found["scores"], found["words"], settings.draws, settings.seed),
        losses=None if losses is None else read_text_losses(losses),
        tasks=None if tasks is None else read_tasks(tasks),
    )
    told = [] if losses is None else [losses]
    made_from = together(tables / "scores.parquet", tables / "words.parquet", *told)
    write_table(out, relations_table(rows), made_from)


if __name__ == "__main__":
    main()
