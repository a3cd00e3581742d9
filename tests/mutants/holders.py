"""Which tests hold a module: its mirror, those that import it, those of what imports it."""

import ast
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

# How far up importers are looked for, where none below has tests.
LEVELS = 4
# They hold every module, and are quick.
EVERY = ("tests/test_trust.py",)
# They run whole studies, or measure.
LEFT_OUT = {"e2e", "benchmarks", "test_tutorials.py", "test_mutants.py"}


def holders(root: Path, path: str) -> list[str]:
    """Test files that hold a module, the likeliest to find a mistake first.

    Parameters
    ----------
    root : Path
        The project.
    path : str
        The module, from there.

    Returns
    -------
    list of str
        Those that hold every module, then those that import it, or what imports it: its mirror
        first, then the nearest folders, then those that import the module itself, short ones first.
    """
    module = Path(path)
    mirror = Path("tests", *module.parts[1:-1])
    stem = f"test_{module.stem}.py"
    direct = _tests(root, [path])
    found, above = set(direct), [path]
    for level in range(LEVELS):
        if level == 0 or not found:
            above = [other for other in _files(root, "stages") if _imports(root, other, above)]
            found |= set(_tests(root, above))
    nearest = sorted(
        found,
        key=lambda test: (
            Path(test).name != stem,
            -_shared(Path(test).parent, mirror),
            test not in direct,
            (root / test).stat().st_size,
            test,
        ),
    )
    return [*(test for test in EVERY if (root / test).is_file()), *nearest]


def _shared(one: Path, other: Path) -> int:
    """How many folders two paths have in common, from the top."""
    return len(Path(os.path.commonpath([one, other])).parts)


@cache
def _files(root: Path, folder: str) -> list[str]:
    """Python files below a folder."""
    return sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("*.py"))


def _tests(root: Path, modules: list[str]) -> list[str]:
    """Test files that import one of some modules."""
    return [
        test
        for test in _files(root, "tests")
        if Path(test).name.startswith("test_")
        and not LEFT_OUT & set(Path(test).parts)
        and _imports(root, test, modules)
    ]


def _imports(root: Path, path: str, modules: Iterable[str]) -> bool:
    """Whether a file imports one of some modules."""
    names = {module.removesuffix(".py").replace("/", ".") for module in modules}
    return bool(names & _imported(root / path))


@cache
def _imported(path: Path) -> frozenset[str]:
    """Dotted names that a file imports, what `from` takes included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)
