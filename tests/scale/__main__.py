"""What the project costs at the real size of its data: `python -m tests.scale [CASE]...`.

Each case makes files of that size, runs the commands of the stages on one core, and prints lines of
the table of docs/scale.md: case, size, processor time, memory, what follows for the whole. All of
them take some two hours of one core and 30 GB of disk; without any, their names are listed.
"""

import shutil
from pathlib import Path
from tempfile import mkdtemp

import click


@click.command()
@click.argument("cases", nargs=-1)
@click.option("--place", type=click.Path(path_type=Path), help="Where files are made.")
def main(cases: tuple[str, ...], place: Path | None) -> None:
    """Measure CASES, one after the other; without any, list them."""
    from tests.scale.cases import CASES

    unknown = set(cases) - CASES.keys()
    if unknown:
        raise click.UsageError(f"no such case: {', '.join(sorted(unknown))}")
    if not cases:
        click.echo("\n".join(CASES))
    for name in cases:
        folder = Path(mkdtemp(prefix=f"{name}-", dir=place))
        try:
            for line in CASES[name](folder):
                click.echo(str(line))
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
