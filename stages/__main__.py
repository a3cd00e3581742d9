"""Command that lists the stages, and how the flow calls each: `python -m stages`."""

from importlib import import_module
from pkgutil import iter_modules

import click

import stages
from stages.core.run.command import stage
from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.flow import ROOT, calls, flow, over_lines


@click.command()
@click.argument("name", required=False)
@stage
def main(name: str | None) -> None:
    """List the stages, a line each; or how the flow calls the stage NAME, as examples.

    What a stage takes is said by `python -m stages.NAME --help`.
    """
    known = summaries()
    if name is None:
        width = max(map(len, known))
        for one, summary in known.items():
            click.echo(f"{one:{width}}  {summary}")
        click.echo("\nExamples of one: python -m stages NAME")
        return
    if name not in known:
        raise InputError("no such stage", got=name, do=did_you_mean(name, known))
    click.echo(known[name])
    for target, command in calls(name, flow(ROOT)).items():
        click.echo(f"\ndvc repro {target}\n    {over_lines(command)}")
    click.echo(f"\nWhat it takes: python -m stages.{name} --help")


def summaries() -> dict[str, str]:
    """Say what each stage is, by its name: the first line of its package's text."""
    names = [found.name for found in iter_modules(stages.__path__) if found.ispkg]
    texts = {name: import_module(f"stages.{name}").__doc__ for name in names if name != "core"}
    return {name: str(text).partition("\n")[0] for name, text in texts.items()}


if __name__ == "__main__":
    main()
