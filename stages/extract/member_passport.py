"""What is known of a checkpoint when its weights are gone: its passport, in the family's folder."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stages.core.activations.activations import is_whole
from stages.core.names.families import Member
from stages.core.names.models import CONTROL
from stages.core.names.run_name import FITTED
from stages.core.nets.fingerprint import (
    Fingerprint,
    read_fingerprint,
    take_fingerprint,
    write_fingerprint,
)
from stages.core.nets.initial import draw_initial, gpt_neox_spreads, initial_fault
from stages.core.nets.load import load_config
from stages.core.nets.source import Source, find_source, is_timm_folder
from stages.core.nets.training_checkpoint import read_checkpoint
from stages.core.nets.weight_files import files_digest, read_state, weight_files
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.files import lies_there, read_json, sha256, write_json
from stages.extract.resume import EXTRACTION

# Folder of the passports, in the family's.
PASSPORTS = "passports"
# How the names of batch statistics end.
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")

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
        Of its weights; None if it could not be run, or has none.
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


def has_passport(member: Member, shown: Mapping[str, Any], folder: Path) -> bool:
    """Whether the same checkpoint is done, and whole; it is not fetched again to see.

    A branch of the hub is taken for what it was when it was fetched: its revision is recorded.
    Folders may have been written anew, so that they are looked at again.
    """
    path = _passport(folder, member)
    sampled = is_drawn(member) or path.with_suffix(".safetensors").exists()
    if not path.exists() or not sampled:
        return False
    about = read_json(path, "Remove it.")
    same = about.get("request") == _request(member, shown)
    if not same or not is_whole(folder / member.name, about["key"]):
        return False
    return member.spec.scheme != "file" or about["revision"] == _revision(member)


def is_drawn(member: Member) -> bool:
    """Whether a member has no weights, but numbers that are drawn for what is shown."""
    return member.spec.scheme == CONTROL


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


def write_drawn(member: Member, shown: Mapping[str, Any], folder: Path) -> None:
    """Write the passport of a member without weights: it predicts nothing."""
    about = read_json(folder / member.name / "activations.json", "Run again.")
    nothing = {"revision": "", "files": {}, "fault": "", "parameters": 0, "performance": {}}
    content = {"request": _request(member, shown), "key": about["key"]}
    write_json(_passport(folder, member), content | nothing)


def write_passport(
    member: Member, source: Source, evaluate: Evaluate, shown: Mapping[str, Any], folder: Path
) -> None:
    """Write what is to be known of a checkpoint when its weights are gone.

    Raises
    ------
    ConcordError
        If the weights are unreadable, or what was evaluated is no number.
    """
    files, state = _weights(source)
    path = _passport(folder, member)
    write_fingerprint(path.with_suffix(".safetensors"), take_fingerprint(state))
    about = read_json(folder / member.name / "activations.json", "Run again.")
    content = {
        "request": _request(member, shown),
        "key": about["key"],
        "revision": source.revision,
        "files": files,
        "fault": _start_fault(member, source, state) if member.step == 0 else "",
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


def _start_fault(member: Member, source: Source, state: Mapping[str, Any]) -> str:
    """Say what shows that a step 0 was trained; or nothing.

    Batch statistics of weights that were calibrated show nothing.
    """
    others = []
    if source.part:
        from stages.core.nets.timm_models import timm_in  # noqa: PLC0415 (timm takes seconds)

        drawn = timm_in(source, seed=0).load().state_dict()
    else:
        drawn = draw_initial(source.folder, seed=0)
        if not is_timm_folder(source.folder):
            config = load_config(source.folder)
            if config.model_type == "gpt_neox":
                others.append(gpt_neox_spreads(config, list(drawn)))
    if member.weights in FITTED:
        drawn = {name: one for name, one in drawn.items() if not name.endswith(STATISTICS)}
    fault = initial_fault(state, drawn, others)
    return f"no step 0: {fault}" if fault else ""


def read_passport(folder: Path, member: Member) -> Found:
    """Read what `write_passport` wrote."""
    path = _passport(folder, member)
    about = read_json(path, "Remove it.")
    taken = {name: about[name] for name in ("files", "fault", "parameters", "performance")}
    if is_drawn(member):
        return Found(**taken)
    return Found(fingerprint=read_fingerprint(path.with_suffix(".safetensors")), **taken)


def _given(source: Source) -> dict[str, float]:
    """Read what the training measured on held-out material, where it says so."""
    path = source.folder / "evaluation.json"
    if not lies_there(path):
        return {}
    given = read_json(path, "Train again.")
    for name, value in given.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            expected = f"{name}: a number"
            raise InputError("wrong evaluation", where=path, expected=expected, got=value)
    return {name: float(value) for name, value in given.items()}
