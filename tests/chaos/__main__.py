"""The campaign: `python -m tests.chaos`, as `make chaos` does."""

import os
import pkgutil
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import click

import stages


def import_stages(only: set[str], *, everything: bool) -> None:
    """Import the modules of some stages, or of all, so that commands are forked ready to run."""
    for found in pkgutil.walk_packages(stages.__path__, "stages."):
        if everything or found.name.split(".")[1] in only:
            import_module(found.name)


@click.command()
@click.option("--seed", default=0, show_default=True)
@click.option("--minutes", default=60.0, show_default=True, help="After which it ends.")
@click.option("--trials", default=60, show_default=True, help="Changed inputs of each kind.")
@click.option("--only", multiple=True, help="Kinds that are tried; all without it.")
@click.option("--number", type=int, help="One of each, to be repeated; what it said is shown.")
def main(seed: int, minutes: float, trials: int, only: tuple[str, ...], number: int | None) -> None:
    """Break inputs, kill commands and fill disks by chance, and say how it ends."""
    for name in [name for name in os.environ if name.startswith("CONCORD_")]:
        del os.environ[name]
    os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    from tests.chaos.all_specimens import ALL
    from tests.chaos.full_disks import may_mount
    from tests.chaos.kinds import Wanted
    from tests.chaos.kinds import everything as campaign

    chosen = {one.command.stage for one in ALL for name in only if name.endswith(one.name)}
    import_stages(chosen, everything=not only)

    wanted = Wanted(seed, 0 if number is None else number, trials if number is None else 1, only)
    with tempfile.TemporaryDirectory(prefix="chaos") as place:
        mounts = may_mount(Path(place) / "mount")
        if not mounts:
            click.echo("no disk can be mounted here: full and closed disks are not tried")
        tally = campaign(
            Path(place), wanted, time.monotonic() + 60 * minutes, click.echo, mounts=mounts
        )
    click.echo(tally.table())
    sys.exit(not tally.good)


if __name__ == "__main__":
    main()
