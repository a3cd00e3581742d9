"""The course of a run through the space of weights, and what breaks it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.nets.fingerprint import (
    Fingerprint,
    distance,
    kinship,
    length,
    shape_difference,
)

# A later checkpoint may be nearer to the start, by this factor: weights also shrink.
RETURN = 1.2
# How much longer the way from a step's predecessor to its successor is by way of the step. A
# random walk makes it 1.4; if all checkpoints are equally far from one another it is 2.
DETOUR = 3.0
# Steps that are not neighbours are the same where they are nearer than this share of the way that
# leads to the first of them, or from the last, and of that to a step between them: while the
# learning rate is next to nothing, all steps are near.
SAME = 0.05
# Below this, kinship with the start is chance (one-sided p = 3e-5).
KIN = 4.0


@dataclass(frozen=True)
class Course:
    """Where the checkpoints of a run are, from one another.

    Attributes
    ----------
    members : list of str
        In order of step; the first is the start.
    distances : ndarray, shape (n, n)
        Of their matrices, in lengths of the start's; NaN with another architecture.
    kinship : ndarray, shape (n,)
        Of each with the start; NaN of another architecture.
    architecture : list of str
        How it differs from the start's, or nothing.
    """

    members: list[str]
    distances: NDArray[np.float64]
    kinship: NDArray[np.float64]
    architecture: list[str]

    def only(self, members: Sequence[str]) -> "Course":
        """Keep some members, in their order; kinship is still with the start that was."""
        rows = [k for k, name in enumerate(self.members) if name in set(members)]
        return Course(
            [self.members[k] for k in rows],
            self.distances[np.ix_(rows, rows)],
            self.kinship[rows],
            [self.architecture[k] for k in rows],
        )

    def table(self) -> pd.DataFrame:
        """One row per member: distance to the start and to the predecessor, kinship.

        The start is its own predecessor.
        """
        n = np.arange(len(self.members))
        return pd.DataFrame(
            {
                "member": self.members,
                "to_start": self.distances[:1].ravel(),
                "to_previous": self.distances[n, np.maximum(n - 1, 0)],
                "kinship": self.kinship,
                "architecture": self.architecture,
            }
        )


def weight_distances(run: Iterable[tuple[str, Fingerprint]]) -> Course:
    """Measure how far the checkpoints of a run are from its start and from one another.

    Parameters
    ----------
    run : iterable of (member, Fingerprint)
        In order of step; the first is the start. All samples of the run are held, not its weights.
    """
    named = list(run)
    members, prints = [name for name, _ in named], [one for _, one in named]
    different = [shape_difference(one, prints[0]) for one in prints]
    kin = [np.nan if d else kinship(prints[0], p) for p, d in zip(prints, different, strict=True)]
    unit = length(prints[0]) if prints else 1.0
    distances = np.full((len(prints), len(prints)), np.nan)
    usable = [k for k, difference in enumerate(different) if not difference]
    for place, i in enumerate(usable):
        distances[i, i] = 0.0
        for j in usable[:place]:
            distances[i, j] = distances[j, i] = distance(prints[i], prints[j]) / (unit or 1.0)
    return Course(members, distances, np.array(kin, dtype=np.float64), different)


def course_faults(course: Course) -> dict[str, str]:
    """Find members that break the course of a run; returns reasons by member.

    In turn: another architecture; no kinship with the start (if no step has any, the start is set
    aside with them); two steps that are the same (both, since which is right cannot be known); a
    distance to the start that is not part of the longest rise of distances, up to `RETURN`; a
    detour of more than `DETOUR`. Each rule sees what the rules before it have left.
    """
    reasons = {
        name: f"another architecture: {one}"
        for name, one in zip(course.members, course.architecture, strict=True)
        if one
    }
    for rule in (_strangers, _same, _outside_rise, _detours):
        left = course.only([name for name in course.members if name not in reasons])
        reasons |= rule(left)
    return reasons


def _strangers(course: Course) -> dict[str, str]:
    reasons = {}
    for name, kin in list(zip(course.members, course.kinship, strict=True))[1:]:
        if kin < KIN:
            got = f"kinship {kin:.1f}, by chance below {KIN:g}"
            reasons[name] = f"does not descend from {course.members[0]} ({got})"
    if reasons and len(reasons) == len(course.members) - 1:
        reasons[course.members[0]] = "no later step descends from it"
    return reasons


def _same(course: Course) -> dict[str, str]:
    """Find steps with the same weights, to the bit or but for rounding."""
    far, names = course.distances, course.members
    reasons: dict[str, str] = {}
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            ways = [far[i - 1, i]] if i else []
            ways += [far[j, j + 1]] if j + 1 < len(names) else []
            between = slice(i + 1, j)
            away = np.minimum(far[i, between], far[between, j]).max(initial=0.0)
            if far[i, j] == 0 or far[i, j] < SAME * min([*ways, away]):
                reasons.setdefault(names[i], f"the same weights as {names[j]}")
                reasons.setdefault(names[j], f"the same weights as {names[i]}")
    return reasons


def _outside_rise(course: Course) -> dict[str, str]:
    to_start = course.distances[:1, 1:].ravel()
    return {
        name: f"distance {far:.3g} to the start, unlike its neighbours"
        for name, far, inside in zip(
            course.members[1:], to_start, in_longest_rise(to_start), strict=True
        )
        if not inside
    }


def _detours(course: Course) -> dict[str, str]:
    """Find members by way of which it is much further from their predecessor to their successor."""
    far, reasons = course.distances, {}
    for k in range(1, len(far) - 1):
        way, straight = far[k - 1, k] + far[k, k + 1], far[k - 1, k + 1]
        if way > DETOUR * straight:
            reasons[course.members[k]] = f"a detour of {way / straight:.3g} from its neighbours"
    return reasons


def in_longest_rise(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each value is part of every longest subsequence that does not fall.

    A value may be less than the one before it in the subsequence, by the factor `RETURN`.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Not negative.
    """
    n = len(values)
    follows = np.triu(values[None] * RETURN >= values[:, None], 1)
    ending, beginning = np.ones(n, dtype=int), np.ones(n, dtype=int)
    for k in range(n):
        ending[k] += ending[follows[:, k]].max(initial=0)
        last = n - 1 - k
        beginning[last] += beginning[follows[last]].max(initial=0)
    longest = ending + beginning - 1 == ending.max(initial=0)
    alone = np.bincount(ending[longest], minlength=n + 1)[ending] == 1
    return np.asarray(longest & alone)
