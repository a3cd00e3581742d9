"""Families of checkpoints: patterns that stand for many models."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from stages.core.names.families import LISTS, MOST, Member, check_pattern, expand, expand_steps
from stages.core.params.fields import Name, OptionalNames, Seed
from stages.core.params.section import Section
from stages.core.run.errors import InputError, did_you_mean

# The family that is made of the study's own model: see the stage plant_family.
PLANTED = "planted"


def _once(values: list[int]) -> list[int]:
    if len(set(values)) < len(values):
        raise ValueError(f"expected each number once, got {values}")
    return values


class Family(Section):
    """The checkpoints of a training, at several sizes, seeds, weights and steps."""

    pattern: Annotated[str, Field(min_length=1, max_length=1000)]
    unit: Literal["tokens", "images"]
    # Tokens or images that one update sees.
    seen: Annotated[float, Field(gt=0, le=1e12)]
    sizes: OptionalNames
    seeds: Annotated[list[Seed], Field(max_length=1000), AfterValidator(_once)]
    weights: OptionalNames
    steps: Annotated[list[int | str], Field(min_length=1, max_length=1000)]
    # A family that is trained alike on what cannot be learnt; '' for none.
    control: Annotated[str, Field(max_length=100)]
    # Whose published scores stand beside what is measured; '' for nobody's.
    published: Literal["", "pythia", "mixnet"]

    @model_validator(mode="after")
    def _members_are_models(self) -> "Family":
        try:
            check_pattern(self.pattern, [one for one, name in LISTS.items() if getattr(self, name)])
            axes = (self.sizes, self.seeds, self.weights, expand_steps(self.steps))
            count = math.prod(len(axis) or 1 for axis in axes)
            if count > MOST:
                raise ValueError(f"expected at most {MOST} members, got {count}")
            names = [member.name for member in self.members("family")]
        except InputError as error:
            raise ValueError(str(error)) from error
        if len(set(names)) < len(names):
            raise ValueError("two members have the same name: sizes that differ in signs only")
        return self

    def members(self, name: str) -> list[Member]:
        """Make the members, by size, seed, weights and step."""
        return expand(
            name,
            self.pattern,
            sizes=self.sizes,
            seeds=self.seeds,
            weights=self.weights,
            steps=expand_steps(self.steps),
            seen_per_step=self.seen,
            unit=self.unit,
        )


class PlantFamily(Section):
    """The family whose course is planted."""

    seed: Seed
    seeds: Annotated[int, Field(ge=1, le=1000)]
    # Octaves: by how much seeds differ, the scale of the logistic curves, and how much later than
    # the middle layer the loss falls.
    spread: Annotated[float, Field(ge=0, le=10)]
    width: Annotated[float, Field(gt=0, le=10)]
    lead: Annotated[float, Field(ge=-10, le=10)]
    steps: Annotated[list[Annotated[int, Field(ge=0, le=2**40)]], Field(min_length=2)]

    @model_validator(mode="after")
    def _steps_ascend(self) -> "PlantFamily":
        if any(low >= high for low, high in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError(f"steps expected to ascend, got {self.steps}")
        return self


def _not_planted(name: str) -> str:
    if name == PLANTED:
        raise ValueError(f"{PLANTED!r} is the family of `story.plant`; expected another name")
    return name


FamilyName = Annotated[Name, Field(pattern=r"^[A-Za-z0-9_-]+$"), AfterValidator(_not_planted)]


def control_faults(families: Mapping[str, Family]) -> list[str]:
    """Say which controls of families are none."""
    faults = []
    for name, family in families.items():
        control, key = family.control, f"families.{name}.control"
        if not control:
            continue
        if control not in families:
            do = did_you_mean(control, families)
            faults.append(f"{key}: unknown family {control!r}. {do}")
        elif control == name or families[control].control:
            faults.append(f"{key}: expected a family that has no control itself, got {control!r}")
        elif families[control].unit != family.unit:
            expected = f"a family that counts {family.unit}"
            faults.append(f"{key}: expected {expected}, got {families[control].unit}")
    return faults


def family_faults(asked: Sequence[str], families: Mapping[str, Family], key: str) -> list[str]:
    """Say which families a study asks for that there are not, or without their controls."""
    unknown = [
        f"{key}: unknown family {name!r}. {did_you_mean(name, families)}"
        for name in asked
        if name not in families
    ]
    controls = {name: families[name].control for name in asked if name in families}
    return unknown + [
        f"{key}: {name!r} without its control {control!r}. "
        f"List it too, or set families.{name}.control to ''"
        for name, control in controls.items()
        if control and control not in asked
    ]
