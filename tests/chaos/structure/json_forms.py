"""JSON whose values are of another kind, name or depth than they were."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.chaos.json_faults import places
from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Change, Form, Rng, forms
from tests.chaos.trial import UnfitError

PEOPLE = "subjects"  # of recording.json


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def replace_one(content: Any, rng: Rng, kind: type, other: Callable[[Any], Any]) -> None:
    """Put another value in the place of one of a kind, at any depth.

    Raises
    ------
    UnfitError
        If there is none, or it stays as it is.
    """
    found = []
    for at in places(content):
        holder = content
        for step in at[:-1]:
            holder = holder[step]
        if type(holder[at[-1]]) is kind and holder[at[-1]] not in ({}, []):
            found.append((holder, at[-1]))
    if not found:
        raise UnfitError
    holder, last = found[rng.integers(len(found))]
    made = other(holder[last])
    if made == holder[last] and type(made) is type(holder[last]):
        raise UnfitError
    holder[last] = made


def _change(name: str, kind: type, other: Callable[[Any], Any]) -> Change:
    def change(path: Path, rng: Rng) -> None:
        content = _load(path)
        replace_one(content, rng, kind, other)
        path.write_text(json.dumps(content))

    change.__name__ = name
    return change


def turned(value: Any) -> Any:
    """Turn the order of keys at every depth, but for people, who are studied in their order."""
    if isinstance(value, dict):
        return {key: value[key] if key == PEOPLE else turned(value[key]) for key in reversed(value)}
    return [turned(one) for one in value] if isinstance(value, list) else value


def keys_turned(path: Path, rng: Rng) -> None:
    """Write keys in another order."""
    path.write_text(json.dumps(turned(_load(path))))


def laid_out(path: Path, rng: Rng) -> None:
    """Write the same with other blanks, and letters as they are."""
    indent, ascii_only = (None, 1, "\t")[rng.integers(3)], bool(rng.integers(2))
    text = json.dumps(_load(path), indent=indent, ensure_ascii=ascii_only)
    path.write_text(f"\r\n {text}\n\n", encoding="utf-8", newline="")


def _doubled(path: Path, rng: Rng, *, same: bool) -> None:
    """Write a key of the outermost object twice."""
    content = _load(path)
    if not isinstance(content, dict) or not content:
        raise UnfitError
    key = list(content)[rng.integers(len(content))]
    other = content[key] if same else _another(content[key])
    text = json.dumps(content)
    path.write_text(text[:-1] + f", {json.dumps(key)}: {json.dumps(other)}}}")


def _another(value: Any) -> Any:
    """Make a value of the same kind that is another."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    return value[:-1] if isinstance(value, list) else {**value, "x": 1}


def key_doubled_same(path: Path, rng: Rng) -> None:
    """Write a key twice with the same value."""
    _doubled(path, rng, same=True)


def key_doubled_other(path: Path, rng: Rng) -> None:
    """Write a key twice, of which readers take either."""
    _doubled(path, rng, same=False)


def inside_another(path: Path, rng: Rng) -> None:
    """Put the whole one deeper."""
    path.write_text(json.dumps({"data": _load(path)}))


def key_of_another_case(path: Path, rng: Rng) -> None:
    """Write a key of the outermost object with another first letter."""
    content = _load(path)
    keys = [key for key in content if key[:1].isalpha()] if isinstance(content, dict) else []
    if not keys:
        raise UnfitError
    wrong = keys[rng.integers(len(keys))]
    renamed = {key.swapcase() if key == wrong else key: content[key] for key in content}
    path.write_text(json.dumps(renamed))


FORMS: dict[str, Form] = {
    **forms("json", EQUAL, keys_turned, laid_out, key_doubled_same),
    **forms(
        "json",
        REFUSED,
        key_doubled_other,
        inside_another,
        _change("number_as_text", int, str),
        _change("decimal_as_text", float, str),
        _change("number_in_list", int, lambda value: [value]),
        _change("number_nested", float, lambda value: {"value": value}),
        _change("text_in_list", str, lambda value: [value]),
        _change("text_nested", str, lambda value: {"name": value}),
        _change("list_for_mapping", dict, lambda value: list(value.values())),
        _change("mapping_in_list", dict, lambda value: [value]),
        _change("mapping_for_list", list, lambda value: dict(zip("abcdefgh", value, strict=False))),
        _change("first_for_list", list, lambda value: value[0]),
        _change("list_in_list", list, lambda value: [value]),
        _change("flag_as_text", bool, lambda value: str(value).lower()),
        _change("flag_as_number", bool, int),
    ),
    **forms("json", EQUAL, _change("number_as_decimal", int, float)),
    **forms("json", DIFFERENT, key_of_another_case),
}
