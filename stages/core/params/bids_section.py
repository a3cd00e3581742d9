"""What of a laboratory's own BIDS dataset is studied, and how it is read."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from stages.core.params.fields import InDataset, Name, Names, OptionalNames
from stages.core.params.section import Section


def _label(label: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9+]+", label):
        raise ValueError(f"expected letters and digits, as after the dash in a name, got {label!r}")
    return label


def _entity(key: str) -> str:
    if not re.fullmatch(r"[a-z]+", key):
        raise ValueError(f"expected the key of an entity, such as `res`, got {key!r}")
    return key


def _text(value: object) -> object:
    """Say how numbers and truth values become labels."""
    if isinstance(value, bool | int | float):
        raise ValueError(f'expected text, got {value!r}; quote it: "{str(value).lower()}"')
    return value


def _once(labels: list[str]) -> list[str]:
    if len(set(labels)) < len(labels):
        raise ValueError("expected each label once")
    return labels


Label = Annotated[Name, BeforeValidator(_text), AfterValidator(_label)]
Entity = Annotated[str, AfterValidator(_entity)]
Value = Annotated[str, Field(max_length=200), BeforeValidator(_text)]
Seconds = Annotated[float, Field(ge=-100_000, le=100_000)]


class Bids(Section):
    """A BIDS dataset: which runs, words or images, regions, and what leaves the responses."""

    derivative: InDataset
    space: Value
    words: InDataset
    column: Name
    offset: Literal["auto"] | Seconds
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    atlas: InDataset
    confounds: Literal["none", "motion6", "motion24", "compcor"] | Names
    incomplete: Literal["runs", "subjects"]
    repetition_time: Literal["auto"] | Annotated[float, Field(gt=0, le=60)]
    slice_reference: Literal["auto"] | Annotated[float, Field(ge=0, le=60)]
    dummies: Literal["auto"] | Annotated[int, Field(ge=0, le=1000)]
    betas: Label
    stimulus: Name
    tasks: Annotated[list[Label], Field(min_length=1, max_length=1000), AfterValidator(_once)]
    select: dict[Entity, Value]
    rows: dict[Name, OptionalNames]
