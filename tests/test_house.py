"""The measures of the house, and its rule: a module's name says which module it is."""

import re
from pathlib import PurePosixPath

import pytest
from click.testing import CliRunner

from tests.conftest import PROJECT
from tests.house import FLOWS, main, mean_reruns, measure, shared_names

# Folders of one study or dataset, and the names of modules that each of them may have.
STUDIES = {
    f"stages/{stage}/{study}" for stage in ("plots", "simulate") for study in ("story", "scene")
}
STUDIES |= {f"stages/prepare/{dataset}" for dataset in ("wehbe", "nsd", "alice")}
OF_A_STUDY = {"study", "release", "gallery", "tables", "load"}
# Names of a study that one module elsewhere may have as well.
ONCE_ELSEWHERE = {"tables", "load"}
ANYWHERE = {"summary"}

DVC = """
stages:
  first:
    cmd: first
    deps: [data/raw, stages/core/low]
  second:
    matrix:
      model: ${zoo}
      kind: ["${model}", "${model}-untrained"]
    cmd: second
    deps:
      - data/${item.model}
      - stages/core/high/b.py

plots:
  - one.png
"""
FILES = {
    "dvc.yaml": DVC,
    "params.yaml": "model: small\nzoo: [one, two, three]\n",
    "pyproject.toml": """
[[tool.importlinter.contracts]]
type = "layers"
layers = ["high | side", "low"]
containers = ["stages.core"]
""",
    "stages/core/__init__.py": "",
    "stages/core/low/__init__.py": "",
    "stages/core/low/a.py": "from stages.core.high.b import B\n",
    "stages/core/low/c.py": "def f():\n    from ..low import a\n",
    "stages/core/high/b.py": "import stages.core.low.a\nfrom stages.core import side\n",
    "stages/core/side/d.py": "from ..low.a import B\n",
    "stages/probe/a.py": "",
    "tests/test_a.py": "a = 1\nb = 2\n",
}


@pytest.fixture
def small(tmp_path):
    """A small house."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_a_small_house_is_measured(small):
    house = measure(small)
    assert house.lines == {
        "dvc.yaml": {"in all": 16, "stages": 13, "plots": 2},
        **{name: {} for name in (*FLOWS[1:], "plots/dvc.yaml")},
    }
    assert house.core_deps == ["stages/core/low", "stages/core/high/b.py"]
    assert house.runs == 7
    assert mean_reruns(house) == ((1 * 1 + 1 * 2 + 6 * 2 + 0 * 1) / 6, 6)
    assert house.shared == {"a": ["stages/core/low/a.py", "stages/probe/a.py"]}
    assert house.rooms == ["high", "low", "side"]
    assert house.arrows == {
        ("low", "high"): 1,
        ("high", "low"): 1,
        ("high", "side"): 1,
        ("side", "low"): 1,
    }
    assert sorted(house.upward) == [("high", "side"), ("low", "high")]
    assert house.sizes["tests"] == (1, 2)


def test_a_house_may_be_flat_and_without_an_order(small):
    (small / "pyproject.toml").write_text("")
    assert measure(small).upward is None
    for room in ("low", "high", "side"):
        for path in (small / "stages/core" / room).glob("*.py"):
            path.rename(small / "stages/core" / path.name)
    answer = CliRunner().invoke(main, [str(small)], catch_exceptions=False)
    assert "rooms of core: none, core is flat" in answer.output.splitlines()


def test_this_house_is_measured():
    house = measure(PROJECT)
    assert set(house.lines["dvc.yaml"]) >= {"in all", "stages"}
    assert set(house.core_deps)
    assert house.runs > 20
    mean, n_lines = mean_reruns(house)
    assert 0 < mean < house.runs
    assert n_lines > 3000
    assert all(n > 100 for n, _ in house.sizes.values())
    assert not house.upward
    answer = CliRunner().invoke(main, [str(PROJECT)], catch_exceptions=False)
    assert re.search(r"^an edited line of core reruns: \d+\.\d\d of", answer.output, re.MULTILINE)


def _of_a_study(path):
    return any(str(folder) in STUDIES for folder in PurePosixPath(path).parents)


def test_no_two_modules_share_a_name():
    wrong = {}
    for name, paths in shared_names(PROJECT).items():
        elsewhere = [path for path in paths if name not in OF_A_STUDY or not _of_a_study(path)]
        allowed = len(paths) if name in ANYWHERE else 1 if name in ONCE_ELSEWHERE else 0
        if len(elsewhere) > allowed:
            wrong[name] = paths
    assert not wrong
