"""TextGrids whose tiers or intervals are others than they were, in either format of Praat."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Form, Rng, forms
from tests.chaos.trial import UnfitError

BLOCK = re.compile(r"( +intervals \[\d+\]:\n +xmin = )(\S+)(\n +xmax = )(\S+)(\n +text = \".*\"\n)")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _words(text: str) -> list[re.Match[str]]:
    """Find intervals of words, but the last."""
    return [one for one in BLOCK.finditer(text) if not one[5].endswith('""\n')][:-1]


def _one(path: Path, rng: Rng, change: Callable[[str, str], tuple[str, str]]) -> None:
    """Change the times of one interval."""
    text = _text(path)
    found = _words(text)
    one = found[rng.integers(len(found))]
    start, end = change(one[2], one[4])
    made = f"{one[1]}{start}{one[3]}{end}{one[5]}"
    path.write_text(text[: one.start()] + made + text[one.end() :], encoding="utf-8")


def overlapping(path: Path, rng: Rng) -> None:
    """Let an interval end within the next one."""
    _one(path, rng, lambda start, end: (start, f"{float(end) + 0.04:.4f}"))


def backwards(path: Path, rng: Rng) -> None:
    """Let an interval end before it begins."""
    _one(path, rng, lambda start, end: (end, start))


def before_zero(path: Path, rng: Rng) -> None:
    """Let an interval begin before the recording."""
    _one(path, rng, lambda start, end: (f"-{start}", end))


def of_no_length(path: Path, rng: Rng) -> None:
    """Let an interval end where it begins."""
    _one(path, rng, lambda start, end: (start, start))


def _moved(path: Path, change: Callable[[float], float]) -> None:
    text = re.sub(
        r"(xm(?:in|ax) = )(\S+)", lambda found: f"{found[1]}{change(float(found[2])):.6f}",
        _text(path),
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")


def in_milliseconds(path: Path, rng: Rng) -> None:
    """Write times in milliseconds."""
    _moved(path, lambda time: 1000 * time)


def later(path: Path, rng: Rng) -> None:
    """Write all times a little later."""
    _moved(path, lambda time: time + 0.5)


def _tier(text: str) -> tuple[str, str]:
    """Cut the text before its one tier."""
    at = text.index("    item [1]:")
    return text[:at], text[at:]


def tier_renamed(path: Path, rng: Rng) -> None:
    """Call the one tier otherwise."""
    path.write_text(_text(path).replace('name = "word"', 'name = "ORT-MAU"'), encoding="utf-8")


def _two(path: Path, name: str) -> None:
    head, tier = _tier(_text(path))
    second = tier.replace("item [1]", "item [2]").replace('"word"', f'"{name}"')
    path.write_text(head.replace("\nsize = 1", "\nsize = 2") + tier + second, encoding="utf-8")


def second_tier(path: Path, rng: Rng) -> None:
    """Add a tier of other intervals."""
    _two(path, "phone")


def tier_twice(path: Path, rng: Rng) -> None:
    """Add a tier of the same name."""
    _two(path, "word")


def points_beside(path: Path, rng: Rng) -> None:
    """Add a tier of points."""
    head, tier = _tier(_text(path))
    points = (
        '    item [2]:\n        class = "TextTier"\n        name = "beats"\n        xmin = 0\n'
        "        xmax = 9\n        points: size = 1\n        points [1]:\n"
        '            number = 1.5\n            mark = "x"\n'
    )
    path.write_text(head.replace("\nsize = 1", "\nsize = 2") + tier + points, encoding="utf-8")


def points_for_intervals(path: Path, rng: Rng) -> None:
    """Say that the intervals are points."""
    path.write_text(_text(path).replace("IntervalTier", "TextTier"), encoding="utf-8")


def no_tier(path: Path, rng: Rng) -> None:
    """Keep what stands before the tier."""
    path.write_text(_tier(_text(path))[0].replace("\nsize = 1", "\nsize = 0"), encoding="utf-8")


def fewer_claimed(path: Path, rng: Rng) -> None:
    """Claim fewer intervals than there are."""
    _claimed(path, 0.5)


def more_claimed(path: Path, rng: Rng) -> None:
    """Claim more intervals than there are, as of a file that lacks its end."""
    _claimed(path, 2)


def _claimed(path: Path, share: float) -> None:
    text = re.sub(
        r"(intervals: size = )(\d+)", lambda one: f"{one[1]}{int(share * int(one[2]))}", _text(path)
    )
    path.write_text(text, encoding="utf-8")


def short_format(path: Path, rng: Rng) -> None:
    """Write values alone."""
    head, _, rest = _text(path).partition("xmin = ")
    values = re.findall(r'= (".*"|\S+)\n', f"xmin = {rest}")
    values.insert(2, "<exists>")
    path.write_text(head.rstrip("\n") + "\n\n" + "\n".join(values) + "\n", encoding="utf-8")


def wide_letters(path: Path, rng: Rng) -> None:
    """Write UTF-16 with its mark, as Praat does."""
    path.write_text(_text(path), encoding="utf-16")


def ends_of_windows(path: Path, rng: Rng) -> None:
    """End lines as Windows does."""
    path.write_bytes(_text(path).replace("\n", "\r\n").encode())


def binary(path: Path, rng: Rng) -> None:
    """Begin as Praat's binary format does."""
    path.write_bytes(b"ooBinaryFile\x08TextGrid" + path.read_bytes())


def intervals_turned(path: Path, rng: Rng) -> None:
    """Write intervals in another order."""
    text = _text(path)
    found = list(BLOCK.finditer(text))
    if not found:
        raise UnfitError
    path.write_text(text[: found[0].start()] + "".join(one[0] for one in reversed(found)))


FORMS: dict[str, Form] = {
    **forms(
        "textgrid", REFUSED,
        overlapping, backwards, before_zero, of_no_length, in_milliseconds, second_tier,
        tier_twice, points_for_intervals, no_tier, fewer_claimed, binary, intervals_turned,
    ),
    **forms(
        "textgrid", EQUAL,
        tier_renamed, points_beside, more_claimed, short_format, wide_letters, ends_of_windows,
    ),
    **forms("textgrid", DIFFERENT, later),
}  # fmt: skip
