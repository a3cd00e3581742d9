"""What simulated brains are known to follow: `truth.json`, read and checked."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from stages.core.run.files import read_json
from stages.core.run.shapes import check_shape

# The last part of a layer's name is its place.
Layer = Annotated[str, Field(pattern=r"\d$")]


class _ByLayer(BaseModel):
    driver: Literal["layer"]
    layer: Layer


class _ByFeatures(BaseModel):
    driver: Literal["features"]
    features: list[str]


class _ByNothing(BaseModel):
    driver: Literal["nothing"]


class _ByModel(BaseModel):
    driver: Literal["vision", "language"]
    model: str
    layer: Layer


class _Features(BaseModel):
    planted: list[str]
    absent: list[str]


class _Story(BaseModel):
    regions: dict[
        str, Annotated[_ByLayer | _ByFeatures | _ByNothing, Field(discriminator="driver")]
    ]
    features: _Features


class _Scene(BaseModel):
    regions: dict[str, Annotated[_ByModel | _ByNothing, Field(discriminator="driver")]]


SHAPES: dict[str, TypeAdapter[Any]] = {"story": TypeAdapter(_Story), "scene": TypeAdapter(_Scene)}


def read_truth(path: Path, study: Literal["story", "scene"]) -> dict[str, Any]:
    """Read what was planted.

    Returns
    -------
    dict
        `regions`, each with its `driver` and what belongs to it; of stories `features`, those
        `planted` in the text and those `absent` from it.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or of another form.
    """
    do = f"Run `dvc repro simulate_{study}`."
    content = read_json(path, do)
    check_shape(content, SHAPES[study], path, "wrong truth", do, strict=True)
    return content
