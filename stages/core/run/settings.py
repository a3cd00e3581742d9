"""How a stage runs: every CONCORD_* variable of the environment, read when it is asked for.

None of them changes a result; what can is in params.yaml. This is the only module of the project
that looks at the environment.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from stages.core.run.errors import InputError, did_you_mean

PREFIX = "CONCORD_"
GITHUB = "https://raw.githubusercontent.com"
GIB = 2**30


@dataclass(frozen=True)
class Settings:
    """What the environment says; each is the variable of the same name.

    Attributes
    ----------
    data_mirror : Path or None
        Folder with the public data, instead of the network.
    cache : Path or None
        Where downloaded files are kept; None for the user's cache folder.
    github_raw : str
        Server of the public files.
    store : str or None
        Address of the public assemblies; None for the one that each names.
    device : tuple of str
        Devices of PyTorch; empty to choose what is there.
    batch_tokens, batch_images : int or None
        Taken at once by a network; None for what suits the device.
    scratch : Path
        Folder for unfinished work.
    memory : int
        Bytes of working memory of one worker of the alignment, and of the null of encoding on one
        device (the variable is in GiB).
    jobs : int or None
        Parallel workers; None for one per core.
    keep : bool
        Whether checkpoints of the hub stay on the disk when they are done with.
    """

    data_mirror: Path | None
    cache: Path | None
    github_raw: str
    store: str | None
    device: tuple[str, ...]
    batch_tokens: int | None
    batch_images: int | None
    scratch: Path
    memory: int
    jobs: int | None
    keep: bool


NAMES = tuple(PREFIX + name.upper() for name in Settings.__dataclass_fields__)


def read_settings() -> Settings:
    """Read and check all settings; a text or path that is empty is not set.

    Raises
    ------
    InputError
        If a variable has a wrong value, or there is one whose name is unknown.
    """
    given = {name: text for name, text in os.environ.items() if name.startswith(PREFIX)}
    for name in given:
        if name not in NAMES:
            near = get_close_matches(name, NAMES, n=1, cutoff=0.8)
            do = did_you_mean(name, near or NAMES)
            raise _wrong("the environment", "a known name", name, do)
    mirror, cache = given.get("CONCORD_DATA_MIRROR"), given.get("CONCORD_CACHE")
    device = given.get("CONCORD_DEVICE")
    return Settings(
        data_mirror=Path(mirror) if mirror else None,
        cache=Path(cache) if cache else None,
        github_raw=given.get("CONCORD_GITHUB_RAW") or GITHUB,
        store=given.get("CONCORD_STORE") or None,
        device=tuple(name.strip() for name in device.split(",")) if device else (),
        batch_tokens=_count(given, "CONCORD_BATCH_TOKENS", "tokens per batch"),
        batch_images=_count(given, "CONCORD_BATCH_IMAGES", "images per batch"),
        scratch=Path(given.get("CONCORD_SCRATCH") or ".scratch"),
        memory=_bytes(given.get("CONCORD_MEMORY", "1")),
        jobs=_count(given, "CONCORD_JOBS", "a number of workers"),
        keep=_switch(given, "CONCORD_KEEP"),
    )


def settings_of_workers(asked: int | None, share: int) -> dict[str, str]:
    """Collect what one of several stages at once is told, on whatever machine it runs.

    Parameters
    ----------
    asked : int or None
        Threads of linear algebra, and workers of `parallel_map`; None for what the environment
        says.
    share : int
        Where it says nothing either.

    Returns
    -------
    dict of str to str
        Variables of the environment: threads, the settings of this module, and where programs are.
    """
    threads = ("OMP_NUM_THREADS", "CONCORD_JOBS")
    kept = {
        name: text
        for name, text in os.environ.items()
        if name.startswith(PREFIX) or name in ("OMP_NUM_THREADS", "PATH")
    }
    if asked is not None:
        return kept | dict.fromkeys(threads, str(asked))
    return dict.fromkeys(threads, str(share)) | kept


def environment_of_workers(told: Mapping[str, str]) -> dict[str, str]:
    """Lay what a stage is told over the environment of the machine that it runs on."""
    return os.environ | told


def _count(given: Mapping[str, str], name: str, expected: str) -> int | None:
    """Read a number of things, at least one; None where it is not set."""
    if name not in given:
        return None
    try:
        count = int(given[name])
    except ValueError:
        count = 0
    if count < 1:
        raise _wrong(name, expected, given[name])
    return count


def _switch(given: Mapping[str, str], name: str) -> bool:
    """Read 1 or 0; 0 where it is not set."""
    text = given.get(name) or "0"
    if text not in ("0", "1"):
        raise _wrong(name, "1 or 0", text)
    return text == "1"


def _bytes(given: str) -> int:
    """Read an amount of memory in GiB."""
    try:
        amount = float(given) * GIB
    except ValueError:
        amount = 0.0
    if not (math.isfinite(amount) and amount >= 1):
        raise _wrong("CONCORD_MEMORY", "GiB", given)
    return int(amount)


def _wrong(where: str, expected: str, got: str, do: str | None = None) -> InputError:
    return InputError("wrong setting", where=where, expected=expected, got=got or "nothing", do=do)
