"""Seeded mistakes in the numeric rooms, and whether tests find them: `python -m tests.mutants`."""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

import click

from tests.mutants.holders import holders
from tests.mutants.sites import Mutant, mutants
from tests.mutants.trial import Bench, copied, prepare

# These change no number, or show and hand on what others computed.
LEFT_OUT = ("core/run", "check", "cluster", "plots", "share")
PER_MODULE = 2
# Seconds after which no further test of a file is begun.
LONGEST = 40.0
WIDTH = 120
VERDICTS = ("killed", "survived", "timed out", "no test", "pytest failed")


@click.command(help=__doc__)
@click.option("--seed", default=0, show_default=True)
@click.option("--number", default=60, show_default=True, help="Mistakes to try.")
@click.option("--minutes", default=15.0, show_default=True, help="Begin none after these.")
@click.option("--most", default=60.0, show_default=True, help="Seconds of tests for each.")
@click.option("--room", "rooms", multiple=True, help="Folders; all that make numbers by default.")
@click.option("--module", "modules", multiple=True, help="These modules alone, every mistake.")
def main(
    *,
    seed: int,
    number: int,
    minutes: float,
    most: float,
    rooms: tuple[str, ...],
    modules: tuple[str, ...],
) -> None:
    """Print what became of each mistake, a table by room, and what survived."""
    project = Path.cwd()
    end = time.monotonic() + 60 * minutes
    found: list[tuple[str, Mutant, str]] = []
    by_chance = drawn(project, rooms or all_rooms(project), seed, number)
    wanted = list(every(project, modules) if modules else by_chance)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(copied(project, Path(folder, "copy")), longest=LONGEST)
        prepare()
        for room, mutant in wanted:
            if time.monotonic() > end:
                click.echo(f"{len(found)} of {len(wanted)} were tried in {minutes:g} minutes")
                break
            verdict = bench.verdict(mutant, holders(project, mutant.path), most)
            found.append((room, mutant, verdict))
            click.echo(f"{verdict:9} {described(mutant)}")
    click.echo(table(found))
    for _, mutant, verdict in found:
        if verdict not in {"killed", "timed out"}:
            click.echo(f"{verdict}: {described(mutant)}")


def all_rooms(project: Path) -> tuple[str, ...]:
    """Every folder of stages, but for those that make no numbers."""
    stages = project / "stages"
    left_out = [stages / room for room in LEFT_OUT]
    folders = sorted({path.parent for path in stages.rglob("*.py")} - {stages, stages / "core"})
    return tuple(
        folder.relative_to(project).as_posix()
        for folder in folders
        if not any(folder.is_relative_to(other) for other in left_out)
    )


def every(project: Path, modules: tuple[str, ...]) -> Iterator[tuple[str, Mutant]]:
    """Every mistake of some modules, with their rooms."""
    for path in modules:
        for mutant in mutants(path, (project / path).read_bytes()):
            yield Path(path).parent.as_posix(), mutant


def drawn(
    project: Path, rooms: tuple[str, ...], seed: int, number: int
) -> Iterator[tuple[str, Mutant]]:
    """Mistakes with their rooms: of one module after the other, the rooms in a random order."""
    rng = random.Random(seed)
    left = {room: _modules(project, room) for room in rng.sample(rooms, len(rooms))}
    for paths in left.values():
        rng.shuffle(paths)
    n = 0
    while any(left.values()):
        for room, paths in left.items():
            offered = _of_next(project, paths)
            for mutant in rng.sample(offered, min(PER_MODULE, len(offered))):
                if n == number:
                    return
                n += 1
                yield room, mutant


def _of_next(project: Path, paths: list[str]) -> list[Mutant]:
    """Mistakes of the next module of which there are any, which is taken from the list."""
    while paths:
        path = paths.pop()
        if offered := mutants(path, (project / path).read_bytes()):
            return offered
    return []


def _modules(project: Path, room: str) -> list[str]:
    """Modules of a room, without its command."""
    paths = sorted((project / room).glob("*.py"))
    return [path.relative_to(project).as_posix() for path in paths if path.name[:2] != "__"]


def described(mutant: Mutant) -> str:
    """Where a mistake is, and what it changes."""
    before, after = (shorten(text, WIDTH) for text in (mutant.before, mutant.after))
    return f"{mutant.path}:{mutant.line} {mutant.kind}: {before} -> {after}"


def table(found: list[tuple[str, Mutant, str]]) -> str:
    """How many mistakes came to which end, by room."""
    counts = Counter((room, verdict) for room, _, verdict in found)
    rooms = list(dict.fromkeys(room for room, _, _ in found))
    rows = [[room, *(counts[room, verdict] for verdict in VERDICTS)] for room in rooms]
    rows.append(["in all", *(sum(counts[room, verdict] for room in rooms) for verdict in VERDICTS)])
    lines = [["room", *VERDICTS], *rows]
    return "\n".join(
        f"{line[0]:24}" + "".join(f"{cell!s:>14}" for cell in line[1:]) for line in lines
    )


if __name__ == "__main__":
    main()
