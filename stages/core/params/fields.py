"""What a value of params.yaml may be: finite, within bounds, listed once, a name that is known."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from stages.core.names.datasets import ASSEMBLIES, STORIES
from stages.core.names.metrics import named_twice, parse_metric
from stages.core.names.models import check_short_name, parse_model
from stages.core.run.errors import InputError, did_you_mean

Listed = TypeVar("Listed", bound=list[Any])
Selected = Literal["all"] | list[str]
# The branches of a value that is `all` or a list; the first ones say what is expected.
ALL_OR_NAMES = "<all or a list of names>"
ALL_OR_NUMBERS = "<all or a list of numbers>"
LIST = "<list>"


def _told(check: Callable[[str], object]) -> AfterValidator:
    """Make what a parser of names has against one a fault among others."""

    def told(name: str) -> str:
        try:
            check(name)
        except InputError as error:
            raise ValueError(str(error)) from error
        return name

    return AfterValidator(told)


def _plain(text: str) -> str:
    """Refuse what would be markup in a page, or break a line of a message."""
    odd = [sign for sign in text if sign in "<>" or not sign.isprintable()]
    if odd:
        raise ValueError(f"expected neither < nor > nor control characters, got {odd[0]!r}")
    return text


def _inside(path: str) -> str:
    """Refuse a path that leads out of the folder that it is of."""
    if path.startswith(("/", "~")) or ".." in path.split("/") or "\\" in path:
        raise ValueError(f"expected a path within the dataset, got {path[:80]!r}")
    return path


def _person(name: str) -> str:
    if "/" in name or "\\" in name or name in (".", ".."):
        raise ValueError(f"expected the name of a subject, not a path, got {name[:80]!r}")
    return name


def _wide(millimetres: float) -> float:
    if 0 < millimetres < 0.5:
        raise ValueError(f"expected 0 or at least 0.5, in millimetres, got {millimetres:g}")
    return millimetres


def _once(values: Listed) -> Listed:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ValueError(f"{value!r} is there twice")
    return values


def _names(values: object) -> object:
    """Say how numbers become names."""
    if isinstance(values, list) and any(isinstance(value, int | float) for value in values):
        quoted = json.dumps([str(value) for value in values[:40]])
        cut = quoted if len(quoted) <= 80 else f"{quoted[:77]}..."
        raise ValueError(f"expected names, got numbers; quote them: {cut}")
    return values


def _recording(name: str) -> None:
    """Raise `InputError` unless a recording of words is known."""
    known = (*ASSEMBLIES, *STORIES)
    if name not in known:
        raise InputError("unknown recording", got=repr(name), do=did_you_mean(name, known))


def region_faults(regions: Selected, known: Sequence[str], key: str) -> list[str]:
    """Say which regions are not known, each with its place in the list."""
    unknown = [] if regions == "all" else [name for name in regions if name not in known]
    return [
        f"{key}.{regions.index(name)}: unknown region: got {name!r}. {_nearest(name, known)}"
        for name in unknown
    ]


def _nearest(region: str, known: Sequence[str]) -> str:
    same = [name for name in known if name.casefold() == region.casefold()]
    hint = did_you_mean(region, known)
    if same:
        return f"Did you mean {same[0]!r}?"
    if hint.startswith("Known"):
        return f"Known: {', '.join(known[:5])} and {len(known) - 5} more."
    return hint


def _period(seconds: float) -> float:
    if 0 < seconds < 10:
        hertz = f"; for {seconds:g} Hz write {1 / seconds:g}" if seconds < 1 else ""
        raise ValueError(f"expected 0 or at least 10, in seconds{hertz}, got {seconds:g}")
    return seconds


def _in_time(delays: list[float]) -> list[float]:
    """Refuse to leave what acts when it should out of what is taken away."""
    if 0 not in delays:
        raise ValueError(f"expected 0 among them, got {delays[:20]}")
    return delays


def _not_tiny(strength: float) -> float:
    if strength < 1e-12:
        raise ValueError(f"expected at least 1e-12, got {strength:g}")
    return strength


def _different(metrics: list[str]) -> list[str]:
    same = named_twice(metrics)
    if same:
        raise ValueError(f"{same[0]!r} and {same[1]!r} are the same metric")
    return metrics


Seed = Annotated[int, Field(ge=0, lt=2**32)]
Draws = Annotated[int, Field(ge=1, le=1_000_000)]
# Words, voxels, units, samples: more than any recording or network has is a slip of the hand.
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Words = Annotated[int, Field(ge=1, le=10_000)]
# Words in a passage; 0 for as many as there are and the model takes.
Context = Annotated[int, Field(ge=0, le=10_000)]
# In TRs.
Delay = Annotated[int, Field(ge=0, le=30)]
Delays = Annotated[list[Delay], Field(min_length=1), AfterValidator(_once)]
# In seconds.
_NuisanceDelay = Annotated[float, Field(ge=-10, le=30)]
NuisanceDelays = Annotated[
    list[_NuisanceDelay],
    Field(min_length=1, max_length=20),
    AfterValidator(_once),
    AfterValidator(_in_time),
]
Period = Annotated[float, Field(ge=0, le=100_000), AfterValidator(_period)]
Strength = Annotated[float, Field(gt=0, le=1e12), AfterValidator(_not_tiny)]

Smoothing = Annotated[float, Field(ge=0, le=50), AfterValidator(_wide)]

Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
InDataset = Annotated[Name, AfterValidator(_inside)]
_Named = TypeVar("_Named", bound=str)
_ListOf = Annotated[
    list[_Named],
    Field(min_length=1, max_length=1000),
    AfterValidator(_once),
    BeforeValidator(_names),
]
_AllOr = Annotated[
    Annotated[Literal["all"], Tag(ALL_OR_NAMES)] | Annotated[_ListOf[_Named], Tag(LIST)],
    Discriminator(lambda value: LIST if isinstance(value, list) else ALL_OR_NAMES),
]
Names = _ListOf[Name]
OptionalNames = Annotated[
    list[Name], Field(max_length=1000), AfterValidator(_once), BeforeValidator(_names)
]
Selection = _AllOr[Name]
People = _AllOr[Annotated[Name, AfterValidator(_person)]]
RecordingName = Annotated[Name, _told(_recording)]
Recordings = _ListOf[RecordingName]
ContextLengths = Annotated[
    list[Context], Field(min_length=1, max_length=100), AfterValidator(_once)
]
Metrics = Annotated[_ListOf[Annotated[Name, _told(parse_metric)]], AfterValidator(_different)]
ShortName = Annotated[Name, _told(check_short_name)]
ModelString = Annotated[
    str,
    Field(min_length=1, max_length=1000),
    AfterValidator(_plain),
    _told(lambda text: parse_model(text, {})),
]
_Sessions = Annotated[
    list[Annotated[int, Field(ge=1, le=40)]], Field(min_length=1), AfterValidator(_once)
]
Sessions = Annotated[
    Annotated[Literal["all"], Tag(ALL_OR_NUMBERS)] | Annotated[_Sessions, Tag(LIST)],
    Discriminator(lambda value: LIST if isinstance(value, list) else ALL_OR_NUMBERS),
]
