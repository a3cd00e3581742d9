"""dvc.yaml tells the truth: every stage declares what it imports and which parameters it reads."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conftest import PROJECT
from tests.house import FLOWS

# The two studies, the other lines of work, and what is beside them.
BESIDE = ("metrics/dvc.yaml", "data/derivatives/dvc.yaml", "report/dvc.yaml")
STAGES = {
    name: stage
    for path in (*FLOWS, *BESIDE)
    for name, stage in YAML(typ="safe").load(PROJECT / path)["stages"].items()
}
# The package `cluster` runs the stages, and is none.
PACKAGES = sorted({path.parent.name for path in PROJECT.glob("stages/*/__main__.py")} - {"cluster"})
COMMANDS = {name: stage["cmd"] for name, stage in STAGES.items()}
SCENE = {f"scene.{name}" for name in ("dataset", "subjects", "sessions", "atlas", "regions")}
MODEL = "${item.model}"
# How a stage runs and which parameters there are, but never what it computes.
NEUTRAL = {"run", "params"}
HEAVY = {
    "simulate": {"nilearn", "sklearn", "timm", "torch", "torchvision", "transformers"},
    "prepare": {"nilearn", "sklearn"},
    "decode": {"nilearn", "sklearn"},
    "extract": {"sklearn", "timm", "torch", "torchvision", "transformers"},
    "plots": {"matplotlib", "nilearn", "sklearn", "vl_convert"},
    "report": {"nilearn", "sklearn"},
    "predict": {"sklearn", "torch", "torchvision", "transformers"},
    "rescore": {"sklearn"},
    "survey": {"sklearn", "umap"},
    "train": {"sklearn", "timm", "torch", "torchvision", "transformers"},
    "trajectory": {"sklearn"},
}
WATCHED = {
    "torch",
    "transformers",
    "sentence_transformers",
    "timm",
    "torchvision",
    "umap",
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


def rooms_imported(folder: Path) -> set[str]:
    """Rooms of core that the modules below a folder import."""
    found = set().union(*(imported(path) for path in folder.rglob("*.py")))
    return {name.split(".")[2] for name in found if name.startswith("stages.core.")} - NEUTRAL


def rooms(package: str) -> set[str]:
    """Rooms of core that a stage imports, directly or through a room."""
    waiting, found = rooms_imported(PROJECT / "stages" / package), set()
    while waiting:
        room = waiting.pop()
        found.add(room)
        waiting |= rooms_imported(PROJECT / "stages" / "core" / room) - found
    return found


def packages_run(package: str) -> set[str]:
    """Packages of the stages that the modules of a package run, as `python -m` names them."""
    modules = (PROJECT / "stages" / package).rglob("*.py")
    return set().union(*(re.findall(r'"stages\.(\w+)"', path.read_text()) for path in modules))


def command(stage: str) -> tuple[str, str]:
    """Package of a stage, and the name of its command, or of the only one: `main`."""
    found = re.match(r"python -m stages\.(\w+)(?: (\w[\w-]*))?", COMMANDS[stage])
    assert found
    return found[1], (found[2] or "main").replace("-", "_")


def params_read(package: str, function: str) -> set[str]:
    """Sections of params.yaml that a command reads."""
    source = ast.parse((PROJECT / "stages" / package / "__main__.py").read_text())
    body = next(n for n in source.body if isinstance(n, ast.FunctionDef) and n.name == function)
    text = ast.unparse(body)
    read = set(re.findall(r"(?<![.\w])(?:params|read_params\(params_file\))\.(\w+)", text))
    read -= {"scene", "story", "language", "train", "yaml"}
    two = r"(scene|story|language|train|trajectory)\.(\w+)"
    inside = rf"(?<![.\w])(?:params|read_params\(params_file\))\.{two}"
    inner = {f"{study}.{name}" for study, name in re.findall(inside, text)}
    whole = re.search(r"params\.trajectory\b(?!\.)", text)
    read |= {name for name in inner if not (whole and name.startswith("trajectory."))}
    read -= set() if whole else {"trajectory"}
    read |= SCENE if re.search(r"\bparams\.scene\b(?!\.)", text) else set()
    if "family" in read:
        read = read - {"family"} | {"families.${item.family}"}
    if "zoo_spec" in read:
        read |= {"zoo", "models"}
    if "story_specs" in read:
        read |= {"model", "models", "story.zoo"}
    if "language_specs" in read:
        read |= {"models", "language.zoo"}
    return read - {"zoo_spec", "story_specs", "language_specs"}


def test_every_package_is_the_package_of_a_stage():
    assert sorted({command(stage)[0] for stage in STAGES}) == PACKAGES


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_the_rooms_it_imports(stage):
    package, _ = command(stage)
    declared = {dep for dep in STAGES[stage]["deps"] if dep.startswith("stages/")}
    own = {package} | packages_run(package)
    needed = {f"stages/core/{name}" for one in own for name in rooms(one)}
    assert declared == needed | {f"stages/{one}" for one in own}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_the_parameters_it_reads(stage):
    given = STAGES[stage].get("params", [])
    if stage == "check":
        # All of it by its values, since `dvc exp run -S` lays the file out anew.
        assert given == [{"params.yaml": None}]
        return
    read = params_read(*command(stage))
    if {"zoo", "models"} <= read and STAGES[stage].get("matrix") == {"model": "${zoo}"}:
        read = read - {"zoo", "models"}
    if stage == "lengthen_language":
        # It runs these, of one model.
        run = {*STAGES["extract_language"]["params"], *STAGES["encode_language"]["params"]}
        read = {"contexts", "models"} | run
    if stage == "extract_language":
        read = read - {"models"}
    assert set(given) == read


@pytest.mark.parametrize("stage", ["extract_scene", "extract_language"])
def test_a_model_of_a_zoo_reruns_alone(stage):
    assert f"data/results/named/{MODEL}" in STAGES[stage]["deps"]
    assert "data/results/named" in STAGES["check"]["outs"]
    assert COMMANDS["check"].endswith("--models data/results/named")


@pytest.mark.parametrize("stage", [name for name in STAGES if "dvc.lock" in COMMANDS[name]])
def test_a_stage_that_reads_locks_runs_when_any_of_them_changed(stage):
    locks = set(re.findall(r"--lock (\S+)", COMMANDS[stage]))
    assert locks == {path.replace("dvc.yaml", "dvc.lock") for path in FLOWS}
    assert STAGES[stage].get("always_changed") or locks <= set(STAGES[stage]["deps"])


def test_dvc_yaml_can_be_read_in_one_go():
    assert len((PROJECT / "dvc.yaml").read_text().splitlines()) <= 380


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_described(stage):
    assert STAGES[stage]["desc"].endswith(".")


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


# A process for each package, forked off one that has imported what none of them has to avoid.
IMPORTED = """
import os, sys
from importlib import import_module
import numpy, pandas, pyarrow.parquet, pydantic
assert not set(sys.argv[1].split()) & set(sys.modules)
for line in sys.stdin:
    package, *modules = line.split()
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0, package
        continue
    for module in modules:
        import_module(module)
    print(package, *sorted({name.split(".")[0] for name in sys.modules}), flush=True)
    os._exit(0)
"""


@pytest.fixture(scope="module")
def libraries():
    """Libraries by package: those that all of its modules import."""
    lines = []
    for package in PACKAGES:
        paths = sorted((PROJECT / "stages" / package).rglob("*.py"))
        paths = [path.relative_to(PROJECT).with_suffix("") for path in paths]
        names = [".".join(path.parts) for path in paths if not path.name.startswith("__")]
        lines.append(" ".join([package, *names]))
    answer = subprocess.run(
        [sys.executable, "-c", IMPORTED, " ".join(WATCHED)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=True,
    )
    found = (line.split() for line in answer.stdout.splitlines())
    return {package: set(names) for package, *names in found}


@pytest.mark.parametrize("package", PACKAGES)
def test_heavy_libraries_are_imported_only_where_they_are_needed(libraries, package):
    assert "numpy" in libraries[package]
    assert WATCHED & libraries[package] <= HEAVY.get(package, set())


@pytest.mark.parametrize(
    "stage", ["prepare_story", "extract_story", "probe", "encode", "extract_scene"]
)
def test_wrong_parameters_end_with_code_2_and_say_why(stage, tmp_path):
    wrong = (PROJECT / "params.yaml").read_text().replace("dataset: simulated", "dataset: simulatd")
    (tmp_path / "params.yaml").write_text(wrong)
    words = COMMANDS[stage].split()[3:]
    options = [
        word if word.startswith("--") or place == 0 < len(words) % 2 else str(tmp_path / "absent")
        for place, word in enumerate(words)
    ]
    answer = subprocess.run(
        [
            *(sys.executable, "-m", f"stages.{command(stage)[0]}"),
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
