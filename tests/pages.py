"""Reads the project's pages of Markdown: their links, anchors and blocks of commands."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import PROJECT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """All pages that people read, the README first."""
    folders = (PROJECT.glob("*.md"), PROJECT.glob("docs/**/*.md"), PROJECT.glob("data/raw/*/*.md"))
    others = [path for folder in folders for path in sorted(folder) if path.name != "README.md"]
    data = sorted(PROJECT.glob("data/raw/*/README.md"))
    return [PROJECT / "README.md", *others, *data]


def indented(text: str) -> list[list[str]]:
    """Blocks of lines that are indented by four spaces."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("    "):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def fenced(text: str, language: str) -> list[str]:
    """Blocks between fences of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


def links(text: str) -> list[str]:
    """Targets of links and pictures that lead to no other site."""
    found = LINK.findall(FENCE.sub("", text).replace("\n", " "))
    return [target for target in found if not re.match(r"\w+:", target)]


def broken(page: Path) -> Iterator[str]:
    """Links of a page that lead nowhere."""
    for target in links(page.read_text()):
        name, _, anchor = target.partition("#")
        there = page.parent / name if name else page
        if not there.exists() or (anchor and anchor not in anchors(there.read_text())):
            yield target
