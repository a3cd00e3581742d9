"""Command of the report stage."""

from collections.abc import Sequence
from pathlib import Path

import click

from stages.core.run.command import params_option, path_option, paths_option, stage


@click.command()
@path_option("--results", "Folder of the results; what is not there is named in the page.")
@path_option("--metrics", "Folder of the metrics (JSON).")
@path_option("--prepared", "Folder of the prepared recordings, for the surface of the cortex.")
@path_option("--raw", "Folder of the raw data, with sources.json where they are public.")
@paths_option("--lock", "locks", "dvc.lock of the study; may be repeated.")
@path_option("--out", "Page to write (HTML).")
@click.option(
    "--against",
    metavar="REV",
    help="Commit, branch or tag whose parameters and metrics are put beside those of here.",
)
@params_option
@stage
def main(
    *,
    results: Path,
    metrics: Path,
    prepared: Path,
    raw: Path,
    locks: Sequence[Path],
    out: Path,
    against: str | None,
    params_file: Path,
) -> None:
    """Put everything that was found into one page that needs nothing else."""
    from stages.core.params.read import read_params
    from stages.core.run.files import atomic
    from stages.report.collect import Folders, collect
    from stages.report.page_file import make_page

    at = Folders(results, metrics, prepared, raw, params_file, locks)
    page = make_page(collect(at, read_params(params_file), against))
    with atomic(out) as partial:
        partial.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
