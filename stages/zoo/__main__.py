"""Command of the zoo stage."""

from pathlib import Path

import click

from stages.core.run.command import path_option, stage


@click.command()
@path_option("--models", "Table of the models, made by survey.")
@path_option("--out", "Text file to write: the table as it is shown.")
@stage
def main(models: Path, out: Path) -> None:
    """Call the roll of the zoo: a line per model, red where it failed; fail if one did."""
    from stages.core.run.errors import ConcordError
    from stages.core.run.files import atomic
    from stages.core.run.tables import read_table
    from stages.zoo.roll import COLUMNS, roll_call

    table = read_table(models, COLUMNS, "Run `dvc repro survey`.")
    lines = roll_call(table)
    for line, failed in lines:
        click.secho(line, fg="red" if failed else None, err=True)
    failures = list(table.loc[table["error"] != "", "model"])
    if failures:
        raise ConcordError(
            "models that could not be run",
            where="params.yaml: zoo",
            got=", ".join(failures),
            do="Mend what their lines say, run `dvc repro --force --single-item extract@NAME` "
            "for each, then `dvc repro`; or take them out of the zoo.",
        )
    with atomic(out) as partial:
        partial.write_text("".join(f"{line}\n" for line, _ in lines))


if __name__ == "__main__":
    main()
