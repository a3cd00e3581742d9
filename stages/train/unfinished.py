"""A training run on disk while it is unfinished, so that a killed one goes on where it was.

Everything lies in a folder of CONCORD_SCRATCH until the run is whole: the state after some update
(`state.pt`, opened as data) and the checkpoints so far. They are moved to their place at the end.
"""

import hashlib
import json
import logging
import pickle
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from stages.core.run.errors import InputError
from stages.core.run.files import atomic
from stages.core.run.settings import read_settings

STATE = "state.pt"
STEP = re.compile(r"step[0-9]+")
log = logging.getLogger("concord.train")


def work_folder(out: Path) -> Path:
    """Folder of the unfinished run that will be `out`."""
    key = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:16]
    return read_settings().scratch / "train" / f"{out.name}-{key}"


def save_state(folder: Path, about: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write the state, atomically, with everything that determines the run."""
    with atomic(folder / STATE) as partial, partial.open("wb") as stream:  # which says what failed
        torch.save({"about": json.dumps(about, sort_keys=True), **state}, stream)


def load_state(folder: Path, about: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read the state of an unfinished run, if there is one.

    Parameters
    ----------
    folder : Path
    about : mapping
        Everything that determines the run, as flat JSON.

    Raises
    ------
    InputError
        If the unfinished run was another one, with the differences named.
    """
    path = folder / STATE
    if not path.is_file():
        return None
    do = f"Set back what has changed, or remove {folder} to begin anew."
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        before = json.loads(state["about"])
    except (OSError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError) as error:
        got = str(error).partition("\n")[0]
        raise InputError("unreadable state of training", where=path, got=got, do=do) from error
    changed = differences(before, json.loads(json.dumps(about)))
    if changed:
        raise InputError("another run is unfinished", where=folder, got="; ".join(changed), do=do)
    log.info("%s: going on after update %d", folder, state["step"])
    return state


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name what differs between two descriptions of a run."""
    nothing = "nothing"
    return [
        f"{key} was {before.get(key, nothing)}, is {now.get(key, nothing)}"
        for key in sorted({*before, *now})
        if before.get(key, nothing) != now.get(key, nothing)
    ]


def flatten(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten nested parameters: `optimiser.lr` and so on."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        name = f"{prefix}{key}"
        flat |= flatten(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return flat


def check_place(out: Path) -> None:
    """Raise `InputError` if a run would replace anything but an earlier run."""
    inside = out.iterdir() if out.is_dir() else ()
    others = sorted(path.name for path in inside if not STEP.fullmatch(path.name))
    if others or out.is_file():
        raise InputError(
            "not a folder of checkpoints",
            where=out,
            expected="folders step0, step1 and so on, or nothing",
            got=others[0] if others else "a file",
            do="Name another folder.",
        )


def finish(folder: Path, out: Path) -> None:
    """Move the checkpoints of a whole run to their place, and forget the rest."""
    (folder / STATE).unlink(missing_ok=True)
    if out.exists():
        shutil.rmtree(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder, out)
