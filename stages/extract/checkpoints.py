"""The checkpoints of a family, one by one: fetched, shown the stimuli, evaluated, released."""

import logging
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.activations.members import (
    PLACE,
    member_table,
    performance_table,
    write_members,
)
from stages.core.names.families import Member
from stages.core.names.run_name import AVERAGES
from stages.core.nets.course import weight_distances
from stages.core.nets.fingerprint import Fingerprint
from stages.core.nets.passport import examine
from stages.core.nets.source import find_source, release
from stages.core.run.errors import ConcordError
from stages.core.run.progress import progress
from stages.core.run.settings import read_settings
from stages.extract.member_passport import (
    PASSPORTS,
    Evaluate,
    Found,
    has_passport,
    is_drawn,
    read_passport,
    write_drawn,
    write_passport,
)

# How the name of every member ends.
MEMBER = re.compile(r"(.+-)?step[0-9]{6,}")

log = logging.getLogger("concord.extract")

Extract = Callable[[Member, Path], str | None]


def follow(
    members: Sequence[Member],
    extract: Extract,
    evaluate: Evaluate,
    shown: Mapping[str, Any],
    folder: Path,
) -> list[str]:
    """Extract every member of a family into its folder, and write what was found.

    Members that are done are kept, so that a run that was cut short, or one with more steps, goes
    on where the earlier one ended. Those that fail are named and left out. Of what is fetched, one
    checkpoint at a time is on the disk.

    Parameters
    ----------
    members : sequence of Member
        Of one family.
    extract : callable
        Writes a member's layers into its folder, or returns why it could not.
    evaluate : callable
        Measures a member's performance.
    shown : mapping
        What is shown and how: all but the model that determines the layers.
    folder : Path
        The family's.

    Returns
    -------
    list of str
        A line for each member that failed or was set aside.

    Raises
    ------
    ConcordError
        If none could be run.
    """
    named = progress(members, f"family {members[0].family}")
    found = [_one(member, extract, evaluate, shown, folder) for member in named]
    _remove_strangers(folder, members)
    if all(one.error for one in found):
        raise ConcordError(
            "no member could be run",
            where=f"params.yaml: families.{members[0].family}",
            expected=f"at least one of {len(members)} checkpoints",
            got=found[0].error,
        )
    aside = _inspect(members, found)
    table = _members(members, found, aside)
    write_members(folder, table, _performance(members, found))
    failed = [
        f"failed: {member.name}: {one.error}"
        for member, one in zip(members, found, strict=True)
        if one.error
    ]
    return failed + [f"set aside: {name}: {reason}" for name, reason in aside.items()]


def _inspect(members: Sequence[Member], found: Sequence[Found]) -> dict[str, str]:
    """Compare the weights of all members that ran, and say which are not what they should be."""
    ran = [(member, one) for member, one in zip(members, found, strict=True) if one.fingerprint]
    if not ran:
        return {}
    rows = [
        {"member": m.name, "size": m.size, "seed": m.seed, "weights": m.weights, "step": m.step}
        | {"digest": one.digest, "set_aside": one.fault}
        for m, one in ran
    ]
    runs: dict[tuple[str, int, str], list[tuple[str, Fingerprint]]] = {}
    # Averages lag behind, so that early steps of theirs are hardly apart.
    trained = [(member, one) for member, one in ran if member.weights not in AVERAGES]
    for member, one in sorted(trained, key=lambda pair: pair[0].step):
        assert one.fingerprint is not None  # noqa: S101 (for the checker of types)
        runs.setdefault(member.run, []).append((member.name, one.fingerprint))
    files = {member.name: one.files for member, one in ran}
    courses = [weight_distances(run) for run in runs.values()]
    table = examine(pd.DataFrame(rows), files, courses)
    aside = table[table["set_aside"] != ""]
    return dict(zip(aside["member"], aside["set_aside"], strict=True))


def _one(
    member: Member, extract: Extract, evaluate: Evaluate, shown: Mapping[str, Any], folder: Path
) -> Found:
    """Extract one member, or read what was found before."""
    if has_passport(member, shown, folder):
        return read_passport(folder, member)
    try:
        if is_drawn(member):
            error = extract(member, folder / member.name)
            if error is None:
                write_drawn(member, shown, folder)
        else:
            error = _fetched(member, extract, evaluate, shown, folder)
    except ConcordError as failure:
        error = str(failure)
    return Found(error=error) if error else read_passport(folder, member)


def _fetched(
    member: Member, extract: Extract, evaluate: Evaluate, shown: Mapping[str, Any], folder: Path
) -> str | None:
    """Fetch a checkpoint, extract it, and release it; returns why it could not be run."""
    source = find_source(member.spec)
    try:
        error = extract(member, folder / member.name)
        if error is None:
            write_passport(member, source, evaluate, shown, folder)
    finally:
        if not read_settings().keep:
            release(source)
    return error


def _remove_strangers(folder: Path, members: Sequence[Member]) -> None:
    """Remove what is left of members that the family has no more, by how their names end."""
    names = {member.name for member in members}
    for path in sorted(folder.glob("*step*")):
        if path.is_dir() and MEMBER.fullmatch(path.name) and path.name not in names:
            log.info("removed %s: no member of the family", path)
            shutil.rmtree(path)
    for path in sorted((folder / PASSPORTS).glob("*step*")):
        if path.stem not in names:
            path.unlink()


def _place(member: Member) -> dict[str, Any]:
    """Say where in its family a member stands: the columns `PLACE`."""
    return {"member": member.name} | {
        name: getattr(member, name) for name in PLACE if name != "member"
    }


def _members(
    members: Sequence[Member], found: Sequence[Found], aside: Mapping[str, str]
) -> pd.DataFrame:
    return member_table(
        [
            _place(member)
            | {
                "unit": member.unit,
                "string": member.spec.string,
                "parameters": one.parameters,
                "digest": one.digest,
                "error": one.error,
                "set_aside": aside.get(member.name, ""),
            }
            for member, one in zip(members, found, strict=True)
        ]
    )


def _performance(members: Sequence[Member], found: Sequence[Found]) -> pd.DataFrame:
    return performance_table(
        [
            _place(member) | {"measure": measure, "value": value}
            for member, one in zip(members, found, strict=True)
            for measure, value in one.performance.items()
        ]
    )
