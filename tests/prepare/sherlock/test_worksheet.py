import zipfile

import pytest

from stages.core.run.errors import InputError
from stages.prepare.sherlock.worksheet import SHEET, SPACE, TEXTS, read_sheet
from tests.prepare.sherlock.film_release import write_sheet

ROWS = [[1, "a & b", None], [None, None, None], [2.5, None, " c "]]


@pytest.fixture
def path(tmp_path):
    return write_sheet(tmp_path / "sheet.xlsx", ["Number ", "Text", "More", None], ROWS)


def rewrite(path, part, content):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (parts | {part: content(parts[part])}).items():
            archive.writestr(name, text)


def test_texts_numbers_and_gaps(path):
    table = read_sheet(path, "")
    assert list(table.columns) == ["Number", "Text", "More"]
    assert table.to_numpy().tolist() == [["1", "a & b", ""], ["2.5", "", " c "]]


def test_texts_in_runs_are_joined_and_phonetic_hints_left_out(path):
    item = "<si><r><t>half</t></r><r><t> half</t></r><rPh><t>hint</t></rPh></si>"
    rewrite(
        path,
        TEXTS,
        lambda text: text.replace('<si><t xml:space="preserve">a &amp; b</t></si>', item),
    )
    assert read_sheet(path, "")["Text"][0] == "half half"


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        (SHEET, lambda text: text[:-20], "ParseError"),
        (SHEET, lambda text: text.replace('t="s"', 't="e"', 1), "cell A1 of type e"),
        (SHEET, lambda text: text.replace("<v>0</v>", "<v>99</v>", 1), "IndexError"),
        (SHEET, lambda _: f'<worksheet xmlns="{SPACE[1:-1]}"/>', "sheet without rows"),
        (TEXTS, lambda text: f"<!DOCTYPE x [<!ENTITY y 'z'>]>{text}", "defines entities"),
        (TEXTS, lambda text: text + " " * (64 * 2**20), "longer than"),
        (TEXTS, lambda text: text.replace("Number ", " Text"), "column named twice"),
    ],
)
def test_broken_sheets_are_refused(path, part, content, message):
    rewrite(path, part, content)
    with pytest.raises(InputError, match=message):
        read_sheet(path, "")


def test_no_archive_and_no_sheet(tmp_path):
    (tmp_path / "text.xlsx").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"unreadable \.xlsx file .*BadZipFile.*Get it"):
        read_sheet(tmp_path / "text.xlsx", "Get it.")
    with zipfile.ZipFile(tmp_path / "empty.xlsx", "w") as archive:
        archive.writestr("mimetype", "x")
    with pytest.raises(InputError, match=r"unreadable \.xlsx file .*sharedStrings"):
        read_sheet(tmp_path / "empty.xlsx", "")
    with pytest.raises(InputError, match="Get it"):
        read_sheet(tmp_path / "absent.xlsx", "Get it.")
