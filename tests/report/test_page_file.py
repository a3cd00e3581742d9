import base64
import hashlib
import re

import pytest

from stages.plots.kit.palette import MODALITIES
from stages.report.page_file import SCRIPTS, STYLE, json_in_html, make_page
from tests.conftest import PROJECT
from tests.report.made_results import ATTACK
from tests.report.unpacked import content_of

ASSETS = PROJECT / "stages" / "report" / "page"


@pytest.fixture(scope="module")
def page():
    return make_page({"regions": [ATTACK, "<!--<script>", "ä & \u2028"], "tables": {}})


def test_names_come_back_and_end_nothing(page):
    assert content_of(page)["regions"] == [ATTACK, "<!--<script>", "ä & \u2028"]
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert len(re.findall(r"<script\b", page)) == len(re.findall("</script>", page))
    assert len(re.findall(r"<script\b", page)) == len(SCRIPTS) + 1
    assert "<" not in json_in_html({ATTACK: [ATTACK]})


def test_numbers_that_json_lacks_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_in_html({"score": float("nan")})


def test_the_policy_allows_the_scripts_of_the_page_and_nothing_else(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert len(digests) == len(SCRIPTS)
    allowed = re.search(r"script-src ([^;]*);", policy)[1]
    assert allowed.split() == [f"'sha256-{one}'" for one in digests]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_page_asks_nobody_for_anything(page):
    addresses = set(re.findall(r"https?://[^\"'`\s]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not an address
    assert not re.search(
        r"\bsrc=|url\((?!#)|@import|\bimport\s*\(|<link(?! rel=\"icon\" href=\"data:)", page
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_set_text_and_fetch_nothing(name):
    text = (ASSETS / name).read_text()
    assert text.startswith('"use strict";\n// ')
    for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch("):
        assert word not in text
    assert "XMLHttpRequest" not in text
    assert "</script" not in text.lower()


def test_every_file_is_in_the_page():
    assert sorted(path.name for path in ASSETS.iterdir()) == sorted([*SCRIPTS, STYLE])


def test_kinds_of_model_have_the_colours_of_the_pictures_and_are_told_without_them():
    text = (ASSETS / "models_view.js").read_text()
    for kind in ("vision", "language", "untrained"):
        assert f'{kind}: ["{MODALITIES[kind]}", ' in text
    kinds = re.search(r"const KINDS = (.*);", text)[1]
    marks = re.findall(r'\w+: \["[^"]*", "(\w+)"\]', kinds)
    assert len(marks) == len(set(marks)) == 5


def test_the_page_is_the_same_every_time(page):
    assert make_page({"regions": [ATTACK, "<!--<script>", "ä & \u2028"], "tables": {}}) == page
