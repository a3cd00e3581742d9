"""The first sheet of an .xlsx file as a table of texts, read as untrusted data."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from stages.core.run.errors import InputError
from stages.core.run.files import require_file

SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MOST = 64 * 2**20  # bytes of a part, once unpacked
_LETTERS = re.compile("[A-Z]+")


def read_sheet(path: Path, do: str) -> pd.DataFrame:
    """Read the cells below the header; `do` helps if that fails.

    Returns
    -------
    DataFrame of str
        Columns by the header's texts without blanks around them, in their order; a cell without
        content is empty. Rows without content are left out.

    Raises
    ------
    InputError
        If the file is missing or damaged, or a cell holds something else than texts and numbers.
    """
    require_file(path, do)
    try:
        with zipfile.ZipFile(path) as archive:
            texts = [_whole_text(item) for item in _part(archive, TEXTS).iter(f"{SPACE}si")]
            sheet = _part(archive, SHEET)
            rows = [dict(_cells(row, texts)) for row in sheet.iter(f"{SPACE}row")]
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, ElementTree.ParseError) as error:
        raise InputError("unreadable .xlsx file", where=path, got=repr(error), do=do) from error
    if not rows:
        raise InputError("sheet without rows", where=path, do=do)
    named = {letters: name.strip() for letters, name in rows[0].items() if name.strip()}
    if len(set(named.values())) < len(named):
        raise InputError("column named twice", where=path, got=sorted(named.values()))
    table = pd.DataFrame(rows[1:], columns=list(named), dtype=str).fillna("")
    return table[(table != "").any(axis=1)].rename(columns=named).reset_index(drop=True)


def _part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """Parse one part; neither long ones nor those that define entities, which may expand."""
    if archive.getinfo(name).file_size > MOST:
        raise ValueError(f"{name} is longer than {MOST} bytes")
    content = archive.read(name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError(f"{name} defines entities")
    return ElementTree.fromstring(content)  # noqa: S314 (no entities, bounded)


def _whole_text(item: ElementTree.Element) -> str:
    """Join the runs of a text, without its phonetic hints."""
    runs = [item.find(f"{SPACE}t"), *item.findall(f"{SPACE}r/{SPACE}t")]
    return "".join(run.text or "" for run in runs if run is not None)


def _cells(row: ElementTree.Element, texts: list[str]) -> Iterator[tuple[str, str]]:
    """Letters of the column and content of each cell that has some.

    Raises
    ------
    ValueError
        If a cell is of another type, or has no place.
    """
    for cell in row.iter(f"{SPACE}c"):
        value = cell.find(f"{SPACE}v")
        place = _LETTERS.match(cell.get("r", ""))
        kind = cell.get("t", "n")
        if value is None or value.text is None:
            continue
        if place is None or kind not in ("n", "s"):
            raise ValueError(f"cell {cell.get('r')} of type {kind}")
        yield place[0], texts[int(value.text)] if kind == "s" else value.text
