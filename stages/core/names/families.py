"""Families of models: the checkpoints of a training, by a pattern, as models of their own."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from stages.core.names.models import ModelSpec, parse_model
from stages.core.run.errors import InputError, did_you_mean

# Places of a pattern, and the list that fills each.
LISTS = {"size": "sizes", "seed": "seeds", "weights": "weights", "step": "steps"}
PLACES = tuple(LISTS)
UNITS = ("tokens", "images")
# Whose published scores a family may have as its performance.
PUBLISHED = ("pythia", "mixnet")
# A grid of steps: from the first to the last, doubling or by equal distances.
GRID = re.compile(r"(?P<low>[0-9]{1,12})-(?P<high>[0-9]{1,12})(?P<by>\*2|\+[0-9]{1,12})")
MOST = 10_000
LAST = 2**40
_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Member:
    """One checkpoint of a family.

    Attributes
    ----------
    family : str
    spec : ModelSpec
        Its model string; the label is the member's name.
    size, weights : str
        As the family lists them; empty where it lists none.
    seed : int
        0 where the family lists none.
    step : int
        Updates before the checkpoint; 0 is before the first.
    seen : float
        Tokens or images seen until then.
    unit : str
        `tokens` or `images`.
    """

    family: str
    spec: ModelSpec
    size: str
    seed: int
    weights: str
    step: int
    seen: float
    unit: str

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.spec.label

    @property
    def run(self) -> tuple[str, int, str]:
        """What it shares with the other steps of its training."""
        return self.size, self.seed, self.weights


def expand_steps(steps: Sequence[int | str]) -> list[int]:
    """List the steps of a family: numbers, and grids such as `1-512*2` and `1000-143000+1000`.

    Raises
    ------
    InputError
        If a grid is not one, ends before it begins, or misses its own end; or if a step is there
        twice, below 0 or beyond `LAST`.
    """
    found: list[int] = []
    for given in steps:
        more = [given] if isinstance(given, int) else _grid(given)
        if len(found) + len(more) > MOST:
            raise InputError("too many steps", expected=f"at most {MOST}", got=f"{given!r} and on")
        found += more
    for step in found:
        if not 0 <= step <= LAST:
            raise InputError("step out of range", expected=f"0 to {LAST}", got=step)
    twice = sorted(step for step, count in Counter(found).items() if count > 1)
    if twice:
        raise InputError("step that is there twice", got=twice[0], do="Leave one of them out.")
    return sorted(found)


def _grid(text: str) -> Sequence[int]:
    found = GRID.fullmatch(text)
    expected = "a grid of steps such as 1-512*2 (doubling) or 1000-143000+1000"
    if not found:
        raise InputError("unknown steps", expected=expected, got=repr(text))
    low, high, by = int(found["low"]), int(found["high"]), found["by"]
    if by == "*2":
        steps: Sequence[int] = [low << k for k in range(64) if 0 < low << k <= high]
    else:
        steps = range(low, high + 1, int(by[1:]) or high + 1)
    if not steps or steps[-1] != high:
        got = f"{text!r}, which ends at {steps[-1] if steps else 'nothing'}"
        raise InputError("steps that miss their end", expected=expected, got=got)
    return steps


def check_pattern(pattern: str, listed: Sequence[str]) -> None:
    """Raise `InputError` unless a pattern has a place for each list, and a list for each place.

    Parameters
    ----------
    pattern : str
        A model string with places such as `{seed}` and `{step}`.
    listed : sequence of str
        Those of `PLACES` that the family has a list for.
    """
    places = set(_PLACE.findall(pattern))
    for place in sorted(places - set(PLACES)):
        known = ", ".join(f"{{{name}}}" for name in PLACES)
        raise InputError(
            "unknown place in a pattern", expected=known, got=f"{{{place}}}",
            do=did_you_mean(place, PLACES),
        )  # fmt: skip
    for name in PLACES:
        if name in places and name not in listed:
            raise InputError("place without a list", where=pattern, expected=f"`{LISTS[name]}`")
        if name in listed and name not in places:
            raise InputError("list without a place", where=pattern, expected=f"{{{name}}} in it")


def expand(
    family: str,
    pattern: str,
    *,
    sizes: Sequence[str],
    seeds: Sequence[int],
    weights: Sequence[str],
    steps: Sequence[int],
    seen_per_step: float,
    unit: str,
) -> list[Member]:
    """Make the members of a family, by size, seed, weights and step.

    Parameters
    ----------
    family : str
    pattern : str
        Fit for the lists by `check_pattern`.
    sizes, seeds, weights : sequence
        Empty where the pattern has no such place.
    steps : sequence of int
    seen_per_step : float
        Tokens or images that one update sees.
    unit : str

    Raises
    ------
    InputError
        If what the pattern becomes is no model string.
    """
    numbers: Sequence[int | None] = seeds or [None]
    axes = product(sizes or [""], numbers, weights or [""], steps)
    return [
        Member(
            family,
            _spec(pattern, size, seed, weight, step),
            size,
            seed or 0,
            weight,
            step,
            step * seen_per_step,
            unit,
        )
        for size, seed, weight, step in axes
    ]


def _spec(pattern: str, size: str, seed: int | None, weights: str, step: int) -> ModelSpec:
    """Fill a pattern; the label is the member's name."""
    given = {"size": size, "seed": seed, "weights": weights, "step": step}
    string = _PLACE.sub(lambda found: str(given[found[1]]), pattern)
    parts = [size, f"seed{seed}" if seed is not None else "", weights, f"step{step:06d}"]
    name = "-".join(re.sub(r"[^A-Za-z0-9._]", "_", part) for part in parts if part)
    return parse_model(name, {name: string})
