"""What can be wrong with a text of lines: a TextGrid, a colour table, a corpus, params.yaml."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.chaos.trial import UnfitError

Rng = np.random.Generator
VALUES = (
    "", "null", "nan", ".inf", "-1", "0", "1e308", "1e12", "abc", "[]", "{}", "[1, 1]", "true",
    "'1'", "!!python/object:os.system x", "*a", "1.5", "²", "../x", "<script>", "'\\x00'",
    "1" + 20 * "0", "~", "[.nan]", "[null]", "0x10", "1_000", "2020-01-01", "1:30", "on", "\u202e",
)  # fmt: skip


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n")


def drop_line(path: Path, rng: Rng) -> None:
    """Leave out a line."""
    lines = _lines(path)
    del lines[rng.integers(len(lines))]
    _write(path, lines)


def repeat_line(path: Path, rng: Rng) -> None:
    """Repeat a line."""
    lines = _lines(path)
    at = int(rng.integers(len(lines)))
    lines.insert(at, lines[at])
    _write(path, lines)


def swap_lines(path: Path, rng: Rng) -> None:
    """Let two lines trade places."""
    lines = _lines(path)
    a, b = rng.integers(len(lines), size=2)
    lines[a], lines[b] = lines[b], lines[a]
    _write(path, lines)


def number(path: Path, rng: Rng) -> None:
    """Put something odd in the place of a number."""
    text = path.read_text()
    found = list(re.finditer(r"-?\d+(\.\d+)?", text))
    if not found:
        raise UnfitError
    one = found[rng.integers(len(found))]
    values = ("-1", "nan", "inf", "1e308", "", "abc", "999999999999", "0", "²", "1,5", "0.0000001")
    path.write_text(text[: one.start()] + str(rng.choice(values)) + text[one.end() :])


def character(path: Path, rng: Rng) -> None:
    """Put another character somewhere."""
    text = path.read_text()
    at = int(rng.integers(len(text)))
    odd = ('"', "\t", "\x00", "\u2028", " ", ":", "-", "<", "\r", "#", "[", "'", "é")
    path.write_text(text[:at] + str(rng.choice(odd)) + text[at + int(rng.integers(2)) :])


def encoding(path: Path, rng: Rng) -> None:
    """Write it in another encoding."""
    text = path.read_text() + "é\n"
    path.write_bytes(text.encode(str(rng.choice(["latin-1", "utf-16", "utf-8-sig", "utf-32"]))))


def ends(path: Path, rng: Rng) -> None:
    """Write other ends of lines, and blanks behind lines."""
    end = str(rng.choice(["\r\n", "\r", " \n", "\n\n"]))
    path.write_bytes(end.join(_lines(path)).encode())


def one_line(path: Path, rng: Rng) -> None:
    """Keep a single line, or make all lines one."""
    lines = _lines(path)
    kept = [lines[rng.integers(len(lines))]] if rng.random() < 0.5 else [" ".join(lines)]
    _write(path, kept)


def yaml_value(path: Path, rng: Rng) -> None:
    """Put something odd in the place of a value."""
    lines = _lines(path)
    at = [k for k, one in enumerate(lines) if re.match(r"^\s*[\w-]+:\s*\S", one)]
    k = at[rng.integers(len(at))]
    key = lines[k].partition(":")[0]
    lines[k] = f"{key}: {VALUES[rng.integers(len(VALUES))]}"
    _write(path, lines)


def yaml_key(path: Path, rng: Rng) -> None:
    """Misspell a key."""
    lines = _lines(path)
    at = [k for k, one in enumerate(lines) if re.match(r"^\s*[\w-]+:", one)]
    k = at[rng.integers(len(at))]
    key, _, rest = lines[k].partition(":")
    place = int(rng.integers(len(key) - len(key.lstrip()), len(key)))
    lines[k] = (
        key[:place] + str(rng.choice(["x", "", "-", " ", "é"])) + key[place + 1 :] + ":" + rest
    )
    _write(path, lines)


def yaml_indent(path: Path, rng: Rng) -> None:
    """Indent a line otherwise."""
    lines = _lines(path)
    k = int(rng.integers(len(lines)))
    lines[k] = str(rng.choice([" ", "\t", "    "])) + lines[k]
    _write(path, lines)


def yaml_bomb(path: Path, rng: Rng) -> None:
    """Name a list of lists of lists by aliases."""
    names = [f"b{k}: &b{k} [{', '.join([f'*b{k - 1}'] * 9)}]" for k in range(1, 9)]
    _write(path, [*_lines(path), "b0: &b0 [x, x]", *names])


FAULTS: dict[str, Callable[[Path, Rng], None]] = {
    "text_drop_line": drop_line,
    "text_repeat_line": repeat_line,
    "text_swap_lines": swap_lines,
    "text_number": number,
    "text_character": character,
    "text_encoding": encoding,
    "text_ends": ends,
    "text_one_line": one_line,
}
YAML: dict[str, Callable[[Path, Rng], None]] = {
    **FAULTS,
    "yaml_value": yaml_value,
    "yaml_value_again": yaml_value,
    "yaml_value_more": yaml_value,
    "yaml_key": yaml_key,
    "yaml_indent": yaml_indent,
    "yaml_bomb": yaml_bomb,
}
UNKNOWABLE = {*FAULTS, *YAML} - {"yaml_bomb"}
