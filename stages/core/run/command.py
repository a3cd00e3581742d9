"""The frame of every stage's command: logging, exit codes and the last line on stderr."""

import gc
import inspect
import logging
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from stages.core.run.errors import ConcordError, out_of_memory
from stages.core.run.files import unwritable
from stages.core.run.flow import ROOT, calls, flow, over_lines
from stages.core.run.settings import read_settings

P = ParamSpec("P")
# Libraries that tell at every model which file they opened, or at every PDF which letters.
CHATTY = ("httpx", "timm", "fontTools")
# Objects made between two looks for garbage: imports make a million that stay, and Python's own 700
# cost every stage that opens a network .6 s.
MADE_BETWEEN_COLLECTIONS = 10_000
SMALLER_ON_DEVICE = "Set CONCORD_MEMORY to less than the device has free, or CONCORD_DEVICE=cpu."

params_option = click.option(
    "--params",
    "params_file",
    type=click.Path(path_type=Path),
    default=Path("params.yaml"),
    show_default=True,
    help="The parameters of the study.",
)


def path_option(name: str, help: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Declare a required path on a stage's command line."""
    return click.option(name, type=click.Path(path_type=Path), required=True, help=help)


def paths_option(
    name: str, into: str, help: str
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Declare a required path that may be given more than once."""
    kind = click.Path(path_type=Path)
    return click.option(name, into, type=kind, required=True, multiple=True, help=help)


def comparison_options(function: Callable[P, None]) -> Callable[P, None]:
    """Declare what every comparison of layers with a recording reads and writes."""
    for option in (
        params_option,
        path_option("--out", "Results table to write (parquet)."),
        path_option("--activations", "The model's own folder of activations."),
        path_option("--recording", "Folder of the recording."),
    ):
        function = option(function)
    return function


def stage(function: Callable[P, None]) -> Callable[P, None]:
    """Run a stage's main function with the project's exit codes.

    0 done, 1 a result could not be made, 2 the input, a parameter or the environment is wrong;
    the last line on stderr says why.
    """

    @click.help_option(callback=_help_with_examples)
    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        logging.basicConfig(
            level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr, force=True
        )
        logging.captureWarnings(True)
        gc.set_threshold(MADE_BETWEEN_COLLECTIONS)
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            read_settings()  # refuses what is wrong before any work
            function(*args, **kwargs)
        except ConcordError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(error.exit_code)
        except Exception as error:
            told = _of_the_machine(error)
            if told is not None:
                click.echo(f"error: {told}", err=True)
                sys.exit(told.exit_code)
            traceback.print_exc()
            click.echo(f"error: {type(error).__name__}: {error}", err=True)
            sys.exit(1)

    return run


def _help_with_examples(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Show what a command takes, and how the flow calls it, with parameters as `${section.key}`."""
    if not asked or context.resilient_parsing:
        return
    click.echo(context.get_help())
    study = str(context.info_name) if context.parent else ""
    for target, command in calls(_package_of(context.command), flow(ROOT), study).items():
        click.echo(f"\nExample (dvc repro {target}):\n    {over_lines(command)}")
    context.exit()


def _package_of(command: click.Command) -> str:
    """Name the package that a command is of, as `python -m` or an import has it."""
    name = str(inspect.unwrap(command.callback).__module__) if command.callback else ""
    spec = sys.modules["__main__"].__spec__
    if name == "__main__" and spec is not None:
        name = spec.name
    return name.removeprefix("stages.").removesuffix("__main__").rstrip(".")


def _of_the_machine(error: Exception) -> ConcordError | None:
    """Say what the machine lacks: memory, or a disk that takes what is written; or None."""
    if out_of_memory(error):
        do = None if isinstance(error, MemoryError) else SMALLER_ON_DEVICE
        return ConcordError("out of memory", got=str(error) or None, do=do)
    if unwritable(error):
        where = getattr(error, "filename", None)
        return ConcordError("cannot write", where=where, got=unwritable(error))
    return None
