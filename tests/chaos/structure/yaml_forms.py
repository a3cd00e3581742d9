"""params.yaml whose values are of another kind, or that says the same in other words."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.chaos.structure.form import EQUAL, REFUSED, Change, Form, Rng, forms
from tests.chaos.structure.json_forms import replace_one, turned


def _load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def _write(path: Path, content: Any, *, flow: bool = False) -> None:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = flow
    yaml.sort_base_mapping_type_on_output = False
    stream = io.StringIO()
    yaml.dump(content, stream)
    path.write_text(stream.getvalue())


def keys_turned(path: Path, rng: Rng) -> None:
    """Write sections and keys in another order."""
    _write(path, turned_keys(_load(path)))


def turned_keys(content: Any) -> Any:
    """Turn the order of sections, and of their keys; names that others are given keep theirs."""
    return {
        key: turned(value) if key not in ("models", "story", "scene") else value
        for key, value in reversed(content.items())
    }


def without_remarks(path: Path, rng: Rng) -> None:
    """Write the same without remarks."""
    _write(path, _load(path))


def in_braces(path: Path, rng: Rng) -> None:
    """Write the same in braces and brackets."""
    _write(path, _load(path), flow=True)


def documents(path: Path, rng: Rng) -> None:
    """Write a second document behind it."""
    path.write_text(path.read_text() + "\n---\nmodel: other\n")


def key_twice(path: Path, rng: Rng) -> None:
    """Write a section a second time."""
    content = _load(path)
    key = list(content)[rng.integers(len(content))]
    stream = io.StringIO()
    YAML(typ="safe").dump({key: content[key]}, stream)
    path.write_text(path.read_text() + "\n" + stream.getvalue())


def _change(name: str, kind: type, other: Callable[[Any], Any]) -> Change:
    """Put another value in the place of one of a kind."""

    def change(path: Path, rng: Rng) -> None:
        content = _load(path)
        replace_one(content, rng, kind, other)
        _write(path, content)

    change.__name__ = name
    return change


FORMS: dict[str, Form] = {
    **forms("yaml", EQUAL, keys_turned, without_remarks, in_braces),
    **forms(
        "yaml", REFUSED,
        documents,
        key_twice,
        _change("number_as_text", int, str),
        _change("decimal_as_text", float, str),
        _change("number_in_list", int, lambda value: [value]),
        _change("number_nested", float, lambda value: {"value": value}),
        _change("text_nested", str, lambda value: {"name": value}),
        _change("text_as_flag", str, lambda value: True),
        _change("flag_as_text", bool, lambda value: str(value).lower()),
        _change("flag_as_number", bool, int),
        _change("list_for_mapping", dict, lambda value: list(value.values())),
        _change("mapping_in_list", dict, lambda value: [value]),
        _change("mapping_for_list", list, lambda value: dict(enumerate(value))),
        _change("list_in_list", list, lambda value: [value]),
        _change("list_as_text", list, lambda value: ",".join(map(str, value))),
        _change("list_twice", list, lambda value: [*value, *value]),
        _change("one_deeper", dict, lambda value: {"values": value}),
        _change("fraction", int, lambda value: value + 0.5),
        _change("other_sign", int, lambda value: -value - 1),
    ),
}  # fmt: skip
