"""Writing the models of a preset into params.yaml, whose comments stay where they are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from stages.core.params.presets import MARK
from stages.core.params.read import read_params
from stages.core.run.errors import InputError
from stages.core.run.files import atomic

TWIN = "-untrained"


def expand(path: Path, name: str, key: str, models: Mapping[str, str]) -> None:
    """Name models in params.yaml and list them as a zoo; nothing is written unless all is right.

    They take the place of `preset:NAME` where the list has it, and else of the whole list.

    Parameters
    ----------
    path : Path
    name : str
        Of the preset.
    key : str
        The parameter that lists the zoo.
    models : mapping of str to str
        Model strings by short name.

    Raises
    ------
    InputError
        If a short name stands for another model already, or the parameters are wrong.
    """
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = yaml.load(path)
    _name(content["models"], models, path)
    *sections, last = key.split(".")
    section = content
    for one in sections:
        section = section[one]
    section[last] = _listed(section[last], MARK + name, list(models))
    with atomic(path) as partial:
        yaml.dump(content, partial)
        read_params(partial)


def with_twins(models: Mapping[str, str]) -> dict[str, str]:
    """Add to each model its untrained twin, by the name that ends in `-untrained`."""
    pairs = [
        ((name, string), (name + TWIN, string + "+untrained")) for name, string in models.items()
    ]
    return dict(entry for pair in pairs for entry in pair)


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


def _listed(zoo: CommentedSeq, mark: str, names: list[str]) -> CommentedSeq:
    """List names in place of a mark, or alone, one a line."""
    kept: list[Any] = list(zoo) if mark in zoo else [mark]
    place = kept.index(mark)
    others = [name for name in names if name not in kept]
    return CommentedSeq([*kept[:place], *others, *kept[place + 1 :]])
