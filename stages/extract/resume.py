"""Unfinished work on disk, so that an interrupted extraction goes on where it stopped.

Passages are computed in shards. Each is saved with all its layers in the folder
`CONCORD_SCRATCH/<key>/` (default `.scratch/`), and at the end the shards are gathered
into one file per layer. The key names everything that determines the result. Not the code: DVC
knows which code made a layer, and `EXTRACTION` says when it began to make other numbers.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from stages.core.params.schema import Section
from stages.core.run.errors import ConcordError
from stages.core.run.files import atomic
from stages.core.run.settings import read_settings

# Raised by hand when the same model and stimuli begin to give other numbers, so that unfinished
# work of before is not gone on with (tests/extract/test_extraction_version.py pins the numbers).
EXTRACTION = 2

log = logging.getLogger("concord.extract")


def extraction_key(settings: Section, **content: object) -> str:
    """SHA-256 of everything that determines the result, `EXTRACTION` included.

    Parameters
    ----------
    settings : Section
        Of params.yaml.
    **content
        What else does: the model, its revision, the digest of the stimuli and the like.
    """
    everything = settings.model_dump() | content | {"version": EXTRACTION}
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def shard_paths(key: str, n_passages: int, size: int) -> list[Path]:
    """Name the shards of an extraction, `size` passages each; a key may be a path."""
    folder = read_settings().scratch / key
    n_shards = -(-n_passages // size)
    return [folder / f"shard_{k:04d}.safetensors" for k in range(n_shards)]


def write_shard(
    path: Path, layers: dict[str, NDArray[np.float32]], about: dict[str, object]
) -> None:
    """Write one shard, atomically, with what is to be known about its layers."""
    with atomic(path) as partial:
        save_file(layers, partial, {"about": json.dumps(about)})


def has_shard(path: Path) -> bool:
    """Whether a finished shard lies there."""
    try:
        with safe_open(path, "numpy") as file:
            return "about" in (file.metadata() or {})
    except (FileNotFoundError, SafetensorError):
        return False


def shards_about(paths: Sequence[Path], where: object) -> dict[str, Any]:
    """Read what the shards say about their layers.

    Parameters
    ----------
    paths : sequence of Path
    where : object
        The model, for messages.

    Raises
    ------
    ConcordError
        If they do not say the same, so that a layer changed from some stimuli to others.
    """
    first, *others = (_shard_about(path) for path in paths)
    for other in others:
        if (other["units"], other["widths"]) != (first["units"], first["widths"]):
            raise ConcordError(
                "layers that change from batch to batch",
                where=where,
                expected=first["widths"],
                got=other["widths"],
                do="Use another model.",
            )
    return first


def _shard_about(path: Path) -> dict[str, Any]:
    with safe_open(path, "numpy") as file:
        about: dict[str, Any] = json.loads(file.metadata()["about"])
    return about


def gather_layer(paths: Sequence[Path], name: str, order: NDArray[np.int64]) -> NDArray[np.float32]:
    """Put one layer together.

    Parameters
    ----------
    paths : sequence of Path
        The shards.
    name : str
    order : ndarray of int, shape (n_passages,)
        The passage that each row of the shards, taken together, belongs to.

    Returns
    -------
    ndarray, shape (n_passages, n_units)
    """
    values = np.empty((0, 0), dtype=np.float32)
    start = 0
    for path in paths:
        with safe_open(path, "numpy") as file:
            part = file.get_tensor(name)
        if start == 0:
            values = np.empty((len(order), part.shape[1]), dtype=np.float32)
        values[order[start : start + len(part)]] = part
        start += len(part)
    return values


def remove_stale(folder: Path, names: Sequence[str]) -> None:
    """Remove what an earlier extraction left: layers of a deeper model, files cut short."""
    current = {folder / f"{name}.safetensors" for name in names}
    for path in sorted({*folder.glob("*.safetensors"), *folder.glob(".*.partial")} - current):
        log.info("removed %s: left by an earlier extraction", path)
        path.unlink()
