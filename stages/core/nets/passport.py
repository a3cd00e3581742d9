"""The passport of a family of checkpoints: which of them are not what their names say.

Public repositories serve late weights under the names of early steps, another run's weights, or
weights of another step. Such a checkpoint looks like any other, and bends a curve. Every rule here
sets it aside by name, with the reason, before any curve is drawn; which of two that are the same is
the right one cannot be known from the weights, so that both are set aside.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pandas as pd

from stages.core.nets.course import Course, course_faults


def examine(
    members: pd.DataFrame,
    files: Mapping[str, Mapping[str, str]] | None = None,
    courses: Iterable[Course] = (),
) -> pd.DataFrame:
    """Set aside the members of a family that are not what their names say.

    Parameters
    ----------
    members : DataFrame
        Columns member, size, seed, weights, step, digest ("" where there are no weights), and, if
        any are set aside already, `set_aside`, the reason.
    files : mapping of str to mapping of str to str, optional
        By member, the digests of its files of weights by name: a shard may be another's.
    courses : iterable of Course, optional
        Of each run; members that are set aside already or by their digests are left out of it.

    Returns
    -------
    DataFrame
        The members with the column `set_aside`, "" where nothing is wrong.
    """
    given = members.get("set_aside", pd.Series("", index=members.index))
    reasons = dict(zip(members["member"].astype(str), given.astype(str), strict=True))
    for found in (_without_weights(members), copies(members, files)):
        reasons = {name: reason or found.get(name, "") for name, reason in reasons.items()}
    for course in courses:
        left = course.only([name for name in course.members if not reasons[name]])
        reasons |= course_faults(left)
    return members.assign(set_aside=members["member"].map(reasons).astype(str))


def _without_weights(members: pd.DataFrame) -> dict[str, str]:
    return dict.fromkeys(members.loc[members["digest"] == "", "member"], "no weights")


def copies(
    members: pd.DataFrame, files: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """Find members with the same weights, or a file in common; returns reasons by member.

    Weights as trained and their moving average may be the same at a step: one begins as the other.
    """
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for member, digest in zip(members["member"], members["digest"], strict=True):
        inside = dict((files or {}).get(member, {})) if digest else {}
        for name, one in ({"": digest} | (inside if len(inside) > 1 else {})).items():
            if one:
                holders[one, name].append(member)
    places = members.set_index("member")[["size", "seed", "step"]].apply(tuple, axis=1)
    reasons: dict[str, str] = {}
    for (_, name), same in holders.items():
        for member in same:
            others = [other for other in same if places[other] != places[member]]
            if others:
                reasons.setdefault(member, f"the same {name or 'weights'} as {_listed(others)}")
    return reasons


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
