"""Writes what became of each architecture, docs/sweep.md: `python -m tests.sweep_page REPORT`."""

import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from textwrap import shorten
from xml.etree import ElementTree

import click
import pandas as pd

from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "sweep.md"
RECORD = PROJECT / "tests" / "extract" / "sweep.csv"
LIBRARIES = ("timm", "transformers", "torch")
COLUMNS = ["versions", "library", "family", "name", "study", "verdict", "line"]
STUDIES = ("scene", "story")
VERDICTS = ("ran", "refused", "failed", "not tried")
# How lines name the model that a test has made.
MODEL = re.compile(r" (?:in|of) (?:timm:\S+\+untrained|(?:file:)?/\S*/model)(?=[:. ]|$)")
FOLDER = re.compile(r"(?:file:)?/\S*?/model\b")
WIDTH = 180
TOP = """# What runs, and what is refused

Each module of timm (its smallest network) and each architecture of transformers that is shown
images or words, with random weights: what the scene study and, of words, the story study make of
it. One that runs gives layers that are finite, vary from one stimulus to another, and are the same
when a stimulus is shown by itself; what is refused ends in one line, here without the name of the
model. A network of transformers is made small (two blocks, 32 units) before; what has more than 40
million weights nevertheless, or cannot be made so, is not tried, and of timm not what would take
many minutes. Trained weights were not tried.
Of a model that broke, this does not tell whether its small configuration does not fit itself, or
whether it asks for more than images or words (a grid, boxes): its line is what the model raised.

Made by these (`tests/extract/sweep.csv` is what they found):

    pytest -m nightly tests/extract -o junit_family=xunit1 -o tmp_path_retention_policy=failed \\
        --junitxml=build/sweep.xml
    python -m tests.sweep_page build/sweep.xml
"""


def note(
    record_property: Callable[[str, object], None],
    library: str,
    family: str,
    name: str,
    **told: str | None,
) -> None:
    """Note in the report of a test what was tried, and the line of each study, "" if it ran."""
    record_property("versions", versions())
    about = {"library": library, "family": family, "name": name}
    for key, value in (about | told).items():
        record_property(key, value or "")


def versions() -> str:
    """What is installed, wherever it computes (`+cpu`)."""
    return ", ".join(f"{one} {version(one).partition('+')[0]}" for one in LIBRARIES)


def recorded(report: Path) -> pd.DataFrame:
    """What the tests of a report in the format of JUnit noted, a row for each study tried."""
    rows = [row for case in ElementTree.parse(report).iter("testcase") for row in _rows(case)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(case: ElementTree.Element) -> Iterator[dict[str, str]]:
    """One row for each study of a test; one in all where there is none to tell of."""
    noted = {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")}
    if "library" not in noted:
        return
    about = {key: noted[key] for key in COLUMNS[:4]}
    ends = {"failure": "failed", "error": "failed", "skipped": "not tried"}
    bad = next((one for one in case if one.tag in ends), None)
    if bad is not None:
        line = FOLDER.sub("the model", bad.attrib["message"].partition("\n")[0])
        yield about | {"study": "", "verdict": ends[bad.tag], "line": line}
        return
    for study in STUDIES:
        if study in noted:
            line = FOLDER.sub("the model", MODEL.sub("", noted[study]))
            yield about | {"study": study, "verdict": "refused" if line else "ran", "line": line}


def sweep_page(rows: pd.DataFrame) -> str:
    """Write the page, of the rows of `recorded`."""
    parts = [TOP, f"Versions: {'; '.join(rows['versions'].unique())}.\n", "## Counts\n"]
    parts += _counts(rows)
    for library, own in rows.groupby("library", sort=False):
        parts.append(f"\n## {library}\n")
        for study, some in own[own["verdict"].eq("ran")].groupby("study", sort=False):
            parts.append(f"Ran in the {study} study, {len(some)}: {_names(some)}.\n")
        parts += _lines(own)
    return "\n".join(parts) + "\n"


def _counts(rows: pd.DataFrame) -> Iterator[str]:
    """How many came to which end, and what the lines of those refused begin with."""
    yield "| library | study | " + " | ".join(VERDICTS) + " |"
    yield "|---|---|" + "---|" * len(VERDICTS)
    for (library, study), own in rows.groupby(["library", "study"], sort=False):
        counts = own["verdict"].value_counts()
        cells = " | ".join(str(counts.get(verdict, 0)) for verdict in VERDICTS)
        yield f"| {library} | {study or 'neither'} | {cells} |"
    yield "\n| refused or failed: the line begins with | times |\n|---|---|"
    bad = rows[rows["verdict"].isin(["refused", "failed"])]
    for kind, count in bad["line"].map(kind_of).value_counts().sort_index().items():
        yield f"| {_cell(kind)} | {count} |"


def kind_of(line: str) -> str:
    """What a line says is wrong, without where; of a model that broke, by which exception."""
    broke = re.match(r"model broke: got \w+", line)
    return broke[0] if broke else re.split(r" in |: |\. ", line)[0]


def _lines(rows: pd.DataFrame) -> Iterator[str]:
    """One row for each that was refused or failed; those not tried by why."""
    bad = rows[rows["verdict"].isin(["refused", "failed"])]
    if len(bad):
        yield "| refused or failed | study | line |\n|---|---|---|"
        for (name, line), own in bad.groupby(["name", "line"], sort=False):
            yield f"| {name} | {', '.join(own['study'])} | {_cell(shorten(line, WIDTH))} |"
    untried = rows[rows["verdict"].eq("not tried")]
    if len(untried):
        yield "\n| not tried | architectures |\n|---|---|"
        for why, own in untried.groupby("line"):
            yield f"| {_cell(why)} ({len(own)}) | {_names(own)} |"


def _names(rows: pd.DataFrame) -> str:
    """Names, those of timm with the module they stand for."""
    pairs = zip(rows["family"], rows["name"], strict=True)
    return ", ".join(f"{family} ({name})" if family else name for family, name in pairs)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


@click.command()
@click.argument("reports", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(reports: tuple[Path, ...]) -> None:
    """Write what tests of architectures reported, if anything, and the page of what is written."""
    if reports:
        rows = pd.concat(map(recorded, reports)).drop_duplicates(["library", "name", "study"])
        rows = pd.concat([rows, not_run(set(rows["name"]))])
        rows.sort_values(["library", "name", "study"]).to_csv(RECORD, index=False)
    PAGE.write_text(sweep_page(read_record()))


def not_run(names: set[str]) -> pd.DataFrame:
    """Rows of the networks of timm that reports do not tell of, since the sweep was broken off."""
    from tests.extract.test_timm_sweep import NAMES, module_of

    rows = [
        (
            versions(),
            "timm",
            module_of(name),
            name,
            "",
            "not tried",
            "the sweep was broken off before",
        )
        for name in NAMES
        if name not in names
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def read_record() -> pd.DataFrame:
    """The committed record of the last sweep."""
    return pd.read_csv(RECORD, keep_default_na=False, dtype=str)


if __name__ == "__main__":
    main()
