"""Reading params.yaml, with a message for every fault."""

import difflib
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.core.params.schema import Params
from stages.core.run.errors import InputError, did_you_mean
from stages.core.run.files import require_file


def read_params(path: Path) -> Params:
    """Read and check params.yaml before any work.

    Raises
    ------
    InputError
        With every fault found: unknown keys (and the nearest known ones), wrong types,
        values out of range, missing keys, an unknown model.
    """
    require_file(path, "Run the command from the folder of the project.")
    try:
        content = YAML(typ="safe").load(path)
    except YAMLError as error:
        raise InputError(
            "unreadable YAML", where=path, got=str(error).replace("\n", " ")
        ) from error
    try:
        params = Params.model_validate(content)
    except ValidationError as error:
        faults = [_explain(fault) for fault in error.errors() if _is_primary(fault)]
        raise InputError("wrong parameters", where=path, got="; ".join(faults)) from error
    _ = params.model_spec, [params.zoo_spec(name) for name in params.zoo]
    return params


def _is_primary(fault: ErrorDetails) -> bool:
    """Whether a fault stands for itself: of the branches of `all | list`, one is enough."""
    branch = fault["loc"][-1:] in (("constrained-list",), ("list[str]",))
    return not branch or fault["type"] == "too_short"


def _explain(fault: ErrorDetails) -> str:
    """One fault, by key, in the project's grammar."""
    branches = {"constrained-list", "list[str]", "literal['all']"}
    location = [str(part) for part in fault["loc"] if str(part) not in branches]
    key = ".".join(location)
    given = fault.get("input")
    if not location:  # of several sections together
        return fault["msg"].removeprefix("Value error, ")
    match fault["type"]:
        case "extra_forbidden":
            hint = did_you_mean(location[-1], _section(location[:-1]).model_fields)
            return f"{key}: unknown key. {hint}"
        case "missing":
            return f"{key}: missing key"
        case "literal_error":
            options = [word.strip("' ") for word in _options(fault)]
            near = difflib.get_close_matches(str(given), options, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            return f"{key}: expected {' or '.join(options)}, got {given!r}{hint}"
        case _:
            return f"{key}: {fault['msg']}, got {given!r}"


def _options(fault: ErrorDetails) -> list[str]:
    expected = str(fault.get("ctx", {}).get("expected", ""))
    options = expected.replace(" or ", ",").split(",")
    return [*options, "a list of names"] if options == ["'all'"] else options


def _section(location: list[str]) -> type[BaseModel]:
    """Find the section that a path of keys leads to."""
    section: type[BaseModel] = Params
    for key in location:
        inner = section.model_fields[key].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            section = inner
    return section
