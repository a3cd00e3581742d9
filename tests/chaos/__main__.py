"""The campaign: `python -m tests.chaos`, as `make chaos` does."""

import os
import pkgutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from importlib import import_module
from pathlib import Path

import click

import stages


def import_all() -> None:
    """Import every module of the stages, so that commands can be forked, ready to run."""
    for found in pkgutil.walk_packages(stages.__path__, "stages."):
        import_module(found.name)


@click.command()
@click.option("--seed", default=0, show_default=True)
@click.option("--minutes", default=30.0, show_default=True, help="After which it ends.")
@click.option("--trials", default=60, show_default=True, help="Changed inputs of each kind.")
@click.option("--only", multiple=True, help="Kinds that are tried; all without it.")
@click.option("--number", type=int, help="One change, to be repeated; what it said is shown.")
def main(seed: int, minutes: float, trials: int, only: tuple[str, ...], number: int | None) -> None:
    """Break inputs by chance and say how the commands that read them end."""
    for name in [name for name in os.environ if name.startswith("CONCORD_")]:
        del os.environ[name]
    os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    import_all()
    from tests.chaos.campaign import Whole, attempts
    from tests.chaos.specimens import ALL
    from tests.chaos.verdicts import GOOD, KINDS

    end = time.monotonic() + 60 * minutes
    table: dict[str, Counter[str]] = defaultdict(Counter)
    bad = []
    with tempfile.TemporaryDirectory(prefix="chaos") as place:
        for specimen in ALL:
            if only and specimen.name not in only:
                continue
            if time.monotonic() > end:
                break
            whole = Whole(specimen, Path(place) / specimen.name.replace(" ", "_"))
            numbers = range(trials) if number is None else range(number, number + 1)
            for outcome in attempts(whole, numbers, seed):
                table[specimen.name][outcome.verdict] += 1
                if outcome.verdict not in GOOD:
                    bad.append(outcome)
                    line = f"{outcome.verdict}: {outcome.specimen} {outcome.number}: {outcome.what}"
                    click.echo(f"{line}: {outcome.ended.last[:300]}")
                if number is not None:
                    click.echo(f"{outcome.what}: {outcome.verdict}, {outcome.ended.code}")
                    click.echo(outcome.ended.said)
                if time.monotonic() > end:
                    break
            row = " ".join(f"{kind} {table[specimen.name][kind]}" for kind in KINDS)
            click.echo(f"{specimen.name}: {row} ({whole.undisturbed.seconds:.2f} s)")
    click.echo(f"{'':20}" + "".join(f"{kind:>10}" for kind in KINDS))
    for name, counts in table.items():
        click.echo(f"{name:20}" + "".join(f"{counts[kind]:10}" for kind in KINDS))
    total = sum(table.values(), Counter[str]())
    click.echo(f"{'in all':20}" + "".join(f"{total[kind]:10}" for kind in KINDS))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
