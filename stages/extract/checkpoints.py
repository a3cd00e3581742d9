"""The checkpoints of a family, one by one: fetched, shown the stimuli, evaluated, released."""

import hashlib
import json
import logging
import math
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.activations.activations import is_whole
from stages.core.activations.members import member_table, performance_table, write_members
from stages.core.names.families import Member
from stages.core.nets.course import weight_distances
from stages.core.nets.fingerprint import (
    Fingerprint,
    read_fingerprint,
    take_fingerprint,
    write_fingerprint,
)
from stages.core.nets.initial import draw_initial, gpt_neox_spreads, initial_fault
from stages.core.nets.load import load_config
from stages.core.nets.passport import examine
from stages.core.nets.source import Source, find_source, is_timm_folder, release
from stages.core.nets.timm_models import timm_in
from stages.core.nets.training_checkpoint import read_checkpoint
from stages.core.nets.weight_files import files_digest, read_state, weight_files
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.files import read_json, sha256, write_json
from stages.core.run.progress import progress
from stages.core.run.settings import read_settings
from stages.extract.resume import EXTRACTION

# Folder of what is known of each checkpoint when its weights are gone.
PASSPORTS = "passports"
# How the name of every member ends.
MEMBER = re.compile(r"(.+-)?step[0-9]{6,}")

log = logging.getLogger("concord.extract")

Extract = Callable[[Member, Path], str | None]
Evaluate = Callable[[Source], dict[str, float]]


@dataclass(frozen=True)
class Found:
    """What was found at one checkpoint.

    Attributes
    ----------
    files : dict of str to str
        Digests of the files of its weights, by name.
    fault : str
        What shows that a step 0 is none.
    fingerprint : Fingerprint or None
        Of its weights; None if it could not be run.
    parameters : int
    performance : dict of str to float
        By measure.
    error : str
        Why it could not be run; empty if it could.
    """

    files: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    fingerprint: Fingerprint | None = None
    parameters: int = 0
    performance: dict[str, float] = field(default_factory=dict)
    error: str = ""

    @property
    def digest(self) -> str:
        """Of its weights, of one file or several."""
        return files_digest(self.files) if self.files else ""


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
    rows = [
        {"member": m.name, "size": m.size, "seed": m.seed, "weights": m.weights, "step": m.step}
        | {"digest": one.digest, "set_aside": one.fault}
        for m, one in ran
    ]
    runs: dict[tuple[str, int, str], list[tuple[str, Fingerprint]]] = {}
    # Averages lag behind, so that early steps of theirs are hardly apart.
    trained = [(member, one) for member, one in ran if member.weights != "ema"]
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
    if _is_kept(member, shown, folder):
        return _read_passport(folder, member)
    try:
        source = find_source(member.spec)
        try:
            error = extract(member, folder / member.name)
            if error is None:
                _write_passport(member, source, evaluate, shown, folder)
        finally:
            if not read_settings().keep:
                release(source)
    except ConcordError as failure:
        error = str(failure)
    return Found(error=error) if error else _read_passport(folder, member)


def _is_kept(member: Member, shown: Mapping[str, Any], folder: Path) -> bool:
    """Whether the same checkpoint is done, and whole; it is not fetched again to see.

    A branch of the hub is taken for what it was when it was fetched: its revision is recorded.
    Folders may have been written anew, so that they are looked at again.
    """
    path = _passport(folder, member)
    if not path.exists() or not path.with_suffix(".safetensors").exists():
        return False
    about = read_json(path, "Remove it.")
    same = about.get("request") == _request(member, shown)
    if not same or not is_whole(folder / member.name, about["key"]):
        return False
    return member.spec.scheme != "file" or about["revision"] == _revision(member)


def _passport(folder: Path, member: Member) -> Path:
    return folder / PASSPORTS / f"{member.name}.json"


def _revision(member: Member) -> str | None:
    try:
        return find_source(member.spec).revision
    except ConcordError:
        return None


def _request(member: Member, shown: Mapping[str, Any]) -> str:
    everything = {"model": member.spec.string, "shown": dict(shown), "version": EXTRACTION}
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def _write_passport(
    member: Member, source: Source, evaluate: Evaluate, shown: Mapping[str, Any], folder: Path
) -> None:
    """Write what is to be known of a checkpoint when its weights are gone."""
    files, state = _weights(source)
    path = _passport(folder, member)
    write_fingerprint(path.with_suffix(".safetensors"), take_fingerprint(state))
    about = read_json(folder / member.name / "activations.json", "Run again.")
    content = {
        "request": _request(member, shown),
        "key": about["key"],
        "revision": source.revision,
        "files": files,
        "fault": _start_fault(source, state) if member.step == 0 else "",
        "parameters": about["parameters"],
        "performance": _given(source) | evaluate(source),
    }
    write_json(path, content)


def _weights(source: Source) -> tuple[dict[str, str], Mapping[str, Any]]:
    """Read the digests of the files of weights, and the weights."""
    if source.part:
        state = read_checkpoint(source.folder, source.part).state
        return {source.folder.name: source.revision}, state
    files = weight_files(source.folder)
    return {file.name: sha256(file) for file in files}, read_state(files)


def _start_fault(source: Source, state: Mapping[str, Any]) -> str:
    """Say what shows that a step 0 was trained; or nothing."""
    if source.part:
        drawn = timm_in(source, seed=0).load().state_dict()
    else:
        drawn = draw_initial(source.folder, seed=0)
    others = []
    if not is_timm_folder(source.folder):
        config = load_config(source.folder)
        if config.model_type == "gpt_neox":
            others.append(gpt_neox_spreads(config, list(drawn)))
    fault = initial_fault(state, drawn, others)
    return f"no step 0: {fault}" if fault else ""


def _read_passport(folder: Path, member: Member) -> Found:
    path = _passport(folder, member)
    about = read_json(path, "Remove it.")
    taken = {name: about[name] for name in ("files", "fault", "parameters", "performance")}
    return Found(fingerprint=read_fingerprint(path.with_suffix(".safetensors")), **taken)


def _given(source: Source) -> dict[str, float]:
    """Read what the training measured on held-out material, where it says so."""
    path = source.folder / "evaluation.json"
    if not path.exists():
        return {}
    given = read_json(path, "Train again.")
    for name, value in given.items():
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise InputError(
                "wrong evaluation", where=path, expected=f"{name}: a number", got=value
            )
    return {name: float(value) for name, value in given.items()}


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
    return {
        "family": member.family,
        "member": member.name,
        "size": member.size,
        "seed": member.seed,
        "weights": member.weights,
        "step": member.step,
        "seen": member.seen,
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
