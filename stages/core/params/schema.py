"""The parameters of the study: read, checked as a whole, handed out by the slice."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stages.core.names.models import ModelSpec, parse_model
from stages.core.run.errors import InputError, did_you_mean

Natural = Annotated[int, Field(ge=0)]


Positive = Annotated[int, Field(ge=1)]


Names = Annotated[list[str], Field(min_length=1)]


class Section(BaseModel):
    """A block of params.yaml: typed, immutable, no defaults, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SimulateStory(Section):
    """The simulated brains of readers."""

    seed: Natural
    subjects: Annotated[int, Field(ge=1, le=8)]
    context: Positive
    signal: Annotated[float, Field(ge=0, le=10)]
    autocorrelation: Annotated[float, Field(ge=0, lt=1)]


class PrepareStory(Section):
    """From raw files to recordings."""

    subjects: Literal["all"] | Names
    detrend: bool
    high_pass: Annotated[float, Field(ge=0)]
    smoothing: Annotated[float, Field(ge=0, le=50)]


class ExtractStory(Section):
    """How words are shown to the model and what is kept."""

    presentation: Literal["context", "window"]
    context: Positive
    pooling: Literal["last", "mean", "sum"]
    attention: bool


class Story(Section):
    """Which recording of words is studied, how it is made, and which models are shown it."""

    dataset: Literal["simulated", "wehbe", "alice", "naturalstories"]
    simulate: SimulateStory
    prepare: PrepareStory
    extract: ExtractStory
    zoo: list[str]


class Folds(Section):
    """Cross-validation."""

    scheme: Literal["auto", "runs", "blocks"]
    blocks: Annotated[int, Field(ge=2)]
    gap: Natural


class Lambdas(Section):
    """A logarithmic grid of regularisation strengths."""

    low: Annotated[float, Field(gt=0)]
    high: Annotated[float, Field(gt=0)]
    count: Positive

    @model_validator(mode="after")
    def _ordered(self) -> "Lambdas":
        if self.low > self.high:
            raise ValueError(f"low <= high expected, got {self.low} > {self.high}")
        return self


class Ridge(Section):
    """Regularised regression."""

    lambdas: Lambdas


class Chance(Section):
    """The circular-shift null."""

    draws: Positive
    seed: Natural


class Decode(Section):
    """Brain to linguistic features."""

    regions: Literal["all"] | Names
    min_voxels: Positive
    downsample: Literal["glover", "window"]
    delay: Natural
    parcels: Annotated[float, Field(gt=0, le=100)]
    screening: Annotated[float, Field(gt=0, le=100)]
    lambdas: Lambdas
    choice: Literal["held_out", "leave_one_out"]
    parcel_weights: Literal["shared", "copied"]


class Probe(Section):
    """Layers to linguistic features."""

    downsample: Literal["glover", "window"]


class Profile(Section):
    """Regions beside layers."""

    draws: Positive
    seed: Natural


class Encode(Section):
    """Layers to brain."""

    targets: Literal["region", "voxel"]
    regions: Literal["all"] | Names
    min_voxels: Positive
    downsample: Literal["glover", "window"]
    delays: Annotated[list[Natural], Field(min_length=1)]


class SimulateScene(Section):
    """The simulated release in the layout of NSD."""

    seed: Natural
    subjects: Annotated[int, Field(ge=1, le=8)]
    shared: Annotated[int, Field(ge=1, le=1000)]
    own: Annotated[int, Field(ge=1, le=9000)]
    signal: Annotated[float, Field(ge=0, le=10)]

    @model_validator(mode="after")
    def _whole_sessions(self) -> "SimulateScene":
        if (self.shared + self.own) % 250:
            raise ValueError(
                f"shared + own expected to be a multiple of 250, the images of a session, "
                f"got {self.shared + self.own}"
            )
        return self


class ExtractScene(Section):
    """How images and captions are shown to the zoo and what is kept."""

    vision: Literal["flattened", "pooled"]
    pooling: Literal["last", "mean"]
    template: Literal["chat", "plain"]
    units: Annotated[int, Field(ge=2)]
    whole: Natural
    seed: Natural


class Scene(Section):
    """Which images and brains are studied, and how models see them."""

    dataset: Literal["nsd-simulated", "nsd", "kriegeskorte2008"]
    subjects: Literal["all"] | Names
    sessions: Literal["all"] | Annotated[list[Positive], Field(min_length=1)]
    regions: Literal["all"] | Names
    simulate: SimulateScene
    extract: ExtractScene


class Align(Section):
    """Layers beside regions."""

    metrics: Names
    min_voxels: Positive
    draws: Positive
    seed: Natural
    width: Positive


class Survey(Section):
    """What the alignments of all models say together."""

    metric: str
    bins: Annotated[int, Field(ge=2)]
    neighbours: Annotated[int, Field(ge=2)]
    seed: Natural


class Relate(Section):
    """Alignment beside performance and size."""

    source: Literal["zoo", "brainalign"]
    draws: Annotated[int, Field(ge=100)]
    seed: Natural


class Params(Section):
    """The whole of params.yaml."""

    model: str
    models: dict[str, str]
    zoo: Names
    story: Story
    scene: Scene
    folds: Folds
    ridge: Ridge
    chance: Chance
    decode: Decode
    probe: Probe
    profile: Profile
    encode: Encode
    align: Align
    survey: Survey
    relate: Relate

    @property
    def model_spec(self) -> ModelSpec:
        """The model of the story study, resolved through the short names."""
        return parse_model(self.model, self.models)

    def zoo_spec(self, name: str) -> ModelSpec:
        """Resolve a model of the zoo, by its short name.

        Raises
        ------
        InputError
            If the zoo has no such model.
        """
        if name not in self.zoo:
            do = did_you_mean(name, self.zoo)
            raise InputError("not in the zoo", where="params.yaml: zoo", got=repr(name), do=do)
        return parse_model(name, self.models, key="zoo")

    @model_validator(mode="after")
    def _zoo_of_short_names(self) -> "Params":
        for name in self.zoo:
            if self.zoo.count(name) > 1:
                raise ValueError(f"zoo: {name!r} is there twice")
            if name not in self.models:
                raise ValueError(
                    f"zoo: expected short names, got {name!r}. Name it in `models` first. "
                    + did_you_mean(name, self.models)
                )
            if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
                raise ValueError(f"zoo: expected letters, digits, `_` or `-`, got {name!r}")
        if self.survey.metric not in self.align.metrics:
            raise ValueError(
                f"survey.metric: expected one of align.metrics, got {self.survey.metric!r}. "
                + did_you_mean(self.survey.metric, self.align.metrics)
            )
        return self
