"""Each fault in params.yaml in the project's words: the key, what was expected, what came."""

import difflib
from collections.abc import Sequence
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from stages.core.params.fields import ALL_OR_NAMES, ALL_OR_NUMBERS, LIST
from stages.core.params.schema import Params
from stages.core.run.errors import did_you_mean

# Where parameters went.
MOVED = {
    "simulate": "story.simulate",
    "prepare": "story.prepare",
    "extract": "story.extract",
    "geometry": "align",
    "chance.shifts": "chance.draws",
    "profile.permutations": "profile.draws",
    "relate.resamples": "relate.draws",
    "relate.source": "a stage of its own: `dvc repro metrics/dvc.yaml:replicate`",
}
MOST = 30
DOTTED = "A short name with a dot is written into params.yaml by hand: -S parts it there."
_BRANCHES = (ALL_OR_NAMES, ALL_OR_NUMBERS, LIST, "[key]")


def explain_all(faults: Sequence[ErrorDetails]) -> str:
    """Put all faults in one line; beyond some thirty, say how many more there are."""
    lines = [explain(fault) for fault in faults[:MOST]]
    more = [f"and {len(faults) - MOST} more"] if len(faults) > MOST else []
    return " ".join("; ".join([*lines, *more]).split())


def explain(fault: ErrorDetails) -> str:
    """One fault, by key."""
    location = [str(part)[:80] for part in fault["loc"] if part not in _BRANCHES]
    key, given = ".".join(location), fault["input"]
    said = fault["msg"].removeprefix("Value error, ")
    match fault["type"]:
        case "faults":
            return said
        case "value_error":
            pass
        case "missing":
            said = "missing key"
        case "extra_forbidden":
            hint = did_you_mean(location[-1], _section(location[:-1]).model_fields)
            said = f"moved to {MOVED[key]}" if key in MOVED else f"unknown key. {hint}"
        case "literal_error":
            said = _choice(fault)
        case "model_type" | "dict_type":
            said = f"expected keys with values, got {shown(given)}"
        case "string_type" if isinstance(given, int | float):
            said = f'expected a name; quote it: "{shown(given)}"'
        case "string_type" if location[0] == "models" and isinstance(given, dict):
            said = f"expected a model string, got {shown(given)}. {DOTTED}"
        case _:
            said = f"{said}, got {shown(given)}"
    return f"{key}: {said}" if key else said


def shown(value: object) -> str:
    """Show a value in at most 80 characters."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _choice(fault: ErrorDetails) -> str:
    """Say what a value could have been."""
    branch = str(fault["loc"][-1])
    expected = str(fault.get("ctx", {}).get("expected", ""))
    options = [word.strip("' ") for word in expected.replace(" or ", ",").split(",")]
    near = difflib.get_close_matches(str(fault["input"])[:80], options, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    options = [branch.strip("<>")] if branch in _BRANCHES else options
    return f"expected {' or '.join(options)}, got {shown(fault['input'])}{hint}"


def _section(location: list[str]) -> type[BaseModel]:
    """Find the section that a path of keys leads to; some are found under names of the user's."""
    section: type[BaseModel] = Params
    keys = iter(location)
    for key in keys:
        inner = section.model_fields[key].annotation
        if get_origin(inner) is dict and next(keys, None) is not None:
            inner = get_args(inner)[1]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            section = inner
    return section
