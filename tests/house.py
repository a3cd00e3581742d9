"""Measures of the plan of the house, for any checkout: `python -m tests.house [ROOT]`."""

import ast
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import click
from ruamel.yaml import YAML

CORE = "stages/core"
FLOWS = ("dvc.yaml", "data/language/dvc.yaml", "data/training/dvc.yaml")
# Names that every package has.
COMMON = {"__init__", "__main__"}


@dataclass(frozen=True)
class House:
    """Measures of a checkout.

    Attributes
    ----------
    lines : dict
        Lines of each pipeline file, then of its sections.
    core_deps : list of str
        Dependencies into core, as declared: as often as they are.
    runs : int
        Stages, every model of a matrix by itself.
    reruns : dict
        By file of core: the stages that an edit of it reruns directly, and its lines.
    shared : dict
        Paths of the modules that share a name, by name.
    rooms : list of str
        Sub-packages of core.
    arrows : Counter
        Imports from one room of core into another.
    upward : list
        Arrows that go against the order of the rooms; None where none is declared.
    sizes : dict
        Number of Python files and of their lines, by folder.
    """

    lines: dict[str, dict[str, int]]
    core_deps: list[str]
    runs: int
    reruns: dict[str, tuple[int, int]]
    shared: dict[str, list[str]]
    rooms: list[str]
    arrows: Counter[tuple[str, str]]
    upward: list[tuple[str, str]] | None
    sizes: dict[str, tuple[int, int]]


def measure(root: Path) -> House:
    """Measure a checkout."""
    stages = stages_of(root)
    runs = list(expanded(stages, YAML(typ="safe").load(root / "params.yaml")))
    rooms = sorted({path.parent.name for path in (root / CORE).glob("*/*.py")})
    arrows = Counter(imports_between(root, rooms))
    layers = declared_layers(root)
    return House(
        lines={name: section_lines(root / name) for name in (*FLOWS, "plots/dvc.yaml")},
        core_deps=[
            dep for stage in stages.values() for dep in stage.get("deps", []) if within(dep, CORE)
        ],
        runs=len(runs),
        reruns={
            path: (
                sum(any(within(path, dep) for dep in deps) for deps in runs),
                len((root / path).read_text().splitlines()),
            )
            for path in python_files(root, CORE)
        },
        shared=shared_names(root),
        rooms=rooms,
        arrows=arrows,
        upward=None if layers is None else [arrow for arrow in arrows if goes_up(arrow, layers)],
        sizes={folder: size(root, folder) for folder in ("stages", "tests")},
    )


def stages_of(root: Path) -> dict[str, Any]:
    """Stages of all flows that are there."""
    read = YAML(typ="safe").load
    paths = [root / flow for flow in FLOWS if (root / flow).exists()]
    return {name: stage for path in paths for name, stage in read(path)["stages"].items()}


def python_files(root: Path, folder: str) -> list[str]:
    """Paths of the Python files below a folder."""
    return sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("*.py"))


def size(root: Path, folder: str) -> tuple[int, int]:
    """Number of Python files below a folder, and of their lines."""
    files = python_files(root, folder)
    return len(files), sum(len((root / path).read_text().splitlines()) for path in files)


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or below it."""
    return path == folder or path.startswith(f"{folder}/")


def section_lines(path: Path) -> dict[str, int]:
    """Lines of a YAML file, and of each of its sections with the comments behind it."""
    if not path.exists():
        return {}
    total = len(path.read_text().splitlines())
    document = YAML().load(path)
    starts = {str(key): document.lc.key(key)[0] for key in document}
    ends = [*list(starts.values())[1:], total]
    sections = {key: end - starts[key] for key, end in zip(starts, ends, strict=True)}
    return {"in all": total, **sections}


def expanded(stages: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[list[str]]:
    """Dependencies of every stage, once for each combination of its matrix."""
    for stage in stages.values():
        axes = {
            name: {str(resolved(value, params)) for value in resolved(values, params)}
            for name, values in stage.get("matrix", {}).items()
        }
        for values in product(*axes.values()):
            scope = {**params, "item": dict(zip(axes, values, strict=True))}
            yield [str(resolved(dep, scope)) for dep in stage.get("deps", [])]


def resolved(value: Any, scope: Mapping[str, Any]) -> Any:
    """Value with its references to parameters filled in; a mere reference may be a list."""
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\$\{([^}]+)\}", value)
    if whole:
        return found_at(whole[1], scope)
    return re.sub(r"\$\{([^}]+)\}", lambda part: str(found_at(part[1], scope)), value)


def found_at(place: str, scope: Any) -> Any:
    """Parameter at a place with dots."""
    for name in place.strip().split("."):
        scope = scope[name]
    return scope


def shared_names(root: Path) -> dict[str, list[str]]:
    """Modules of the stages that share a name, by name."""
    found = defaultdict(list)
    for path in python_files(root, "stages"):
        found[Path(path).stem].append(path)
    return {name: paths for name, paths in found.items() if len(paths) > 1 and name not in COMMON}


def imports_between(root: Path, rooms: list[str]) -> Iterator[tuple[str, str]]:
    """Imports from one room of core into another: who imports, and what."""
    for room in rooms:
        for path in python_files(root, f"{CORE}/{room}"):
            for name in imported(root, path):
                target = re.match(r"stages\.core\.(\w+)", name)
                if target and target[1] in rooms and target[1] != room:
                    yield room, target[1]


def imported(root: Path, path: str) -> Iterator[str]:
    """Full names that a file imports, at any level."""
    package = path.split("/")[:-1]
    for node in ast.walk(ast.parse((root / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            # A room itself may be imported from core; any other name says no more than its module.
            names = [f".{alias.name}" for alias in node.names] if module == "stages.core" else [""]
            yield from (module + name for name in names)


def declared_layers(root: Path) -> list[tuple[set[str], bool]] | None:
    """Rooms of core from top to bottom, and whether those of one layer are independent."""
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    for contract in settings.get("tool", {}).get("importlinter", {}).get("contracts", []):
        layers = contract.get("layers", [])
        if "stages.core" not in contract.get("containers", []):
            layers = [text for text in layers if "stages.core." in text]
        if layers:
            return [
                ({part.rsplit(".")[-1] for part in re.findall(r"[\w.]+", text)}, ":" not in text)
                for text in layers
            ]
    return None


def goes_up(arrow: tuple[str, str], layers: list[tuple[set[str], bool]]) -> bool:
    """Whether an import goes to a higher layer or to an independent neighbour."""
    above: set[str] = set()
    for rooms, independent in layers:
        if arrow[0] in rooms:
            return arrow[1] in (above | rooms if independent else above)
        above |= rooms
    return False


def mean_reruns(house: House) -> tuple[float, int]:
    """Stages that an edited line of core reruns, and of how many lines this is the mean.

    Files that say nothing but that a folder is a package are left out.
    """
    counts = [entry for path, entry in house.reruns.items() if Path(path).stem not in COMMON]
    lines = sum(n for _, n in counts)
    return sum(stages * n for stages, n in counts) / max(1, lines), lines


def report(house: House) -> Iterator[str]:
    """Say the measures, line by line."""
    for name, sections in house.lines.items():
        parts = ", ".join(f"{section} {n}" for section, n in sections.items())
        yield f"{name}: {'lines ' + parts if parts else 'none'}"
    distinct = len(set(house.core_deps))
    yield f"dependencies into core: {len(house.core_deps)}, on {distinct} files or rooms"
    mean, lines = mean_reruns(house)
    yield f"an edited line of core reruns: {mean:.2f} of {house.runs} stages, over {lines} lines"
    yield f"names shared by modules: {len(house.shared)}"
    yield from (f"  {name}: {', '.join(paths)}" for name, paths in house.shared.items())
    yield from rooms_report(house)
    for folder, (files, lines) in house.sizes.items():
        yield f"{folder}: {files} Python files, {lines} lines"


def rooms_report(house: House) -> Iterator[str]:
    """Say how the rooms of core import each other."""
    if not house.rooms:
        yield "rooms of core: none, core is flat"
        return
    yield f"rooms of core: {len(house.rooms)}, arrows between them: {len(house.arrows)}"
    for (room, target), n in sorted(house.arrows.items()):
        mark = " (upward)" if (room, target) in (house.upward or []) else ""
        yield f"  {room} -> {target}: {n} imports{mark}"
    if house.upward is None:
        yield "arrows upward: unknown, pyproject.toml gives no order of the rooms"
    else:
        yield f"arrows upward: {len(house.upward)}"


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True), default=Path())
def main(root: Path) -> None:
    """Print measures of the plan of the house, for any checkout."""
    for line in report(measure(root)):
        click.echo(line)


if __name__ == "__main__":
    main()
