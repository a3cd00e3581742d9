"""The page of what was wrong once: every row names tests, and every test that it names is there."""

import ast
import re

import pytest

from tests.conftest import PROJECT

PAGE = PROJECT / "tests" / "HELD.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def faults(text, folder):
    """Rows without a test or of another form, and tests that are not there."""
    known: dict[str, set[str]] = {}
    for row in (line for line in text.splitlines() if re.match(r"\| [A-Z]\d*\b", line)):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        named = NAMED.findall(cells[2]) if len(cells) == 4 else []
        if not named or not all(cells) or NAMED.sub("", cells[2]).strip(", "):
            yield f"no test: {row}"
        for path, name in named:
            if path not in known:
                known[path] = set(functions(folder / path))
            if name not in known[path]:
                yield f"not there: {path}::{name}"


def functions(path):
    """Name the tests of a file, none where there is no file."""
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    return [one.name for one in body if isinstance(one, ast.FunctionDef)]


def test_every_case_is_held_by_tests_that_are_there():
    text = PAGE.read_text(encoding="utf-8")
    assert list(faults(text, PROJECT / "tests")) == []
    assert len(re.findall(r"^\| [MPFDUVT]\d* \|", text, re.MULTILINE)) > 100


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("`test_held.py::test_every_case_is_held_by_tests_that_are_there`", []),
        ("`test_held.py::test_gone`", ["not there: test_held.py::test_gone"]),
        ("`gone.py::test_a`", ["not there: gone.py::test_a"]),
        ("", ["no test: "]),
        ("looked at", ["no test: "]),
        ("`test_held.py::faults`, and looked at", ["no test: "]),
        ("`test_held.py::faults` | more", ["no test: "]),
    ],
)
def test_a_row_that_was_made_up_is_found(held, said):
    row = f"| M1 | wrong | {held} | seen |"
    found = list(faults(f"| | what was wrong |\n|---|---|\n{row}\n", PROJECT / "tests"))
    assert found == [f"{one}{row}" if one.endswith(": ") else one for one in said]
