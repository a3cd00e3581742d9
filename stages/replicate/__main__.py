"""Command of the replicate stage."""

from pathlib import Path

import click

from stages.core.run.command import path_option, stage


@click.command()
@path_option("--raw", "Folder with a folder per source, and its sources.json.")
@path_option("--out", "Table to write (parquet).")
@path_option("--summary", "Summary to write (JSON).")
@click.option(
    "--zoo", type=click.Path(path_type=Path), help="Folder to write: a published zoo as our tables."
)
@stage
def main(raw: Path, out: Path, summary: Path, zoo: Path | None) -> None:
    """Derive published numbers again from the small public tables behind them.

    The tables are taken from the folder that CONCORD_DATA_MIRROR names, or fetched; a number whose
    table can be had from neither says which file it needs.
    """
    from stages.core.run.files import write_json
    from stages.core.run.tables import write_table
    from stages.replicate.all_sources import all_rows
    from stages.replicate.published_targets import replication_table
    from stages.replicate.published_zoo import published_tables
    from stages.replicate.summary import summarise

    table = replication_table(list(all_rows(raw)))
    write_table(out, table)
    write_json(summary, summarise(table))
    if zoo is not None:
        for name, made in published_tables(raw).items():
            write_table(zoo / f"{name}.parquet", made)


if __name__ == "__main__":
    main()
