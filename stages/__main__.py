"""Command that lists the stages, and how the flow calls each: `python -m stages`."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click
from ruamel.yaml import YAML

import stages
from stages.core.run.command import stage
from stages.core.run.errors import InputError, did_you_mean

ROOT = Path(stages.__path__[0]).parent
FLOWS = ("dvc.yaml", "*/dvc.yaml", "*/*/dvc.yaml")


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
        click.echo(f"\ndvc repro {target}\n    {command}")
    click.echo(f"\nWhat it takes: python -m stages.{name} --help")


def summaries() -> dict[str, str]:
    """Say what each stage is, by its name: the first line of its package's text."""
    names = [found.name for found in iter_modules(stages.__path__) if found.ispkg]
    texts = {name: import_module(f"stages.{name}").__doc__ for name in names if name != "core"}
    return {name: str(text).partition("\n")[0] for name, text in texts.items()}


def flow(root: Path) -> dict[str, str]:
    """Read the commands of all flows, by what `dvc repro` takes; each command once.

    Parameters
    ----------
    root : Path
        Folder of the project.
    """
    found: dict[str, str] = {}
    for path in (path for pattern in FLOWS for path in sorted(root.glob(pattern))):
        prefix = "" if path.parent == root else f"{path.relative_to(root).as_posix()}:"
        for target, content in YAML(typ="safe").load(path).get("stages", {}).items():
            found.setdefault(str(content.get("cmd", "")), f"{prefix}{target}")
    return {target: command for command, target in found.items()}


def calls(name: str, commands: Mapping[str, str]) -> dict[str, str]:
    """Keep the commands that run a stage."""
    return {
        target: command
        for target, command in commands.items()
        if f"stages.{name}" in command.split()
    }


if __name__ == "__main__":
    main()
