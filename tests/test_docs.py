"""What the pages name exists: links, anchors, pictures, stages, columns."""

import importlib
import re
import subprocess

import pytest
from ruamel.yaml import YAML

from tests.columns_page import PAGE, columns_page, known_tables
from tests.conftest import PROJECT
from tests.pages import anchors, broken, links, pages

PAGES = pages()
REPRO = re.compile(r"dvc repro(?: -[\w-]+)* ([\w./]+)(?::(\w+))?")
RUN = re.compile(r"python -m (stages\.\w+)(?: ([a-z]+))?\b")
MODULE = re.compile(r"`((?:stages|tests)/[\w/]+(?:\.py)?)`")


def relative(path):
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_leads_somewhere(page):
    assert list(broken(page)) == []


def test_links_and_anchors_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "other.md").write_text("# One `two`: (three)\n```\n# no heading\n```\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md) [b](other.md#one-two-three) [c](#d) [e](gone.md) [f\ng](other.md#no-heading)"
        " ![h](gone.png) [i](https://example.org/x)\n## D\n"
    )
    assert list(broken(page)) == ["gone.md", "other.md#no-heading", "gone.png"]
    assert anchors(page.read_text()) == {"d"}


def test_every_page_and_picture_is_shown():
    named = {(page.parent / name).resolve() for page in PAGES for name in targets(page)}
    kept = [path for path in (PROJECT / "docs").rglob("*") if path.is_file()]
    assert [relative(path) for path in kept if path.resolve() not in named] == []


def targets(page):
    return [target.partition("#")[0] for target in links(page.read_text())]


def test_the_readme_is_read_to_its_end():
    assert len((PROJECT / "README.md").read_text().splitlines()) <= 220


@pytest.mark.parametrize("said", ["No file hash info found", 'says "use +"', "--temp` and `--q"])
def test_the_readme_explains_what_dvc_says(said):
    """Lines that are DVC's own, and would be taken for a fault."""
    assert said in (PROJECT / "README.md").read_text()


@pytest.mark.parametrize("name", ["wehbe/subject_1.mat", "mine/sub-01/bold.nii.gz"])
def test_raw_data_are_in_no_tree_of_git(name):
    """In an experiment's they would be kept, and pushed with it."""
    done = subprocess.run(["git", "check-ignore", f"data/raw/{name}"], cwd=PROJECT, check=False)
    assert done.returncode == 0


def test_the_dictionary_of_columns_is_that_of_the_code():
    assert PAGE.read_text() == columns_page(), "run `python -m tests.columns_page`"


@pytest.mark.parametrize("file", sorted(map(relative, PROJECT.glob("**/dvc.yaml"))))
def test_every_table_that_a_stage_writes_is_in_the_dictionary(file):
    written = [
        re.sub(
            r"\$\{item\.(\w+)\}", r"<\1>", str(next(iter(out)) if isinstance(out, dict) else out)
        )
        for stage in stages_of(file).values()
        for out in stage.get("outs", ())
    ]
    studies, paths = ("story", "scene", "encode_scene"), [row[0] for row in known_tables().values()]
    known = [path.replace("<study>", study) for path in paths for study in studies]
    tables = [path for path in written if path.endswith(".parquet") and "/results/" in path]
    assert {path.partition("/results/")[2] for path in tables} <= set(known)


def stages_of(file):
    return YAML(typ="safe").load(PROJECT / file).get("stages", {})


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_stage_named_exists(page):
    for target, stage in REPRO.findall(page.read_text()):
        if target.endswith("dvc.yaml"):
            assert not stage or stage in stages_of(target), stage
        elif "/" not in target:
            assert target.partition("@")[0] in stages_of("dvc.yaml"), target


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_command_named_exists(page):
    for package, name in RUN.findall(page.read_text()):
        main = importlib.import_module(f"{package}.__main__").main
        if hasattr(main, "commands") and name:
            assert name in main.commands, (package, name)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_module_named_is_where_it_is_said_to_be(page):
    named = MODULE.findall(page.read_text())
    assert [path for path in named if not (PROJECT / path).exists()] == []
