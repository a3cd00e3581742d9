"""Writing the models of a preset into params.yaml, whose comments stay where they are."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from stages.core.params.presets import MARK, Preset, string_or_name
from stages.core.params.read import read_params
from stages.core.params.studied import TWIN as UNTRAINED
from stages.core.run.errors import InputError
from stages.core.run.files import atomic

TWIN = "-untrained"
STORY = "story.zoo"
ZOOS = ("zoo", STORY, "language.zoo")


def marked(path: Path) -> list[str]:
    """Find the presets that the zoos of params.yaml list as `preset:NAME`, each once."""
    content = _writer().load(path)
    entries = [str(entry) for key in ZOOS for entry in _zoo(content, key)]
    names = [entry.removeprefix(MARK) for entry in entries if entry.startswith(MARK)]
    return list(dict.fromkeys(names))


def expand(path: Path, presets: Mapping[str, Preset]) -> dict[str, int]:
    """Name the models of presets in params.yaml, and list them; all or nothing is written.

    They take the place of `preset:NAME` in each zoo that has it, and where none has, of all of the
    preset's own. A model that a zoo has already, by whatever name, is not listed again.

    Parameters
    ----------
    path : Path
    presets : mapping of str to Preset
        By name.

    Returns
    -------
    dict
        Models of each zoo that was written, by its parameter.

    Raises
    ------
    InputError
        If a short name stands for another model already, or the parameters are wrong.
    """
    yaml = _writer()
    content = yaml.load(path)
    written = {}
    for name, preset in presets.items():
        _name(content["models"], preset.models, path)
        mark = MARK + name
        for key in [key for key in ZOOS if mark in _zoo(content, key)] or [preset.key]:
            zoo = _listed(content, key, mark, list(preset.models))
            section, last = _place(content, key)
            section[last] = zoo
            written[key] = len(zoo)
    with atomic(path) as partial:
        yaml.dump(content, partial)
        read_params(partial)
    return written


def with_twins(preset: Preset) -> Preset:
    """Add to each model its untrained twin, by the name that ends in `-untrained`."""
    pairs = [
        ((name, string), (name + TWIN, string + "+untrained"))
        for name, string in preset.models.items()
    ]
    return replace(preset, models=dict(entry for pair in pairs for entry in pair))


def _writer() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _place(content: CommentedMap, key: str) -> tuple[CommentedMap, str]:
    """Find the section that a parameter is in, and its name there."""
    *sections, last = key.split(".")
    for one in sections:
        content = content[one]
    return content, last


def _zoo(content: CommentedMap, key: str) -> CommentedSeq:
    section, last = _place(content, key)
    zoo = section[last]
    return zoo if isinstance(zoo, CommentedSeq) else CommentedSeq()


def _name(known: CommentedMap, models: Mapping[str, str], path: Path) -> None:
    """Add short names, each before the first key that no comment stands above."""
    for name, string in models.items():
        if known.get(name, string) != string:
            raise InputError(
                "short name of another model",
                where=f"{path}: models.{name}",
                expected=string,
                got=known[name],
                do="Give that one another name.",
            )
        if name not in known:
            keys = list(known)
            free = [place for place in range(1, len(keys)) if keys[place - 1] not in known.ca.items]
            known.insert(free[-1] if free else len(keys), name, string)


def _listed(content: CommentedMap, key: str, mark: str, names: list[str]) -> CommentedSeq:
    """List models in place of a mark, or alone, one a line; none that is there already."""
    zoo, models = _zoo(content, key), content["models"]
    kept: list[Any] = list(zoo) if mark in zoo else [mark]
    place = kept.index(mark)
    anyway = [content["model"], content["model"] + UNTRAINED] if key == STORY else []
    there = {string_or_name(str(name), models) for name in (*kept, *anyway)}
    others = [name for name in names if string_or_name(name, models) not in there]
    return CommentedSeq([*kept[:place], *others, *kept[place + 1 :]])
