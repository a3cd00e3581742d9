"""Tables of text whose columns, rows, separators or ways of writing are others than they were."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Form, Rng, forms
from tests.chaos.trial import UnfitError

Rows = list[list[str]]
NUMBER = re.compile(r"\s*-?\d+(\.\d*)?([eE][-+]?\d+)?\s*")
MISSING = ("n/a", "")


def _rows(path: Path) -> Rows:
    """Read all cells; the first row names columns."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".tsv":
        return [line.split("\t") for line in text.splitlines()]
    return list(csv.reader(io.StringIO(text)))


def _text(path: Path, rows: Rows) -> str:
    if path.suffix == ".tsv":
        return "".join("\t".join(row) + "\n" for row in rows)
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def _edit(path: Path, change: Callable[[Rows], Rows]) -> None:
    rows = _rows(path)
    if len(rows) < 2:
        raise UnfitError
    path.write_text(_text(path, change(rows)), encoding="utf-8", newline="")


def _columns(rows: Rows, *, numeric: bool) -> list[int]:
    """Positions of columns that hold numbers alone, or no number."""
    found = []
    for at in range(len(rows[0])):
        cells = [row[at] for row in rows[1:] if row[at] not in MISSING]
        are = [NUMBER.fullmatch(cell) is not None for cell in cells]
        if cells and (all(are) if numeric else not any(are)):
            found.append(at)
    return found


def _drawn(rng: Rng, choices: list[int]) -> int:
    if not choices:
        raise UnfitError
    return choices[rng.integers(len(choices))]


def _cells(path: Path, rng: Rng, change: Callable[[str], str], *, numeric: bool) -> None:
    """Change all cells of a column of numbers, or of texts."""

    def changed(rows: Rows) -> Rows:
        at = _drawn(rng, _columns(rows, numeric=numeric))
        return [
            rows[0],
            *([*row[:at], change(row[at]), *row[at + 1 :]] for row in rows[1:]),
        ]

    _edit(path, changed)


def _cell(path: Path, rng: Rng, change: Callable[[str], str], *, numeric: bool) -> None:
    """Change one cell that holds something."""

    def changed(rows: Rows) -> Rows:
        at = _drawn(rng, _columns(rows, numeric=numeric))
        which = [k for k, row in enumerate(rows) if k and row[at] not in MISSING]
        row = rows[_drawn(rng, which)]
        row[at] = change(row[at])
        return rows

    _edit(path, changed)


def columns_turned(path: Path, rng: Rng) -> None:
    """Write columns in another order, names and cells alike."""
    _edit(path, lambda rows: [row[::-1] for row in rows])


def column_more(path: Path, rng: Rng) -> None:
    """Add a column that nobody asked for."""
    _edit(path, lambda rows: [[*row, str(k * k % 7) if k else "odd"] for k, row in enumerate(rows)])


def index_column(path: Path, rng: Rng) -> None:
    """Number rows in a column without a name, as pandas does."""
    _edit(path, lambda rows: [["" if k == 0 else str(k - 1), *row] for k, row in enumerate(rows)])


def _with_names_traded(rows: Rows, a: int, b: int) -> Rows:
    names = rows[0]
    names[a], names[b] = names[b], names[a]
    return rows


def names_swapped(path: Path, rng: Rng) -> None:
    """Call a column of texts what one of numbers is called, and the other way round."""

    def changed(rows: Rows) -> Rows:
        a, b = (_drawn(rng, _columns(rows, numeric=kind)) for kind in (True, False))
        return _with_names_traded(rows, a, b)

    _edit(path, changed)


def number_names_swapped(path: Path, rng: Rng) -> None:
    """Let two columns of numbers trade names."""

    def changed(rows: Rows) -> Rows:
        found = _columns(rows, numeric=True)
        if len(found) < 2:
            raise UnfitError
        a, b = rng.choice(found, 2, replace=False)
        return _with_names_traded(rows, a, b)

    _edit(path, changed)


def name_of_another_case(path: Path, rng: Rng) -> None:
    """Write the name of a column in other letters."""

    def changed(rows: Rows) -> Rows:
        at = int(rng.integers(len(rows[0])))
        rows[0][at] = rows[0][at].swapcase()
        return rows

    _edit(path, changed)


def name_with_blank(path: Path, rng: Rng) -> None:
    """Write a blank behind the name of a column."""

    def changed(rows: Rows) -> Rows:
        at = int(rng.integers(len(rows[0])))
        rows[0][at] += " "
        return rows

    _edit(path, changed)


def without_names(path: Path, rng: Rng) -> None:
    """Leave out the row of names."""
    _edit(path, lambda rows: rows[1:])


def names_again(path: Path, rng: Rng) -> None:
    """Repeat the names among the rows, as where files were joined."""
    _edit(path, lambda rows: [*rows[:2], rows[0], *rows[2:]])


def transposed(path: Path, rng: Rng) -> None:
    """Write rows as columns."""
    _edit(path, lambda rows: [list(column) for column in zip(*rows, strict=True)])


def rows_turned(path: Path, rng: Rng) -> None:
    """Write the last row first."""
    _edit(path, lambda rows: [rows[0], *rows[:0:-1]])


def rows_twice(path: Path, rng: Rng) -> None:
    """Write all rows twice, as where a file was joined with itself."""
    _edit(path, lambda rows: [*rows, *rows[1:]])


def row_twice(path: Path, rng: Rng) -> None:
    """Write a row twice."""

    def changed(rows: Rows) -> Rows:
        at = int(rng.integers(1, len(rows)))
        return [*rows[: at + 1], rows[at], *rows[at + 1 :]]

    _edit(path, changed)


def without_rows(path: Path, rng: Rng) -> None:
    """Keep names alone."""
    _edit(path, lambda rows: rows[:1])


def with_mark(path: Path, rng: Rng) -> None:
    """Put the mark of UTF-8 before it."""
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().removeprefix(b"\xef\xbb\xbf"))


def ends_of_windows(path: Path, rng: Rng) -> None:
    """End lines as Windows does."""
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def _separated(path: Path, separator: str) -> None:
    rows = _rows(path)
    if len(rows[0]) < 2:
        raise UnfitError
    path.write_text("".join(separator.join(row) + "\n" for row in rows), encoding="utf-8")


def semicolons(path: Path, rng: Rng) -> None:
    """Separate cells by semicolons, as office programs of many countries do."""
    _separated(path, ";")


def other_separator(path: Path, rng: Rng) -> None:
    """Separate cells by tabs where commas are expected, and the other way round."""
    _separated(path, "," if path.suffix == ".tsv" else "\t")


def blanks(path: Path, rng: Rng) -> None:
    """Separate cells by blanks."""
    _separated(path, "   ")


def quoted(path: Path, rng: Rng) -> None:
    """Put every cell into quotation marks."""
    mark = "\t" if path.suffix == ".tsv" else ","
    lines = (
        mark.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in _rows(path)
    )
    path.write_text("".join(lines), encoding="utf-8")


def comment_first(path: Path, rng: Rng) -> None:
    """Put a remark before the names."""
    path.write_text("# exported from the laboratory\n" + path.read_text(encoding="utf-8-sig"))


def decimal_commas(path: Path, rng: Rng) -> None:
    """Write the numbers of a column with commas."""
    rows = _rows(path)
    if not any("." in row[at] for at in _columns(rows, numeric=True) for row in rows[1:]):
        raise UnfitError

    def changed(rows: Rows) -> Rows:
        with_points = [
            at for at in _columns(rows, numeric=True) if any("." in row[at] for row in rows[1:])
        ]
        at = _drawn(rng, with_points)
        for row in rows[1:]:
            row[at] = row[at].replace(".", ",")
        return rows

    _edit(path, changed)


def line_in_cell(path: Path, rng: Rng) -> None:
    """Break a line within a quoted cell."""
    mark = '"' if path.suffix == ".tsv" else ""
    _cell(path, rng, lambda cell: f"{mark}{cell}\n{cell}{mark}", numeric=False)


def padded(path: Path, rng: Rng) -> None:
    """Put blanks around numbers."""
    _cells(path, rng, lambda cell: f" {cell} ", numeric=True)


def exponents(path: Path, rng: Rng) -> None:
    """Write numbers with exponents."""
    _cells(
        path, rng, lambda cell: cell if "e" in cell.lower() or not cell else f"{cell}E+00",
        numeric=True,
    )  # fmt: skip


def whole_as_decimals(path: Path, rng: Rng) -> None:
    """Write whole numbers with a point, as tables with gaps do."""
    _cells(path, rng, lambda cell: f"{cell}.0" if cell.strip().isdecimal() else cell, numeric=True)


def other_digits(path: Path, rng: Rng) -> None:
    """Write numbers in digits of another script."""
    digits = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    _cells(path, rng, lambda cell: cell.translate(digits), numeric=True)


def underscored(path: Path, rng: Rng) -> None:
    """Group digits as programs do."""
    _cells(path, rng, lambda cell: f"0_{cell}" if cell.strip().isdecimal() else cell, numeric=True)


def no_number(path: Path, rng: Rng) -> None:
    """Say of a number that it is none."""
    word = str(rng.choice(["NaN", "inf", "-inf", "NA", "#N/A", "missing", "1e999"]))
    _cell(path, rng, lambda cell: word, numeric=True)


def in_units(path: Path, rng: Rng) -> None:
    """Write units behind numbers."""
    _cells(path, rng, lambda cell: f"{cell} s", numeric=True)


def negative(path: Path, rng: Rng) -> None:
    """Write a number with the other sign."""
    _cell(path, rng, lambda cell: cell[1:] if cell.startswith("-") else f"-{cell}", numeric=True)


def huge(path: Path, rng: Rng) -> None:
    """Write a number that is far too large."""
    _cell(path, rng, lambda cell: "1e30", numeric=True)


def thousandfold(path: Path, rng: Rng) -> None:
    """Write a column in units of a thousandth."""
    _cells(path, rng, lambda cell: f"{float(cell) * 1000:.6f}" if cell else cell, numeric=True)


FORMS: dict[str, Form] = {
    **forms(
        "table", EQUAL,
        columns_turned, column_more, index_column, rows_turned, with_mark, ends_of_windows, padded,
        exponents, whole_as_decimals, other_digits,
    ),
    **forms(
        "table", REFUSED,
        names_swapped, without_names, names_again, transposed, rows_twice, row_twice, without_rows,
        semicolons, other_separator, blanks, comment_first, decimal_commas, line_in_cell,
        underscored, no_number, in_units, name_of_another_case, name_with_blank,
    ),
    **forms("table", DIFFERENT, number_names_swapped, negative, huge, thousandfold),
}  # fmt: skip
QUOTED = {".csv": Form(quoted, EQUAL), ".tsv": Form(quoted, REFUSED)}
