"""Seeded mistakes are legal Python in one place, and tests that find them are told from others."""

import ast

import pytest

from tests.conftest import PROJECT
from tests.mutants import trial
from tests.mutants.__main__ import LEFT_OUT, PER_MODULE, VERDICTS, all_rooms, drawn, every, table
from tests.mutants.holders import holders
from tests.mutants.sites import mutants
from tests.mutants.trial import Bench, copied

MODULE = '''"""Numbers: 1 < 2."""


def half(a: float, n: int = 3) -> float:
    """Say é, 2 + 2."""
    if n < 2 and not a:
        raise ValueError(f"{n + 1} is not {2}")
    return -abs(a) / 2


def others(x):
    log.info(1)
    zip(x, x, strict=True)
    x.open(encoding="utf-8").write(x @ x)
    return x.mean(axis=1, keepdims=True) @ x
'''
CHANGES = {
    "n < 2 and (not a) -> (not (n < 2 and (not a)))",
    "n < 2 and (not a) -> (n < 2 or not a)",
    "n < 2 -> (n <= 2)",
    "2 -> 3",
    "3 -> 4",
    "1 -> 0",
    "True -> False",
    "-abs(a) / 2 -> (-(-abs(a) / 2))",
    "-abs(a) / 2 -> (-abs(a) * 2)",
    "-abs(a) -> abs(a)",
    "x.mean(axis=1, keepdims=True) -> x.sum(axis=1, keepdims=True)",
    "x.mean(axis=1, keepdims=True) -> x.mean(keepdims=True)",
    "x.mean(axis=1, keepdims=True) -> x.mean(axis=1)",
    "x.mean(axis=1, keepdims=True) @ x -> (x @ x.mean(axis=1, keepdims=True))",
}


@pytest.fixture
def project(tmp_path):
    """A module whose sign is tested, and whose limit is not."""
    files = {
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--import-mode=importlib']\n"
        "markers = ['slow', 'benchmark']\n",
        "stages/__init__.py": "",
        "stages/small.py": MODULE,
        "stages/above.py": "from stages.small import half\n",
        "tests/test_above.py": "from stages import above\n\n\ndef test_a():\n    assert above\n",
        "tests/test_small.py": "from stages.small import half\n\n\n"
        "def test_half():\n    assert half(-3.0) == -1.5\n",
        "tests/test_other.py": "def test_nothing():\n    assert True\n",
    }
    for path, text in files.items():
        (tmp_path / "project" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / path).write_text(text)
    return tmp_path / "project"


def test_each_mistake_is_one_change_of_what_computes():
    source = MODULE.encode()
    found = mutants("small.py", source)
    assert {f"{one.before} -> {one.after}" for one in found} == CHANGES
    for one in found:
        changed = one.applied(source)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source))
        assert changed[: one.start] == source[: one.start]
        assert changed.endswith(source[one.end :])


def test_the_mirror_comes_first_and_what_knows_nothing_never(project):
    assert holders(project, "stages/small.py") == ["tests/test_small.py", "tests/test_above.py"]


@pytest.mark.slow
def test_a_mistake_that_tests_find_is_killed_in_a_copy(project, tmp_path):
    bench = Bench(copied(project, tmp_path / "copy"), longest=60)
    by_change = {one.after: one for one in mutants("stages/small.py", MODULE.encode())}
    tests = holders(project, "stages/small.py")
    assert bench.verdict(by_change["(-(-abs(a) / 2))"], tests, 60) == "killed"
    assert bench.verdict(by_change["(n <= 2)"], tests, 60) == "survived"
    assert bench.verdict(by_change["(n <= 2)"], [], 60) == "no test"
    for folder in (project, bench.root):
        assert (folder / "stages/small.py").read_text() == MODULE


@pytest.mark.slow
def test_of_a_long_file_the_first_tests_are_tried(project, tmp_path):
    early = (project / "tests/test_small.py").read_text()
    late = "\n\ndef test_late():\n    raise ValueError\n"
    busy = "import time\n\n\ndef test_busy():\n    end = time.process_time() + 3\n"
    busy += "    while time.process_time() < end:\n        pass\n"
    (project / "tests/test_small.py").write_text(early + "\n\n" + busy + late)
    bench = Bench(copied(project, tmp_path / "copy"), longest=2)
    by_change = {one.after: one for one in mutants("stages/small.py", MODULE.encode())}
    tests = ["tests/test_small.py"]
    assert bench.verdict(by_change["(-(-abs(a) / 2))"], tests, 60) == "killed"
    assert bench.verdict(by_change["(n <= 2)"], tests, 60) == "survived"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(0, "survived"), (1, "killed"), (2, "killed"), (-11, "killed"), (3, "pytest failed"),
     (4, "pytest failed"), (None, "timed out")],
)  # fmt: skip
def test_only_tests_kill(project, monkeypatch, code, verdict):
    bench = Bench(project, longest=60, takes={"tests/test_small.py": 1.0})
    monkeypatch.setattr(trial, "run", lambda *_: (code, 1.0))
    mistake = mutants("stages/small.py", MODULE.encode())[0]
    assert bench.verdict(mistake, ["tests/test_small.py"], 60) == verdict


def test_every_folder_of_stages_is_tried_but_for_those_named():
    rooms = all_rooms(PROJECT)
    for room in ("core/stats", "core/params", "align/nulls", "trajectory/curves", "probe"):
        assert f"stages/{room}" in rooms
    for room in LEFT_OUT:
        assert (PROJECT / "stages" / room).is_dir()
        assert not any(one.startswith(f"stages/{room}") for one in rooms)


def test_of_a_named_module_every_mistake_is_tried(project):
    tried = list(every(project, ("stages/small.py",)))
    assert [mutant for _, mutant in tried] == mutants("stages/small.py", MODULE.encode())
    assert {room for room, _ in tried} == {"stages"}


def test_a_seed_draws_the_same_of_every_room():
    rooms = all_rooms(PROJECT)
    number = 2 * PER_MODULE * len(rooms)
    first, again = (list(drawn(PROJECT, rooms, seed, number)) for seed in (3, 3))
    assert first == again
    assert first != list(drawn(PROJECT, rooms, 4, number))
    assert {room for room, _ in first} == set(rooms)
    rows = table([(room, mutant, "killed") for room, mutant in first]).splitlines()
    assert rows[-1].split() == ["in", "all", str(number), *["0"] * (len(VERDICTS) - 1)]
