"""The models that params.yaml asks for: resolved, and refused where a study cannot use them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from stages.core.names.models import (
    WORDLESS,
    ModelSpec,
    check_folder_name,
    name_it,
    parse_model,
)
from stages.core.params.presets import MARK, preset_fault
from stages.core.run.errors import InputError, did_you_mean

TWIN = "+untrained"


def story_model(name: str, models: Mapping[str, str], use: str) -> ModelSpec:
    """Resolve a model that is shown a story.

    Parameters
    ----------
    name : str
        Of its folder and stage: a short name or a model string.
    models : mapping of str to str
        Model strings by short name.
    use : str
        What sets the parameter, such as `model=NAME`, for the advice.

    Raises
    ------
    InputError
        If it is unknown, cannot name a folder, or reads no words.
    """
    check_folder_name(name, use)
    spec = parse_model(name, models)
    if spec.scheme in WORDLESS:
        raise InputError(
            "model that reads no words",
            expected="a model of scheme hf, st, file, static or control",
            got=repr(name) if name == spec.string else f"{name!r} ({spec.string})",
        )
    return spec


def story_faults(zoo: Sequence[str], model: str | None, models: Mapping[str, str]) -> list[str]:
    """Say what is wrong with the further models of the story.

    Parameters
    ----------
    zoo : sequence of str
    model : str or None
        The model that is studied anyway, beside its twin; None if it is wrong itself.
    models : mapping of str to str
        Model strings by short name.
    """
    anyway = [] if model is None else [model, model + TWIN]
    seen = {parse_model(name, models).string: name for name in anyway}
    faults = []
    for name in zoo:
        if name.startswith(MARK):
            faults.append(preset_fault("story.zoo", name))
            continue
        try:
            string = story_model(name, models, "'story.zoo=[NAME]'").string
        except InputError as error:
            faults.append(f"story.zoo: {error}")
            continue
        if string in seen:
            same = "" if seen[string] == name else f"the same model as {seen[string]!r}, which is "
            faults.append(f"story.zoo: {name!r} is {same}studied anyway. Leave it out.")
        seen.setdefault(string, name)
    return faults


def zoo_faults(zoo: Sequence[str], models: Mapping[str, str], key: str = "zoo") -> list[str]:
    """Say what is wrong with the models of a zoo: each is a stage of its own, by short name.

    Parameters
    ----------
    zoo : sequence of str
    models : mapping of str to str
        Model strings by short name.
    key : str
        The parameter that lists the zoo.
    """
    faults = []
    for name in zoo:
        if name.startswith(MARK):
            faults.append(preset_fault(key, name))
        elif name not in models:
            known = f"Name it in `models` first. {did_you_mean(name, models)}"
            do = name_it(name, f"'{key}=[NAME]'") if re.search("[:/@]", name) else known
            faults.append(f"{key}: expected short names, got {name!r}. {do}")
    return faults


def language_faults(zoo: Sequence[str], models: Mapping[str, str]) -> list[str]:
    """Say what is wrong with the models of the language study, which must read words."""
    key = "language.zoo"
    faults = zoo_faults(zoo, models, key)
    for name in () if faults else zoo:
        try:
            story_model(name, models, f"'{key}=[NAME]'")
        except InputError as error:
            faults.append(f"{key}: {error}")
    return faults


def exception_faults(exceptions: Iterable[str], models: Mapping[str, str]) -> list[str]:
    """Say which models that read another number of words are none."""
    return [
        f"language.extract.exceptions: expected short names, got {name!r}. "
        f"{did_you_mean(name, models)}"
        for name in exceptions
        if name not in models
    ]


def twin_faults(words: Mapping[str, int], models: Mapping[str, str]) -> list[str]:
    """Say which untrained twins read another number of words than what they are held against.

    Parameters
    ----------
    words : mapping of str to int
        Words that each model of the zoo reads, by its short name, in the order of the zoo: the
        first trained model is the one that twins are held against.
    models : mapping of str to str
        Model strings by short name.
    """
    specs = {name: parse_model(name, models) for name in words}
    trained: dict[str, str] = {}
    for name, spec in specs.items():
        if spec.seed is None:
            trained.setdefault(spec.string, name)
    faults = []
    for name, spec in specs.items():
        other = trained.get(replace(spec, seed=None).string)
        if spec.seed is not None and other is not None and words[name] != words[other]:
            faults.append(
                f"language.extract.exceptions: expected as many words for {name!r} as for "
                f"{other!r}, whose untrained twin it is, got {words[name]} and {words[other]}: "
                f"what words add would pass for training. Set {{{name}: {words[other]}}}"
            )
    return faults
