import re

import pandas as pd
import pytest

from tests.extract.test_timm_sweep import NAMES
from tests.extract.test_transformers_sweep import ALL
from tests.sweep_page import (
    PAGE,
    VERDICTS,
    kind_of,
    note,
    read_record,
    recorded,
    sweep_page,
    versions,
)

REPORT = """<testsuites><testsuite>
<testcase name="one"><properties><property name="versions" value="torch 2"/>
<property name="library" value="transformers"/><property name="family" value=""/>
<property name="name" value="bert"/><property name="scene" value=""/>
<property name="story" value="wrong shape in layer_01 of file:/somewhere/model: got (1, 2)"/>
</properties></testcase>
<testcase name="two"><properties><property name="versions" value="torch 2"/>
<property name="library" value="timm"/><property name="family" value="vgg"/>
<property name="name" value="vgg11"/></properties>
<failure message="KeyError: 'x'&#10;more"/></testcase>
<testcase name="three"><properties><property name="versions" value="torch 2"/>
<property name="library" value="transformers"/><property name="family" value=""/>
<property name="name" value="whisper"/></properties><skipped message="shown sounds"/></testcase>
<testcase name="another"/></testsuite></testsuites>"""


@pytest.fixture
def rows(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    return recorded(tmp_path / "report.xml")


def test_a_report_is_read_study_by_study(rows):
    assert rows[["name", "study", "verdict", "line"]].to_numpy().tolist() == [
        ["bert", "scene", "ran", ""],
        ["bert", "story", "refused", "wrong shape in layer_01: got (1, 2)"],
        ["vgg11", "", "failed", "KeyError: 'x'"],
        ["whisper", "", "not tried", "shown sounds"],
    ]


def test_a_page_counts_and_names_all_of_them(rows):
    page = sweep_page(rows)
    for line in (
        "| transformers | scene | 1 | 0 | 0 | 0 |",
        "| transformers | story | 0 | 1 | 0 | 0 |",
        "| timm | neither | 0 | 0 | 1 | 0 |",
        "| transformers | neither | 0 | 0 | 0 | 1 |",
        "| wrong shape | 1 |",
        "| bert | story | wrong shape in layer\\_01: got (1, 2) |",
        "| shown sounds (1) | whisper |",
    ):
        assert line in page.splitlines()


def test_what_is_noted_is_what_is_read():
    noted = {}
    note(noted.__setitem__, "timm", "vgg", "vgg11", scene=None)
    assert list(noted) == ["versions", "library", "family", "name", "scene"]
    assert noted["scene"] == ""
    assert kind_of("model broke: got KeyError: 'x'") == "model broke: got KeyError"


def test_the_page_is_that_of_the_record():
    rows = read_record()
    assert PAGE.read_text() == sweep_page(rows), "run `python -m tests.sweep_page`"
    assert set(rows["versions"]) == {versions()}
    assert set(rows["verdict"]) <= set(VERDICTS)
    assert sorted(set(rows.loc[rows["library"].eq("timm"), "name"])) == sorted(NAMES)
    assert sorted(set(rows.loc[rows["library"].eq("transformers"), "name"])) == ALL
    assert not rows["line"].str.contains(r"/tmp|/work|/root").any()


def test_the_counts_of_the_page_are_those_of_the_record():
    """Counted again, by pandas, from the file."""
    table = pd.crosstab([(rows := read_record())["library"], rows["study"]], rows["verdict"])
    told = re.findall(r"^\| (\w+) \| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$",
                      PAGE.read_text(), re.MULTILINE)  # fmt: skip
    for library, study, *counts in told:
        own = table.loc[(library, "" if study == "neither" else study)]
        assert [int(one) for one in counts] == own.reindex(VERDICTS, fill_value=0).to_list()
    assert len(told) == len(table)
