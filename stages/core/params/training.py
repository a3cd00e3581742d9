"""The parameters of the networks that are trained here: everything that changes their weights."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from stages.core.names.families import expand_steps
from stages.core.names.run_name import SCENE_KINDS, STORY_KINDS, parse_run
from stages.core.params.fields import Count, Name, Names, Seed
from stages.core.params.section import Section
from stages.core.run.errors import InputError, did_you_mean

_MODEL = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)?")
_PART = r"-(mstd|mmax|inc|[mnwptdab])(\d{1,4}(\.\d{1,4})?|inf)"
_POLICY = re.compile(rf"(rand|augmix|original|originalr|v0|v0r|3a)({_PART})*")
_SIZE = re.compile(r"[a-z][a-z0-9_]{0,31}")


def _ascending(numbers: list[int]) -> list[int]:
    if any(low >= high for low, high in pairwise(numbers)):
        raise ValueError(f"expected ascending numbers, got {numbers}")
    return numbers


def _written_out(given: object) -> object:
    """Write grids such as `1-512*2` out as numbers; what is wrong otherwise is told later."""
    if not isinstance(given, list):
        return given
    try:
        parts = [expand_steps([one]) if isinstance(one, str) else [one] for one in given]
    except InputError as error:
        raise ValueError(str(error)) from error
    return [step for part in parts for step in part]


def _size(name: str) -> str:
    if not _SIZE.fullmatch(name):
        raise ValueError(f"expected lower-case letters, digits and _, got {name!r}")
    return name


Updates = Annotated[int, Field(ge=1, le=100_000_000)]
# Counted from 0, which is before the first; grids as of families' steps.
Kept = Annotated[
    list[Annotated[int, Field(ge=0, le=100_000_000)]],
    Field(max_length=1000),
    BeforeValidator(_written_out),
    AfterValidator(_ascending),
]
Rate = Annotated[float, Field(gt=0, le=100)]
Decay = Annotated[float, Field(ge=0, le=10)]
Part = Annotated[float, Field(ge=0, lt=1)]
HeldOut = Annotated[float, Field(gt=0, lt=1)]
Odds = Annotated[float, Field(ge=0, le=1)]


def _check_runs(runs: Sequence[str], kinds: Sequence[str], sizes: Sequence[str], own: str) -> None:
    """Raise `ValueError` unless runs are names of different trainings.

    Parameters
    ----------
    runs : sequence of str
    kinds, sizes : sequence of str
        As those of `parse_run`.
    own : str
        The size of a run that names none.
    """
    seen: dict[tuple[str, str, int], str] = {}
    for name in runs:
        try:
            run = parse_run(name, kinds, sizes, "runs")
        except InputError as error:
            raise ValueError(str(error)) from error
        which = (run.kind, run.size or own, run.seed)
        if which in seen:
            raise ValueError(f"runs: {name!r} is the same training as {seen[which]!r}")
        seen[which] = name


class NetworkSize(Section):
    """A transformer's depth and width; without heads, those of an LSTM."""

    layers: Annotated[int, Field(ge=1, le=1000)]
    width: Annotated[int, Field(ge=8, le=100_000)]
    heads: Annotated[int, Field(ge=0, le=1000)]

    @model_validator(mode="after")
    def _heads_that_turn(self) -> "NetworkSize":
        if self.heads and self.width % (8 * self.heads):
            raise ValueError(
                f"width expected to be a multiple of 8 · heads (a quarter of each head is rotated, "
                f"in pairs), got {self.width} and {self.heads}"
            )
        return self


class TrainStory(Section):
    """A language model of Pythia's architecture, or an LSTM, trained on a text."""

    runs: Names
    size: Name
    sizes: dict[Annotated[Name, AfterValidator(_size)], NetworkSize]
    vocabulary: Annotated[int, Field(ge=300, le=1_000_000)]
    held_out: HeldOut
    block: Annotated[int, Field(ge=8, le=100_000)]
    batch: Count
    steps: Updates
    keep: Kept
    lr: Rate
    warmup: Part
    floor: Part
    betas: Annotated[list[Part], Field(min_length=2, max_length=2)]
    eps: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Decay
    clip: Annotated[float, Field(ge=0, le=1e6)]
    precision: Literal["float32", "bfloat16"]

    @field_validator("sizes")
    @classmethod
    def _some_size(cls, sizes: dict[str, NetworkSize]) -> dict[str, NetworkSize]:
        if not sizes:
            raise ValueError("expected at least one size")
        return sizes

    @model_validator(mode="after")
    def _consistent(self) -> "TrainStory":
        if self.size not in self.sizes:
            do = did_you_mean(self.size, self.sizes)
            raise ValueError(f"size expected to be one of sizes, got {self.size!r}. {do}")
        _check_runs(self.runs, STORY_KINDS, list(self.sizes), self.size)
        if self.keep and self.keep[-1] > self.steps:
            raise ValueError(f"keep expected to end by steps ({self.steps}), got {self.keep[-1]}")
        return self


class Optimiser(Section):
    """How weights follow their gradients."""

    name: Literal["rmsproptf", "sgd", "adamw"]
    lr: Rate
    # Images of a batch to which `lr` belongs; 0 for any batch.
    lr_batch: Annotated[int, Field(ge=0, le=1_000_000)]
    momentum: Part
    alpha: Part
    eps: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Decay


class Schedule(Section):
    """How the learning rate goes."""

    name: Literal["step", "cosine", "constant"]
    per: Literal["epoch", "update"]
    decay_epochs: Annotated[float, Field(gt=0, le=100_000)]
    decay_rate: Annotated[float, Field(gt=0, le=1)]
    warmup_epochs: Annotated[int, Field(ge=0, le=100_000)]
    warmup_lr: Annotated[float, Field(ge=0, le=100)]
    min_lr: Annotated[float, Field(ge=0, le=100)]


class Augment(Section):
    """How training images are varied."""

    policy: Annotated[str, Field(max_length=100)]
    scale: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=2, max_length=2)]
    flip: Odds
    colour: Annotated[float, Field(ge=0, le=1)]
    erase: Odds
    erase_mode: Literal["const", "rand", "pixel"]
    interpolation: Literal["random", "bilinear", "bicubic"]

    @field_validator("scale")
    @classmethod
    def _ordered(cls, scale: list[float]) -> list[float]:
        if scale[0] > scale[1]:
            raise ValueError(f"expected the smaller part first, got {scale}")
        return scale

    @field_validator("policy")
    @classmethod
    def _known(cls, policy: str) -> str:
        if policy and not _POLICY.fullmatch(policy):
            raise ValueError(
                f"expected a policy of timm such as rand-m9-mstd0.5, or '' for none, got {policy!r}"
            )
        return policy


class Averaging(Section):
    """The exponential moving average of the weights; a decay of 0 for none."""

    decay: Part
    warmup: bool


class TrainScene(Section):
    """An image network of timm, trained on labelled images."""

    runs: Names
    model: Name
    size: Annotated[int, Field(ge=16, le=4096)]
    held_out: HeldOut
    split_seed: Seed
    batch: Annotated[int, Field(ge=2, le=1_000_000)]
    epochs: Annotated[int, Field(ge=1, le=100_000)]
    keep: Kept
    keep_epochs: Kept
    optimiser: Optimiser
    schedule: Schedule
    drop: Part
    drop_path: Part
    smoothing: Part
    augment: Augment
    crop: Annotated[float, Field(gt=0, le=1)]
    interpolation: Literal["bilinear", "bicubic"]
    ema: Averaging
    calibration: Annotated[int, Field(ge=0, le=100_000_000)]
    precision: Literal["float32", "bfloat16", "float16"]

    @field_validator("model")
    @classmethod
    def _named_as_by_timm(cls, model: str) -> str:
        if not _MODEL.fullmatch(model):
            raise ValueError(f"expected a model of timm, such as mixnet_s, got {model!r}")
        return model

    @model_validator(mode="after")
    def _consistent(self) -> "TrainScene":
        _check_runs(self.runs, SCENE_KINDS, (), "")
        if self.keep_epochs and self.keep_epochs[-1] > self.epochs:
            got = self.keep_epochs[-1]
            raise ValueError(f"keep_epochs expected to end by epochs ({self.epochs}), got {got}")
        if 0 < self.calibration < self.batch:
            raise ValueError(
                f"calibration expected to be 0, or at least batch ({self.batch}), "
                f"got {self.calibration}"
            )
        warmup = self.schedule.warmup_epochs
        if warmup > self.epochs:
            raise ValueError(
                f"schedule.warmup_epochs expected at most epochs ({self.epochs}), got {warmup}"
            )
        if self.schedule.min_lr > self.optimiser.lr:
            raise ValueError(
                f"schedule.min_lr expected at most optimiser.lr ({self.optimiser.lr:g}), "
                f"got {self.schedule.min_lr:g}"
            )
        return self


class SimulateTraining(Section):
    """The simulated text and pictures to train on."""

    seed: Seed
    words: Annotated[int, Field(ge=1000, le=100_000_000)]
    pictures: Count
    side: Annotated[int, Field(ge=16, le=4096)]


# A folder of data/raw.
Folder = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$")]


class Train(Section):
    """The networks that are trained here."""

    text: Folder
    images: Folder
    simulate: SimulateTraining
    story: TrainStory
    scene: TrainScene
