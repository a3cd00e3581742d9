"""Command of the ladder stage."""

from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, stage


@click.command()
@path_option("--results", "Folder of the results of all studies.")
@path_option("--others", "Folder with ladders of other recordings.")
@path_option("--out", "Folder to write, one table per study (parquet).")
@path_option("--summary", "Summary of all claims to write (JSON).")
@path_option(
    "--metrics", "Metrics to write (JSON): a few numbers of the first claim of each study."
)
@params_option
@stage
def main(
    *, results: Path, others: Path, out: Path, summary: Path, metrics: Path, params_file: Path
) -> None:
    """Hold what the studies say against what speaks against it, rung by rung."""
    from stages.core.params.read import read_params
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table
    from stages.ladder.read_evidence import Asked, origins, read_all
    from stages.ladder.summary import headline, summarise

    params = read_params(params_file)
    asked = Asked(
        story=params.story.dataset,
        scene=params.scene.dataset,
        metric=params.survey.metric,
        share=params.ladder.share,
    )
    ladders, made_from = read_all(results, others, asked), origins(results)
    for study, table in ladders.items():
        write_table(out / f"{study}.parquet", table, made_from[study])
    found = {study: summarise(table) for study, table in ladders.items()}
    write_json(summary, found)
    write_json(metrics, headline(found))


if __name__ == "__main__":
    main()
