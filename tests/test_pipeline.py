"""dvc.yaml tells the truth: every stage declares what it imports and which parameters it reads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.core.params import Params
from tests.conftest import PROJECT

STAGES = YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"]
PACKAGES = sorted(
    path.parent.name for path in PROJECT.glob("stages/*/__main__.py") if path.parent.name != "core"
)
# How a stage runs, reports and reads, but never what it computes.
NEUTRAL = {"command", "errors", "files", "parallel", "params", "progress"}
HEAVY = {
    "simulate": {"torch", "transformers"},
    "prepare": {"nilearn", "sklearn"},
    "decode": {"nilearn", "sklearn"},
    "extract": {"torch", "transformers"},
    "plots": {"matplotlib", "vl_convert"},
}
WATCHED = {
    "torch",
    "transformers",
    "sentence_transformers",
    "timm",
    "nilearn",
    "matplotlib",
    "vl_convert",
    "sklearn",
}


def imported(path: Path) -> set[str]:
    """Modules of the project that a file imports, at any level."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith("stages.")}


def core_modules(package: str) -> set[str]:
    """Modules of core that a stage imports, directly or through core."""
    waiting = set().union(*(imported(path) for path in (PROJECT / "stages" / package).glob("*.py")))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found or not name.startswith("stages.core."):
            continue
        found.add(name)
        if name.rsplit(".", 1)[1] in NEUTRAL:
            continue
        waiting |= imported(PROJECT / (name.replace(".", "/") + ".py"))
    return {name.rsplit(".", 1)[1] for name in found}


def params_read(package: str) -> set[str]:
    """Sections of params.yaml that a stage's command reads."""
    source = ast.parse((PROJECT / "stages" / package / "__main__.py").read_text())
    read = {
        node.attr
        for node in ast.walk(source)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "params"
    }
    sections = {"model", "models"} if "model_spec" in read else set()
    return sections | {
        "story.dataset" if name == "story" else name for name in read - {"model_spec"}
    }


def test_every_stage_has_its_package_and_every_package_its_stage():
    assert sorted(STAGES) == PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_stage_declares_the_modules_it_imports(package):
    declared = {dep for dep in STAGES[package]["deps"] if dep.startswith("stages/")}
    needed = {f"stages/core/{name}.py" for name in core_modules(package) - NEUTRAL}
    assert declared == needed | {f"stages/{package}"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_stage_declares_the_parameters_it_reads(package):
    if package == "check":
        assert set(STAGES[package]["params"]) == set(Params.model_fields)
        return
    assert set(STAGES[package].get("params", [])) == params_read(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_stage_is_described(package):
    assert STAGES[package]["desc"].endswith(".")


@pytest.mark.parametrize("package", PACKAGES)
def test_help_answers_without_heavy_imports(package):
    program = (
        "import sys, runpy\n"
        f"sys.argv = ['{package}', '--help']\n"
        f"try: runpy.run_module('stages.{package}', run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert "Usage:" in answer.stdout
    assert not WATCHED & set(answer.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("package", PACKAGES)
def test_heavy_libraries_are_imported_only_where_they_are_needed(package):
    modules = " ".join(
        f"import stages.{package}.{path.stem}\n"
        for path in (PROJECT / "stages" / package).glob("*.py")
        if not path.stem.startswith("__")
    ).replace("\n ", "\n")
    program = f"import sys\n{modules}\nprint(*sorted({{n.split('.')[0] for n in sys.modules}}))"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert WATCHED & set(answer.stdout.split()) <= HEAVY.get(package, set())


@pytest.mark.parametrize("package", ["prepare", "extract", "probe", "encode"])
def test_wrong_parameters_end_with_code_2_and_say_why(package, tmp_path):
    wrong = (PROJECT / "params.yaml").read_text().replace("dataset: simulated", "dataset: simulatd")
    (tmp_path / "params.yaml").write_text(wrong)
    options = [
        word if word.startswith("--") else str(tmp_path / "absent")
        for word in STAGES[package]["cmd"].split()[3:]
    ]
    answer = subprocess.run(
        [
            *(sys.executable, "-m", f"stages.{package}"),
            *options,
            *("--params", str(tmp_path / "params.yaml")),
        ],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )
    assert answer.returncode == 2
    assert "did you mean 'simulated'?" in answer.stderr.splitlines()[-1]
